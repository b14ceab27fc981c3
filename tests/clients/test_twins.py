"""Two keys of one account: its mail is counted once, whichever key brings it home."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agency.models import Agency
from clients import connecting, twins
from clients.connecting import Claim
from clients.models import Broadcast, ClientDay, Connection, Health, RunState, Sender
from clients.twins import MET, SecondKey
from clients.vendors import VENDORS
from sandbox.inboxally.cast import SECOND_KEYS
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import actions, signed_in, text_of
from tests.clients.sync.syncing import bring, bring_all, total
from tests.clients.test_taking_up import mails_of
from tests.factories import SenderFactory

SECOND = SECOND_KEYS["brunnen"]
FORM = {"vendor": "inboxally", "label": "Second", "client": "acme", "kind": "all", "values": "", "api_key": SECOND}


@pytest.fixture
def first(cast: Cast, vendor: Sandbox) -> Connection:
    """Acme's account, read to the end with its first key."""
    made = connect(cast.north, key=vendor.key("brunnen"), label="Brunnen", client=cast.acme)
    bring_all(made)
    assert total(made) > 0
    return made


def take_away(connection: Connection) -> Connection:
    connecting.remove(Connection.objects.get(pk=connection.pk), None)
    return Connection.objects.get(pk=connection.pk)


def untested(agency: Agency, cast: Cast, key: str = SECOND) -> Connection:
    made = connecting.draft(agency, "inboxally", "Second", {"api_key": key})
    return connecting.add(made, [Claim(cast.acme, "all")], None, tested=False)


def with_senders(agency: Agency, key: str, *addresses: str, vendor: str = "inboxally") -> Connection:
    made = connect(agency, key=key, label=f"Has {len(addresses)} of {key[:8]}", vendor=vendor)
    for address in addresses:
        SenderFactory(connection=made, email=address, external_id=f"id-{address}")
    return made


def key_to(agency: Agency, *addresses: str) -> Connection:
    """Not stored; these are the senders that were met with it."""
    made = connecting.draft(agency, "inboxally", "New", {"api_key": "a-new-key-long-enough"})
    made.settings = {MET: {f"id-{address}": f"id-{address} {address}" for address in addresses}}
    return made


def test_a_second_key_is_refused_in_words_that_lead_to_the_account(cast: Cast, first: Connection) -> None:
    answer = signed_in(cast.mo).post("/connections/new/", FORM)
    page = text_of(answer)
    assert (answer.status_code, Connection.objects.count()) == (422, 1)
    assert "This key opens the account that is connected as ‘Brunnen’ already" in str(answer.context["form"].errors["api_key"])
    assert f'href="/connections/{first.uuid}/key/"' in page
    assert f'href="/connections/{first.uuid}/scopes/?client=acme"' in page
    assert SECOND not in page


def test_on_the_terminal_as_well(cast: Cast, first: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", SECOND)
    with pytest.raises(CommandError, match=rf"Nothing is stored: .*‘Brunnen’.*; its id is {first.uuid}"):
        call_command("connect", "inboxally", "--key-env", "THE_KEY", "--client", "acme", "--label", "Second")
    assert Connection.objects.count() == 1


def test_two_keys_that_come_one_upon_the_other_are_told_before_any_sync(cast: Cast, vendor: Sandbox) -> None:
    browser = signed_in(cast.mo)
    assert browser.post("/connections/new/", FORM | {"label": "First", "api_key": vendor.key("brunnen")}).status_code == 302
    assert "connected as ‘First’ already" in text_of(browser.post("/connections/new/", FORM))
    made = Connection.objects.get()
    assert made.settings[MET]
    bring(made, "senders")
    made.refresh_from_db()
    assert MET not in made.settings, "its senders tell it now"
    assert "connected as ‘First’ already" in text_of(browser.post("/connections/new/", FORM))


def test_put_in_at_its_account_it_goes_on_there(cast: Cast, first: Connection) -> None:
    mails = mails_of(cast.acme)
    assert signed_in(cast.mo).post(f"/connections/{first.uuid}/key/", {"api_key": SECOND}).status_code == 302
    bring_all(first := Connection.objects.get())
    assert (first.secrets(), mails_of(cast.acme)) == ({"api_key": SECOND}, mails)


def test_put_in_at_another_account_it_is_refused(cast: Cast, vendor: Sandbox, first: Connection) -> None:
    other = connect(cast.north, key=vendor.key("petit"), label="Petit", client=cast.birch)
    answer = signed_in(cast.mo).post(f"/connections/{other.uuid}/key/", {"api_key": SECOND})
    assert (answer.status_code, f'href="/connections/{first.uuid}/key/"' in text_of(answer)) == (422, True)
    assert f"ends in <code>{vendor.key('petit')[-4:]}</code>" in text_of(answer)
    take_away(first)
    answer = signed_in(cast.mo).post(f"/connections/{other.uuid}/key/", {"api_key": SECOND})
    assert f"‘Brunnen’, which was removed on {timezone.now():%-d %b %Y}" in str(answer.context["form"].errors["api_key"])
    other.refresh_from_db()
    assert other.secrets() == {"api_key": vendor.key("petit")}


def test_a_removed_account_is_taken_up_again_by_its_new_key(cast: Cast, first: Connection) -> None:
    take_away(first)
    rows, mails = Broadcast.objects.count(), mails_of(cast.acme)
    answer = signed_in(cast.mo).post("/connections/new/", FORM, follow=True)
    assert "its history goes on where it was" in text_of(answer)
    made = Connection.objects.get()
    assert (made.pk, made.secrets(), made.removed_at) == (first.pk, {"api_key": SECOND}, None)
    bring_all(made)
    assert (Broadcast.objects.count(), mails_of(cast.acme)) == (rows, mails)
    assert actions()[-1] == "connection.taken_up"


def test_for_another_client_it_asks_first_as_the_old_key_does(
    cast: Cast, first: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_away(first)
    question = f"This account served Acme until {timezone.now():%-d %b %Y}; its history will belong to Birch."
    browser, mails = signed_in(cast.mo), mails_of(cast.acme)
    asked = browser.post("/connections/new/", FORM | {"client": "birch"})
    assert (asked.status_code, question in text_of(asked)) == (422, True)
    monkeypatch.setenv("THE_KEY", SECOND)
    command = ["connect", "inboxally", "--key-env", "THE_KEY", "--client", "birch"]
    with pytest.raises(CommandError, match="Nothing is stored: This account served Acme"):
        call_command(*command)
    call_command(*command, "--take-history", stdout=io.StringIO(), stderr=io.StringIO())
    assert (mails_of(cast.acme), mails_of(cast.birch), Connection.objects.count()) == (0, mails, 1)


def test_what_one_could_not_test_reads_nothing_that_is_counted_already(cast: Cast, first: Connection) -> None:
    mails, second = mails_of(cast.acme), untested(cast.north, cast)
    run = bring(second)
    second.refresh_from_db()
    assert (run.state, second.health) == (RunState.WAITING, Health.PAUSED)
    assert "connected as ‘Brunnen’ already. Nothing is read with it" in second.health_reason
    assert second.health_reason in run.outcome
    assert (mails_of(cast.acme), Broadcast.objects.filter(connection=second).exists()) == (mails, False)
    connecting.resume(second, None)
    bring(second, "senders")
    second.refresh_from_db()
    assert second.health == Health.PAUSED, "it is looked at until it may be read"


def test_untested_to_a_removed_account_it_waits_to_be_connected_anew(cast: Cast, first: Connection) -> None:
    take_away(first)
    second = untested(cast.north, cast)
    bring(second)
    second.refresh_from_db()
    assert "‘Brunnen’, which was removed" in second.health_reason
    assert "remove this one and connect the key anew" in second.health_reason
    take_away(second)
    signed_in(cast.mo).post("/connections/new/", FORM)
    assert Connection.objects.present().get().pk == first.pk, "not the empty one, whose key it was"


def test_untested_to_its_own_account_it_is_read(cast: Cast, vendor: Sandbox, first: Connection) -> None:
    mails = mails_of(cast.acme)
    connecting.replace(first, connecting.with_key(first, {"api_key": SECOND}), None, tested=False)
    asked = len(vendor.requests.to("/v3/senders"))
    assert bring(first, "seeds").state == RunState.OK
    assert bring(first, "seeds").state == RunState.OK
    assert len(vendor.requests.to("/v3/senders")) == asked + 1, "once"
    bring_all(first)
    assert mails_of(cast.acme) == mails


def test_a_vendor_that_lists_no_senders_is_read_all_the_same(cast: Cast, vendor: Sandbox) -> None:
    made = untested(cast.north, cast, vendor.key("petit"))
    vendor.faults.add("error", "/v3/senders*", status=404, times=None)
    assert bring(made, "seeds").state == RunState.OK


def test_another_agencys_account_is_neither_compared_nor_named(cast: Cast, first: Connection) -> None:
    browser = signed_in(cast.zoe)
    assert browser.post("/connections/new/", FORM | {"client": "oak"}).status_code == 302
    made = Connection.objects.of(cast.south).get()
    page = text_of(browser.get(f"/connections/{made.uuid}/"))
    assert ("Brunnen" in page, "Same account" in page) == (False, False)
    bring_all(made)
    assert mails_of(cast.oak) == mails_of(cast.acme)
    assert "Same account" not in text_of(browser.get(f"/connections/{made.uuid}/"))


def test_accounts_with_little_in_common_are_two(cast: Cast) -> None:
    with_senders(cast.north, "k" * 20, "a@x.example", "b@x.example", "c@x.example")
    assert twins.twin_of(key_to(cast.north, "a@x.example", "d@y.example", "e@y.example")) is None
    assert twins.twin_of(key_to(cast.north)) is None
    with_senders(cast.north, "e" * 20)
    assert twins.twin_of(key_to(cast.north, "d@y.example")) is None


def test_an_address_under_another_id_is_another_sender(cast: Cast) -> None:
    with_senders(cast.north, "k" * 20, "a@x.example")
    new = key_to(cast.north)
    new.settings = {MET: {"id-a@x.example": "id-a@x.example b@x.example", "other": "other a@x.example"}}
    assert twins.twin_of(new) is None
    imail = VENDORS["imail"]
    assert imail.sender_id("a@x.example", {"id": "one"}) != imail.sender_id("a@x.example", {"id": "two"})


def test_an_account_that_has_grown_since_is_still_known(cast: Cast) -> None:
    small = with_senders(cast.north, "k" * 20, "a@x.example", "b@x.example")
    assert twins.twin_of(key_to(cast.north, *(f"{letter}@x.example" for letter in "abcdefg"))) == small
    Sender.objects.filter(connection=small).update(gone_at=timezone.now())
    assert twins.twin_of(key_to(cast.north, "a@x.example", "b@x.example")) is None, "its key was replaced by another account's"


def test_a_removed_workspace_is_taken_up_by_a_new_key(cast: Cast) -> None:
    old = connect(cast.north, key="k" * 20, vendor="instantly", client=cast.acme)
    old.settings = {"home": ["w-north", "Northwind"]}
    old.save()
    new = connecting.draft(cast.north, "instantly", "New", {"api_key": "another-key-long-enough"})
    new.settings = dict(old.settings)
    assert twins.twin_of(new) is None, "workspaces that are read twice are for overlaps"
    take_away(old)
    assert connecting.add(new, [Claim(cast.acme, "all")], None).pk == old.pk
    again = connecting.with_key(Connection.objects.get(), {"api_key": "a-third-key-long-enough"})
    assert twins.twin_of(again) is None


def test_history_that_counts_twice_already_is_taken_back_on_the_removed_accounts_page(cast: Cast, first: Connection) -> None:
    once = mails_of(cast.acme)
    second = connect(cast.north, key=SECOND, label="Second", client=cast.acme)
    bring_all(second)
    assert mails_of(cast.acme) == 2 * once
    with pytest.raises(SecondKey, match="Second"):
        connecting.replace(first, _met(first), None)
    second, browser = take_away(second), signed_in(cast.mo)
    page = text_of(browser.get(f"/connections/{second.uuid}/"))
    scope = second.scopes.get()
    assert f'action="/scopes/{scope.uuid}/remove/"' in page
    assert f'Same account</dt><dd><a href="/connections/{first.uuid}/">Brunnen</a>' in page
    assert "counts twice" in text_of(browser.get(f"/connections/{first.uuid}/"))
    assert "/remove/" not in text_of(signed_in(cast.ben).get(f"/connections/{second.uuid}/")), "an analyst changes nothing"
    taken = browser.post(f"/scopes/{scope.uuid}/remove/", follow=True)
    assert taken.redirect_chain[-1][0] == f"/connections/{second.uuid}/"
    assert "counts for nobody" in text_of(taken)
    assert "unassigned" not in text_of(taken), "that page is for accounts that are read"
    assert "Same account" not in text_of(taken) + text_of(browser.get(f"/connections/{first.uuid}/"))
    assert (mails_of(cast.acme), ClientDay.objects.exclude(client=cast.acme).exists()) == (once, False)
    connecting.replace(first, _met(first), None)  # a new key of its own, whoever had the account beside it


def _met(connection: Connection) -> Connection:
    """With a key that opens its own account."""
    trial = connecting.with_key(connection, {"api_key": "a-third-key-long-enough"})
    rows = Sender.objects.filter(connection=connection).values_list("external_id", "email")
    trial.settings = {**trial.settings, MET: {ref: f"{ref} {email}" for ref, email in rows}}
    return trial
