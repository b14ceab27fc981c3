"""Recipients as they are typed or pasted, each with a timezone of their own; and when each one's mail leaves."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from clients.dispatching import hand_out_mails
from clients.models import Connection, Mail, MailState
from clients.sending import asking, identities, recipients
from clients.sending.recipients import BadLine
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import newest_entry, signed_in, text_of
from tests.clients.sending.mailing import times_left, worked

NOW = "2026-11-20T12:00:00Z"
TO = "ann@there.example, Europe/Berlin\nbob@there.example\ncyd@there.example, asia/tokyo"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a@x.example, b@x.example;c@x.example d@x.example", ["a", "b", "c", "d"]),
        ("a@x.example, Europe/Berlin\n\nb@x.example", ["a Europe/Berlin", "b"]),
        ("a@x.example Europe/Berlin", ["a Europe/Berlin"]),
        ("a@x.example,\nb@x.example,", ["a", "b"]),
        ("a@x.example;america/new york", ["a America/New_York"]),
        ("A@x.example\na@x.example, Asia/Tokyo", ["A Asia/Tokyo"]),
        ("Email,First name,Timezone\na@x.example,Ann,Asia/Tokyo\nb@x.example,Bob,", ["a Asia/Tokyo", "b"]),
        ("timezone\te-mail\r\nAsia/Tokyo\ta@x.example", ["a Asia/Tokyo"]),
        ('email,name\n"a@x.example","Doe, Ann"', ["a"]),
    ],
)
def test_lines_and_pasted_files_are_read(text: str, found: list[str]) -> None:
    said = [f"{one.address.removesuffix('@x.example')} {one.zone}".strip() for one in recipients.read(text)]
    assert said == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a@x.example\nb@x.example, Atlantis/Capital", "Line 2: ‘Atlantis/Capital’ is no timezone"),
        ("a@x.example\nnobody", "Line 2: ‘nobody’ is no e-mail address"),
        ("a@@x.example", "Line 1: ‘a@@x.example’ is no e-mail address"),
        ("a@x.example, b@x.example, Asia/Tokyo", "Line 1: .* more than one address"),
        ("a@x.example, Asia/Tokyo\nA@x.example, UTC", "Line 2: .* stands in line 1 with another timezone, Asia/Tokyo"),
        ("email,timezone\n,Asia/Tokyo", "Line 2: ‘’ is no e-mail address"),
        ("email,timezone\na@x.example,Mars", "Line 2: ‘Mars’ is no timezone"),
        ('email,name\na@x.example,"Ann', "look at its quotation marks"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(BadLine, match=words):
        recipients.read(text)


def written(cast: Cast, **values: Any) -> dict[str, Any]:
    [identity] = identities.of(cast.acme)
    return {
        "identity": identity.value, "to": TO, "subject": "Hello", "text": "A word.", "when": "later", "at": "2026-11-23T09:00",
        "zone": "America/New_York", "batch": str(uuid.uuid4()), **values,
    }  # fmt: skip


@pytest.mark.django_db
def test_each_leaves_at_the_time_of_their_own_day(cast: Cast, account: Connection, box: Sandbox, monkeypatch: Any) -> None:
    handed: list[int] = []
    monkeypatch.setattr("clients.dispatching.waiting", lambda queue: 0)
    monkeypatch.setattr("clients.dispatching.app.send_task", lambda task, args, queue: handed.extend(args))
    with time_machine.travel(NOW, tick=False) as clock:
        mo = signed_in(cast.mo)
        page = text_of(mo.post(reverse("mail-new", args=["acme"]), written(cast)))
        assert "Mon 23 Nov 2026, 09:00 by" not in page
        assert "23 Nov 2026, 09:00 by each recipient&#x27;s own clocks: 23 Nov 2026, 00:00 UTC to 23 Nov 2026, 14:00 UTC" in page
        for there, leaves in (
            ("Europe/Berlin (UTC+1)", "23 Nov, 08:00 UTC"),
            ("America/New York (UTC−5)", "23 Nov, 14:00 UTC"),
            ("Asia/Tokyo (UTC+9)", "23 Nov, 00:00 UTC"),
        ):
            assert (
                f'Mon 23 Nov 2026, 09:00<span class="sub">{there}</span></td><td class="nowrap" data-head="Leaves">{leaves}'
                in page
            )
        mo.post(reverse("mail-new", args=["acme"]), written(cast, confirm="yes"))
        mails = {mail.to[:3]: mail for mail in Mail.objects.all()}
        assert {name: (mail.wanted_at.hour, mail.zone) for name, mail in mails.items()} == {
            "ann": (8, "Europe/Berlin"), "bob": (14, "America/New_York"), "cyd": (0, "Asia/Tokyo"),
        }  # fmt: skip
        assert newest_entry().after["at"] == "2026-11-23 00:00 UTC to 2026-11-23 14:00 UTC"
        assert hand_out_mails() == 0

        asking.cancel(mails["bob"], None)
        clock.move_to(datetime(2026, 11, 23, 8, 0, 1, tzinfo=UTC))
        hand_out_mails()
        assert set(handed) == {mails["ann"].pk, mails["cyd"].pk}
        clock.move_to(datetime(2026, 11, 23, 14, 0, 1, tzinfo=UTC))
        handed.clear()
        hand_out_mails()
        assert mails["bob"].pk not in handed
    for name in ("ann", "cyd", "bob"):
        worked(mails[name])
    assert times_left(box) == {"ann@there.example": 1, "cyd@there.example": 1}
    assert Mail.objects.get(to="bob@there.example").state == MailState.CANCELLED


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"to": "a@x.example\nb@x.example, Nowhere"}, "Line 2: ‘Nowhere’ is no timezone such as Europe/Berlin."),
        ({"at": "2026-11-20T13:30"}, "In Asia/Tokyo that time is over."),
        ({"at": "2027-03-28T02:30"}, "In Europe/Berlin the clocks are put forward over that time: there is none."),
        ({"to": "email,timezone"}, "This field is required."),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_a_time_that_is_none_for_one_of_them_is_told(cast: Cast, account: Connection, values: dict[str, str], words: str) -> None:
    mo = signed_in(cast.mo)
    answer = mo.post(reverse("mail-new", args=["acme"]), written(cast, confirm="yes", **values))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Mail.objects.exists()


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_zone_that_nobody_needs_is_not_asked(cast: Cast, account: Connection) -> None:
    """Over in the form's own timezone, and still to come in the only recipient's."""
    data = written(cast, to="ann@there.example, America/New_York", at="2026-11-20T12:30", zone="Asia/Tokyo")
    assert "20 Nov, 17:30 UTC" in text_of(signed_in(cast.mo).post(reverse("mail-new", args=["acme"]), data))


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_time_that_comes_twice_is_said_to(cast: Cast, account: Connection) -> None:
    data = written(cast, at="2027-10-31T02:30")
    page = text_of(signed_in(cast.mo).post(reverse("mail-new", args=["acme"]), data))
    assert "Europe/Berlin (UTC+2)" in page
    assert page.count("it comes twice that night: the first is meant, not that of UTC+1") == 1


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_the_command_takes_zones_too(cast: Cast, account: Connection, tmp_path: Path) -> None:
    (text := tmp_path / "text").write_text("A word.")
    out = io.StringIO()
    call_command(
        "send", "ann@there.example,Europe/Berlin", "bob@there.example", client="acme", subject="Hello", text=str(text),
        at="2026-11-23T09:00", zone="UTC", apply=True, stdout=out,
    )  # fmt: skip
    assert "ann@there.example  Mon 23 Nov 2026, 09:00  Europe/Berlin (UTC+1)  23 Nov, 08:00 UTC" in out.getvalue()
    assert {mail.to[:3]: mail.wanted_at.hour for mail in Mail.objects.all()} == {"ann": 8, "bob": 9}
