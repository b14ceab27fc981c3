"""Written, confirmed, looked at, taken back: the pages of mail, and the command beside them."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Allowance, Connection, Mail, MailState, Purpose, Seed
from clients.sending import identities
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import actions, signed_in, text_of
from tests.clients.sending.mailing import JAN, MAYA, account_of, mail_of, times_left, worked

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(cast: Cast) -> Connection:
    """Without a vendor behind it."""
    return account_of(cast)


def written(cast: Cast, **values: Any) -> dict[str, Any]:
    [identity] = identities.of(cast.acme)
    return {
        "identity": identity.value, "to": "one@there.example, Two@there.example\nTWO@there.example", "subject": "Hello",
        "text": "A word.\r\nAnd one more.", "when": "now", "zone": "Europe/Berlin", "batch": str(uuid.uuid4()), **values,
    }  # fmt: skip


def test_it_is_shown_whom_it_reaches_before_anything_is_stored(cast: Cast, post: Connection, mo: Browser) -> None:
    Allowance.objects.create(connection=post, identity=MAYA, daily_cap=60, remaining=1)
    page = text_of(mo.post(reverse("mail-new", args=["acme"]), written(cast)))

    assert "Send 2 mails?" in page
    assert f"<strong>{MAYA}</strong>" in page
    assert "1 of 60 left today" in page
    assert "goes on after midnight UTC" in page
    assert "one@there.example" in page
    assert "Two@there.example" in page
    assert not Mail.objects.exists()
    assert not actions()


def test_confirmed_twice_it_is_asked_for_once(cast: Cast, post: Connection, mo: Browser) -> None:
    data = written(cast, confirm="yes", reason="Autumn")
    for _ in range(2):
        answer = mo.post(reverse("mail-new", args=["acme"]), data)
        assert (answer.status_code, answer["Location"]) == (302, reverse("client-mails", args=["acme"]))

    assert [(mail.to, mail.text, mail.actor, mail.reason) for mail in Mail.objects.order_by("pk")] == [
        ("one@there.example", "A word.\nAnd one more.", "Mo", "Autumn"),
        ("Two@there.example", "A word.\nAnd one more.", "Mo", "Autumn"),
    ]
    assert actions() == ["mail.asked"]


def test_what_the_confirmation_carries_is_what_was_written(cast: Cast, post: Connection, mo: Browser) -> None:
    data = written(cast, html="<b>A word.</b>", when="later", at="2027-01-04T09:00")
    page = text_of(mo.post(reverse("mail-new", args=["acme"]), data))
    assert "4 Jan 2027, 09:00 Europe/Berlin" in page
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))

    assert hidden["batch"] == data["batch"]
    assert hidden["html"] == "&lt;b&gt;A word.&lt;/b&gt;"
    assert {"identity", "to", "subject", "text", "when", "at", "zone"} <= set(hidden)
    again = text_of(mo.post(reverse("mail-new", args=["acme"]), {**data, "edit": "yes"}))
    assert "A word." in again
    assert "Send 2" not in again


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"to": "nobody"}, "is no e-mail address"),
        ({"to": ",".join(f"p{n}@there.example" for n in range(101))}, "at most 100 at once"),
        ({"subject": "Hello\nBcc: x@y.example"}, "one line"),
        ({"when": "later"}, "When?"),
        ({"when": "later", "at": "2020-01-01T09:00"}, "that time is over"),
        ({"identity": "other"}, "Select a valid choice"),
        ({"text": " "}, "required"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(
    cast: Cast, post: Connection, mo: Browser, values: dict[str, str], words: str
) -> None:
    answer = mo.post(reverse("mail-new", args=["acme"]), written(cast, confirm="yes", **values))

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Mail.objects.exists()


def test_another_clients_identity_is_none_of_ours(cast: Cast, post: Connection, mo: Browser) -> None:
    [other] = identities.of(cast.birch)
    assert other.handle == JAN
    assert mo.post(reverse("mail-new", args=["acme"]), written(cast, identity=other.value, confirm="yes")).status_code == 422
    mail = mail_of(cast.birch)
    Mail.objects.update(conversation="conv_1")
    assert mo.get(reverse("mail-new", args=["acme"]), {"reply": str(mail.uuid)}).status_code == 404
    assert mo.get(reverse("mail-new", args=["acme"]), {"reply": "x"}).status_code == 404


def test_a_reply_stays_in_its_conversation(cast: Cast, post: Connection, mo: Browser) -> None:
    mail = mail_of(cast.acme)
    Mail.objects.update(conversation="conv_1", state=MailState.ACCEPTED, finished_at=mail.created_at)
    address = reverse("mail-new", args=["acme"]) + f"?reply={mail.uuid}"
    data = {"text": "One more.", "when": "now", "zone": "UTC", "batch": str(uuid.uuid4()), "confirm": "yes"}
    assert mo.post(address, data).status_code == 302

    reply = Mail.objects.get(purpose=Purpose.REPLY)
    assert (reply.to, reply.subject, reply.reply_to, reply.identity) == (mail.to, "", "conv_1", MAYA)


def test_a_probe_goes_to_seeds_of_each_mailbox_provider(cast: Cast, post: Connection, mo: Browser) -> None:
    watched = connect(cast.north, key="seeds-live-0123", client=cast.acme)
    for provider in ("gmail", "outlook"):
        for number in range(2):
            status = "active" if number == 0 else "paused"
            Seed.objects.create(
                connection=watched, email=f"{provider}{number}@seeds.example", mailbox_provider=provider, status=status
            )
    page = text_of(mo.get(reverse("mail-new", args=["acme"]) + "?seeds=1"))
    assert "gmail0@seeds.example,\noutlook0@seeds.example</textarea>" in page
    assert "Write to seeds" in text_of(mo.get(reverse("client-seeds", args=["acme"])))

    mo.post(reverse("mail-new", args=["acme"]) + "?seeds=1", written(cast, to="gmail0@seeds.example", confirm="yes"))
    assert Mail.objects.get().purpose == Purpose.PROBE


def test_a_mail_that_waits_is_taken_back_on_its_page(cast: Cast, post: Connection, mo: Browser) -> None:
    mail = mail_of(cast.acme)
    page = text_of(mo.get(reverse("mail", args=[mail.uuid])))
    assert "Take it back" in page
    assert "Take it back" not in text_of(signed_in(cast.ben).get(reverse("mail", args=[mail.uuid])))

    answer = mo.post(reverse("mail-cancel", args=[mail.uuid]), follow=True)
    assert "is taken back" in text_of(answer)
    assert "can&#x27;t be taken back" in text_of(mo.post(reverse("mail-cancel", args=[mail.uuid]), follow=True))
    assert actions() == ["mail.asked", "mail.cancelled"]


def test_the_list_costs_the_same_for_one_mail_and_for_fifty(cast: Cast, post: Connection, mo: Browser) -> None:
    counts = []
    for number in (1, 49):
        for each in range(number):
            mail_of(cast.acme, f"{number}-{each}@there.example")
        with CaptureQueriesContext(database) as found:
            page = text_of(mo.get(reverse("client-mails", args=["acme"])))
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert page.count("there.example</a>") == 50


def test_the_list_is_narrowed_and_taken_along(cast: Cast, post: Connection, mo: Browser) -> None:
    mail_of(cast.acme, "one@there.example", subject="=SUM(1)")
    cancelled = mail_of(cast.acme, "two@there.example")
    Mail.objects.filter(pk=cancelled.pk).update(state=MailState.CANCELLED, finished_at=cancelled.created_at)
    mail_of(cast.birch, "birchs@there.example")
    page = text_of(mo.get(reverse("client-mails", args=["acme"]), {"status": "cancelled"}))
    file = b"".join(
        mo.get(reverse("client-mails-export", args=["acme", "mails"]), {"status": "queued"}).streaming_content
    ).decode()

    assert "two@there.example" in page
    assert "one@there.example" not in page
    assert "'=SUM(1)" in file
    assert len(file.splitlines()) == 2
    assert "birchs" not in file


def test_the_tab_is_there_where_somebody_may_send(cast: Cast, mo: Browser) -> None:
    address = reverse("client-mails", args=["acme"])
    assert f'href="{address}"' not in text_of(mo.get(reverse("client", args=["acme"])))
    assert "Nobody may send" in text_of(mo.get(address))
    account_of(cast)
    assert f'href="{address}"' in text_of(mo.get(reverse("client", args=["acme"])))


def test_a_mail_of_a_vanished_worker_says_so(cast: Cast, post: Connection, mo: Browser) -> None:
    mail = mail_of(cast.acme)
    Mail.objects.update(due_at=mail.due_at - timedelta(minutes=2))
    assert "Is it running?" in text_of(mo.get(reverse("mail", args=[mail.uuid])))


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("send", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_and_with_apply_sends(cast: Cast, account: Connection, box: Sandbox, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("A word.")
    told = ("one@there.example", "ops-1@there.example", "--client", "acme", "--subject", "Hello", "--text", str(text))

    assert "Nothing is sent yet" in command(*told)
    assert not Mail.objects.exists()
    assert "one@there.example: taken by the vendor." in command(*told, "--apply")
    assert times_left(box) == {"one@there.example": 1, "ops-1@there.example": 1}
    later = command(*told, "--at", "2027-01-04T09:00", "--zone", "Asia/Tokyo", "--apply")
    assert "4 Jan 2027, 09:00 Asia/Tokyo" in later
    assert Mail.objects.filter(state=MailState.SCHEDULED).count() == 2


def test_the_command_says_what_is_wrong(cast: Cast, account: Connection, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("A word.")
    told = ("--client", "acme", "--subject", "Hello", "--text", str(text))
    with pytest.raises(CommandError, match="no e-mail address"):
        command("nobody", *told)
    with pytest.raises(CommandError, match="--identity: one of"):
        command("one@there.example", *told, "--identity", JAN)
    with pytest.raises(CommandError, match="can't be read"):
        command("one@there.example", *told[:-1], str(tmp_path / "none"))


def test_a_rejected_mail_fails_the_command(cast: Cast, account: Connection, box: Sandbox, tmp_path: Path) -> None:
    box.change(f"harbour/{MAYA}", account.vendor, state="suspended")
    text = tmp_path / "letter.txt"
    text.write_text("A word.")
    with pytest.raises(CommandError, match="1 of 1 did not leave"):
        command("one@there.example", "--client", "acme", "--subject", "Hello", "--text", str(text), "--apply")


def test_a_failed_mail_is_tried_again_on_its_page(cast: Cast, account: Connection, box: Sandbox, mo: Browser) -> None:
    mail = mail_of(cast.acme)
    account.scopes.filter(value=MAYA).update(client=cast.birch)
    assert worked(mail).state == MailState.FAILED
    account.scopes.filter(value=MAYA).update(client=cast.acme)
    assert "Try again" in text_of(mo.get(reverse("mail", args=[mail.uuid])))
    mo.post(reverse("mail-again", args=[mail.uuid]))
    assert worked(mail).state == MailState.ACCEPTED
