"""The door's page, the list of events, one event, and what a person does there."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Connection, Conversation, Event, EventState, Hook, Sender
from clients.webhooks import doors, standing
from tests.cast import Cast, connect
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.clients.webhooks.delivering import SECRET, THREAD, Door, event, open_door
from tests.talking import talk

NEXT = "ibt_wh_the-next-secret-0123456789"


@pytest.fixture
def account(cast: Cast) -> Connection:
    return connect(cast.north, key="inbox-token-0123456789", client=cast.acme, vendor="inbox", label="Talks")


def test_an_address_is_made_shown_once_and_works_with_the_secret(cast: Cast, account: Connection) -> None:
    browser = signed_in(cast.mo)
    page = f"/connections/{account.uuid}/hook/"
    assert "It has no address yet" in text_of(browser.get(page))
    shown = text_of(browser.post(f"{page}address/", follow=True))
    token = re.search(r"http://testserver/hooks/([\w-]{40,})/", shown)[1]
    again = text_of(browser.get(page))
    assert token not in again
    assert "not shown again" in again
    assert Door(account, token).post(event(1)) == 401
    refused = browser.post(f"{page}secret/", {"secret": "whsec_of-another-vendor"})
    assert refused.status_code == 422
    assert "it begins with ibt_wh_" in text_of(refused)
    kept = text_of(browser.post(f"{page}secret/", {"secret": f" {SECRET} "}, follow=True))
    assert SECRET not in kept
    assert Door(account, token).post(event(1)) == 200
    for _pressed_twice in range(2):
        browser.post(f"{page}secret/", {"secret": NEXT, "overlap": "24"})
    assert [Door(account, token).post(event(2), secret) for secret in (SECRET, NEXT)] == [200, 200]
    assert "The one before it is taken too, until" in text_of(browser.get(page))
    browser.post(f"{page}close/")
    assert Door(account, token).post(event(3)) == 404
    assert actions()[-4:] == ["hook.address_made", "hook.secret_put_in", "hook.secret_replaced", "hook.closed"]
    assert newest_entry().subject == account.uuid


def test_a_secret_put_in_without_overlap_ends_the_old_one(cast: Cast, account: Connection) -> None:
    door = open_door(account)
    signed_in(cast.mo).post(f"/connections/{account.uuid}/hook/secret/", {"secret": NEXT, "overlap": "0"})
    assert [door.post(event(1), secret) for secret in (SECRET, NEXT)] == [401, 200]


def test_an_account_of_a_vendor_without_events_has_no_such_page(cast: Cast) -> None:
    other = connect(cast.north, key="another-key-0123456789", client=cast.acme)
    assert signed_in(cast.mo).get(f"/connections/{other.uuid}/hook/").status_code == 404
    assert 'id="events-heading"' not in text_of(signed_in(cast.mo).get(f"/connections/{other.uuid}/"))


def test_how_it_does_is_said_in_words(account: Connection) -> None:
    def word() -> str:
        return standing.of(account).word

    assert word() == "no address"
    door = Door(account, doors.open_address(account, None))
    assert word() == "no secret"
    doors.put_in(account, SECRET, None)
    assert word() == "nothing came yet"
    door.post(event(1), NEXT)
    assert word() == "turned away"
    door.post(event(1))
    assert word() == "working"
    Event.objects.update(received_at=timezone.now() - timedelta(hours=25))
    Hook.objects.update(refused_at=None)
    assert (word(), standing.of(account).tone) == ("silent", "look")


def test_the_connections_page_tells_of_its_events(cast: Cast, account: Connection) -> None:
    door = open_door(account)
    door.post(event(1, "thread.archived", {}))
    door.process()
    shown = text_of(signed_in(cast.ben).get(f"/connections/{account.uuid}/"))
    assert "The last delivery came" in shown
    assert "1 failed" in shown
    assert "Address and secret" not in shown
    assert "Address and secret" in text_of(signed_in(cast.mo).get(f"/connections/{account.uuid}/"))


@pytest.fixture
def door(account: Connection) -> Door:
    made = open_door(account)
    for seq, (kind, data) in enumerate(
        [("thread.created", None), ("thread.archived", {}), ("galaxy.collided", {"=cmd": "<script>alert(1)</script>"})], 1
    ):
        made.post(event(seq, kind, data))
    made.process()
    return made


def test_the_list_narrows_by_what_its_address_says(cast: Cast, door: Door) -> None:
    other = open_door(connect(cast.north, key="inbox-token-2-0123456789", vendor="inbox", label="Other"), NEXT)
    other.post(event(9, "tag.deleted", {"tagId": "t"}), NEXT)
    browser = signed_in(cast.ben)

    def listed(query: str) -> list[str]:
        return re.findall(r"data-head=\"Type\"><code>([^<]+)", text_of(browser.get(f"/settings/events/?{query}")))

    assert listed("") == ["tag.deleted", "galaxy.collided", "thread.archived", "thread.created"]
    assert listed("status=failed") == ["thread.archived"]
    assert listed("kind=thread.created") == ["thread.created"]
    assert listed(f"account={other.connection.uuid}") == ["tag.deleted"]
    assert listed("vendor=inbox&status=waiting") == ["tag.deleted"]
    assert listed("source=read") == []
    assert listed("source=delivered&search=EVT3") == ["galaxy.collided"]
    assert '<option value="thread.unarchived">' in text_of(browser.get("/settings/events/")), "it is known, though none came"
    assert listed("client=acme") == ["galaxy.collided", "thread.archived", "thread.created"]
    assert listed("account=nonsense") == listed("vendor=inboxally") == []
    assert "Clear filters" in text_of(browser.get("/settings/events/?status=odd"))
    Event.objects.update(received_at=timezone.now() - timedelta(days=9))
    assert listed("") == []
    assert len(listed("window=14")) == 4


def test_the_file_has_the_rows_of_the_list(cast: Cast, door: Door) -> None:
    answer = signed_in(cast.ben).get("/settings/events/export/events.csv?status=unknown")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["type"], row["event"], row["seq"], row["state"], row["source"]) for row in rows] == [
        ("galaxy.collided", "evt3", "3", "unknown", "delivered")
    ]
    assert next(iter(rows[0].items())) == ("client", "acme")


def test_a_payload_is_shown_as_text(cast: Cast, door: Door) -> None:
    unknown = Event.objects.get(state=EventState.UNKNOWN)
    shown = text_of(signed_in(cast.ben).get(f"/settings/events/{unknown.uuid}/"))
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "Process again" not in shown
    Event.objects.filter(pk=unknown.pk).update(raw=json.dumps({"text": "\ud83d"}))
    assert r"\ud83d" in text_of(signed_in(cast.ben).get(f"/settings/events/{unknown.uuid}/"))


def test_an_event_leads_to_what_it_is_about(cast: Cast, door: Door) -> None:
    talk(door.connection, cast.acme, "Dana", handle="@acme")
    Conversation.objects.filter(external_id=THREAD).update(sender=Sender.objects.get(external_id="@acme"))
    told = Event.objects.get(type="thread.created")
    shown = text_of(signed_in(cast.ben).get(f"/settings/events/{told.uuid}/"))
    row = Conversation.objects.get(external_id=THREAD)
    assert f'<a href="/clients/acme/conversations/{row.uuid}/">Dana</a>' in shown
    assert '<a href="/clients/acme/">' in shown
    Event.objects.filter(pk=told.pk).update(raw="", forgotten_at=timezone.now())
    assert "<dt>Conversation</dt>" not in text_of(signed_in(cast.ben).get(f"/settings/events/{told.uuid}/"))


def test_process_again_of_one_and_of_all_that_failed(cast: Cast, door: Door) -> None:
    browser = signed_in(cast.mo)
    one = Event.objects.get(state=EventState.FAILED)
    assert "Process again" in text_of(browser.get(f"/settings/events/{one.uuid}/"))
    browser.post(f"/settings/events/{one.uuid}/again/")
    assert Event.objects.get(pk=one.pk).state == EventState.WAITING
    door.process()
    assert Event.objects.get(pk=one.pk).attempts == 2
    assert "Process the failed again (1)" in text_of(browser.get("/settings/events/"))
    browser.post("/settings/events/again/")
    assert Event.objects.get(pk=one.pk).state == EventState.WAITING


def test_the_list_costs_as_much_for_many_as_for_one(cast: Cast, door: Door) -> None:
    def asked() -> int:
        with CaptureQueriesContext(database) as queries:
            signed_in(cast.ben).get("/settings/events/")
        return len(queries)

    few = asked()
    rows: list[Any] = [
        Event(connection=door.connection, external_id=f"x{n}", type=f"t{n}", mark=n, raw="{}", occurred_at=timezone.now())
        for n in range(60)
    ]
    Event.objects.bulk_create(rows)
    assert asked() <= few + 1  # the paginator's own count of a second page


def test_replay_processes_what_failed_and_says_what_still_does(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match="1 of these accounts' events"):
        call_command("replay")
    assert Event.objects.get(state=EventState.FAILED).attempts == 2
    Event.objects.filter(state=EventState.FAILED).update(raw=json.dumps(event(2)))
    call_command("replay", connection=str(door.connection.uuid))
    assert "1 chosen, 1 processed, 0 failed." in capsys.readouterr().out
    call_command("replay", state="all", type="thread.created")
    assert Event.objects.get(type="thread.created").attempts == 2
    call_command("replay", state="all", since=timezone.now().date() + timedelta(days=1))
    assert "0 chosen, 0 processed" in capsys.readouterr().out


def test_replay_counts_what_became_of_what_it_chose(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):  # the one that failed before
        call_command("replay", state="unknown")
    assert "1 chosen, 0 processed, 1 of a type not known, 0 failed." in capsys.readouterr().out


def test_replay_says_what_a_day_looks_like() -> None:
    with pytest.raises(CommandError, match="argument --since: 'tomorrow' is not a day: write it as 2026-11-20"):
        call_command("replay", "--since", "tomorrow")


def test_events_are_reached_from_the_account_and_from_its_feeds_where_its_vendor_sends_some(
    cast: Cast, account: Connection
) -> None:
    silent, browser = connect(cast.north, key="an-inboxally-key-0123", client=cast.acme), signed_in(cast.ben)
    pages = [text_of(browser.get(f"/connections/{one.uuid}/")) for one in (account, silent)]
    assert [f'?account={one.uuid}">All its events</a>' in page for one, page in zip((account, silent), pages, strict=True)] == [
        True,
        False,
    ]
    shown = [">Events</a>" in text_of(browser.get(f"/feeds/?vendor={one.vendor}")) for one in (account, silent)]
    assert shown == [True, False]
