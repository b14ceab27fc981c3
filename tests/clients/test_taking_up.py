"""A removed connection whose key is connected again: one history, never two."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clients import connecting, rollups
from clients.connecting import Claim
from clients.models import ALL_PROVIDERS, Broadcast, Client, ClientDay, Connection, Feed, Scope
from clients.moving import HistoryMoves
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.clients.sync.syncing import bring_all, rollup_rows, total

FORM = {"vendor": "inboxally", "label": "Acme main", "client": "acme", "kind": "all", "values": ""}


def mails_of(client: Client) -> int:
    days = ClientDay.objects.filter(client=client, mailbox_provider=ALL_PROVIDERS)
    return sum(days.values_list("received", flat=True))


@pytest.fixture
def removed(cast: Cast, vendor: Sandbox) -> Connection:
    """Acme's, read to the end, then removed."""
    signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("northwind")})
    made: Connection = Connection.objects.get()
    bring_all(made)
    signed_in(cast.mo).post(f"/connections/{made.uuid}/remove/", {"typed": made.label})
    made.refresh_from_db()
    assert made.removed_at
    assert made.credentials == ""
    return made


def test_the_same_key_for_the_same_client_goes_on_and_doubles_nothing(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    before, rows, mails = rollup_rows(removed), Broadcast.objects.count(), total(removed)
    assert mails > 0
    Broadcast.objects.filter(pk=Broadcast.objects.order_by("-day")[0].pk).update(gone_at=removed.removed_at)
    rollups.rebuild(removed)

    again = FORM | {"label": "Acme once more", "api_key": vendor.key("northwind")}
    response = signed_in(cast.mo).post("/connections/new/", again, follow=True)
    assert "its history goes on where it was" in text_of(response)
    made = Connection.objects.get()
    assert (made.pk, made.uuid, made.label, made.removed_at) == (removed.pk, removed.uuid, "Acme once more", None)
    assert made.secrets() == {"api_key": vendor.key("northwind")}
    assert Feed.objects.due().exclude(requested_at=None).count() == Feed.objects.count() == 3

    bring_all(made)
    assert (Broadcast.objects.count(), rollups.check(made)) == (rows, 0)
    assert rollup_rows(made) == before, "what was marked gone is back, and nothing counts twice"
    assert mails_of(cast.acme) == mails
    assert actions()[-2:] == ["connection.removed", "connection.taken_up"]


def test_for_another_client_the_history_moves_only_when_one_says_so(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    mails, browser = mails_of(cast.acme), signed_in(cast.mo)
    entries = actions()
    asked = browser.post("/connections/new/", FORM | {"client": "birch", "api_key": vendor.key("northwind")})
    question = f"This account served Acme until {timezone.now():%-d %b %Y}; its history will belong to Birch."
    assert (asked.status_code, question in text_of(asked)) == (422, True)
    assert re.search(r'<input type="checkbox" name="take_history" [^>]*aria-invalid="true"', text_of(asked))
    assert vendor.key("northwind") not in text_of(asked)
    removed.refresh_from_db()
    assert (removed.removed_at is None, mails_of(cast.birch), actions()) == (False, 0, entries), "asking changes nothing"

    form = asked.context["form"]
    yes = {"kept": form["kept"].value(), "move": form["move"].value(), "take_history": "on"}
    for no in ({"client": ""}, {"client": "birch", "take_history": ""}):
        assert browser.post("/connections/new/", FORM | yes | no).status_code == 422, "a yes to one move is none to another"

    taken = browser.post("/connections/new/", FORM | yes | {"client": "birch"}, follow=True)
    assert "its history belongs to Birch now" in text_of(taken)
    assert "goes on where it was" not in text_of(taken)
    assert [(scope.client, str(scope)) for scope in Scope.objects.all()] == [(cast.birch, "everything")]
    assert (mails_of(cast.acme), mails_of(cast.birch)) == (0, mails), "at once, before any sync"
    bring_all(Connection.objects.get())
    assert (mails_of(cast.acme), mails_of(cast.birch), rollups.check(removed)) == (0, mails, 0)
    entry = newest_entry()
    assert (entry.action, entry.subject) == ("connection.taken_up", removed.uuid)
    assert (entry.before, entry.after["scopes"]) == ({"scopes": ["Acme: all"]}, ["Birch: all"])
    page = text_of(browser.get("/clients/acme/activity/"))
    assert "Connection&#x27;s history moved to another client" in page
    assert "its history belongs to Acme → Birch" in page
    assert "Birch" not in text_of(signed_in(cast.cleo).get("/clients/acme/activity/"))


def test_a_part_for_the_same_client_is_no_move_and_losing_one_of_two_is(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    Scope.objects.create(connection=removed, client=cast.birch, kind="domain", value="birch.example")
    secrets = {"api_key": vendor.key("northwind")}
    mine = connecting.draft(cast.north, "inboxally", "Again", secrets)
    with pytest.raises(HistoryMoves, match=r"served Birch until .*; its history will belong to Acme\."):
        connecting.add(mine, [Claim(cast.acme, "all")], None)
    with pytest.raises(HistoryMoves, match=r"served Acme and Birch until .*; its history will belong to nobody\."):
        connecting.add(mine, [], None)
    both = [Claim(cast.acme, "domain", "acme.example"), Claim(cast.birch, "all")]
    assert connecting.add(mine, both, None).pk == removed.pk


def test_without_a_test_the_question_is_asked_as_well(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    browser = signed_in(cast.mo)
    vendor.faults.add("error", times=None)
    form = FORM | {"client": "birch", "api_key": vendor.key("northwind"), "untested": "1"}
    asked = browser.post("/connections/new/", form)
    assert "Save without a test" in text_of(asked)
    form |= {"move": asked.context["form"]["move"].value(), "take_history": "on"}
    assert browser.post("/connections/new/", form).status_code == 302
    assert Scope.objects.get().client == cast.birch


def test_on_the_terminal_an_option_says_so(
    cast: Cast, vendor: Sandbox, removed: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", vendor.key("northwind"))
    out, err = io.StringIO(), io.StringIO()
    command = ["connect", "inboxally", "--key-env", "THE_KEY", "--client", "birch"]
    with pytest.raises(CommandError, match=r"Nothing is stored: This account served Acme until .* belong to Birch\. \(--take-h"):
        call_command(*command, stdout=out, stderr=err)
    assert Connection.objects.present().count() == 0
    call_command(*command, "--take-history", stdout=out, stderr=err)
    assert out.getvalue().strip() == str(removed.uuid), "a script reads the id alone"
    assert "its history is Birch's" in err.getvalue()


def test_another_agencys_removed_key_is_not_taken_up(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    draft = connecting.draft(cast.south, "inboxally", "Oak", {"api_key": vendor.key("northwind")})
    made = connecting.add(draft, [Claim(cast.oak, "all")], None)
    assert (made.pk == removed.pk, Connection.objects.count()) == (False, 2)


def test_what_another_took_up_meanwhile_is_a_duplicate(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    mine, other = (
        connecting.draft(cast.north, "inboxally", name, {"api_key": vendor.key("northwind")}) for name in ("Mine", "Other")
    )
    connecting.add(other, [Claim(cast.acme, "all")], None)
    with pytest.raises(connecting.Duplicate, match="Other"):
        connecting.add(mine, [], None)
