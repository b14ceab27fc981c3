"""What events tell of single mails, counted once each by the recipient's mailbox provider."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone

from clients import rollups, scoping
from clients.models import Client, Connection, Event, EventDay, EventState, Scope
from clients.webhooks import forgetting, working
from sandbox.answers import encode
from sandbox.hooks import signature
from tests.cast import Cast, connect
from tests.clients.webhooks.delivering import Door, open_door
from tests.factories import SenderFactory

SECRET = "whsec_test_imail"


@pytest.fixture
def door(cast: Cast) -> Door:
    return open_door(connect(cast.north, key="imk_live_0123456789abcdef", client=cast.acme, vendor="imail"), SECRET)


def told(kind: str, to: Any, number: int = 1, at: str = "2026-11-20T10:00:00Z", **data: Any) -> bytes:
    data = {"inbox_id": "inb_1", "email": to, **data}
    return encode({"id": f"evt_{kind}_{number}_{to}", "type": kind, "created_at": at, "data": data})


def knock(door: Door, *bodies: bytes) -> None:
    for body in bodies:
        assert door.knock(body, {"X-Imail-Signature": signature(SECRET, body)}) // 100 == 2


def counts() -> dict[tuple[str, str, str], int]:
    return {(row.mailbox_provider, row.what, row.word): row.count for row in EventDay.objects.all()}


MAILS = [
    *(told("email.sent", f"dana{number}@gmail.com", number) for number in range(30)),
    *(told("email.sent", f"dana{number}@outlook.com", number) for number in range(20)),
    *(told("email.bounced.hard", f"dana{number}@outlook.com", number) for number in range(4)),
    told("email.bounced.soft", "a@acme.example", category="greylisted"),
    told("email.bounced.soft", "b@acme.example", category="mailbox_full"),
    told("email.delivered", "dana@hotmail.de"),
    told("reply.classified", "dana@web.de", **{"class": "interested"}),
]
COUNTED = {
    ("gmail", "sent", ""): 30,
    ("outlook", "sent", ""): 20,
    ("outlook", "bounced_hard", ""): 4,
    ("other", "bounced_soft", "greylisted"): 1,
    ("other", "bounced_soft", "mailbox_full"): 1,
    ("hotmail", "delivered", ""): 1,
    ("web_de", "answered", "interested"): 1,
}


def test_each_is_counted_once_however_often_it_comes_and_is_processed(door: Door) -> None:
    some = MAILS * 2
    random.Random(3).shuffle(some)
    for number in range(0, len(some), 40):
        knock(door, *some[number : number + 40])
        door.process()
    assert counts() == COUNTED
    assert working.again(Event.objects.all()) == len(MAILS)
    assert door.process() == len(MAILS)
    assert counts() == COUNTED
    assert set(Event.objects.values_list("state", "outcome")) == {(EventState.PROCESSED, "It was counted before.")}


def test_a_batch_that_breaks_counts_nothing_and_its_good_events_once(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first attempt of all together fails after it has counted: each goes alone then."""
    knock(door, *MAILS, told("inbox.disconnected", "maya@acme.example"))
    with monkeypatch.context() as patch:
        patch.setattr("clients.webhooks.effects.stir", lambda connection, feed: 1 / 0)
        door.process()
    assert Event.objects.get(state=EventState.FAILED).type == "inbox.disconnected"
    assert counts() == COUNTED


def test_no_address_is_kept_and_forgetting_the_bodies_leaves_the_sums(door: Door, settings: LazySettings) -> None:
    knock(door, *MAILS)
    door.process()
    assert not any("@" in str(value) for row in EventDay.objects.values_list() for value in row)
    settings.EVENT_DAYS = 1
    Event.objects.update(received_at=timezone.now() - timedelta(days=9))
    assert forgetting.forget() == len(MAILS)
    rollups.rebuild(door.connection)
    assert counts() == COUNTED


def test_the_day_is_the_clients(door: Door, cast: Cast) -> None:
    Client.objects.filter(pk=cast.acme.pk).update(timezone="America/New_York")
    knock(door, told("email.sent", "dana@gmail.com", at="2026-11-20T03:00:00Z"))
    door.process()
    (row,) = EventDay.objects.all()
    assert (row.client, str(row.day)) == (cast.acme, "2026-11-19")


@pytest.mark.parametrize("to", [None, 7, "nobody", ""])
def test_an_event_that_names_no_recipient_is_counted_nowhere(door: Door, to: Any) -> None:
    knock(door, told("email.sent", to))
    door.process()
    assert not EventDay.objects.exists()
    assert Event.objects.get().state == EventState.PROCESSED


def test_what_was_counted_goes_with_its_sender_to_whom_the_scopes_say(door: Door, cast: Cast) -> None:
    """The sender is told later than its events."""
    split(door.connection, cast.acme, cast.birch)
    knock(door, told("email.sent", "dana@gmail.com"), told("email.bounced.hard", "dana@gmail.com"))
    door.process()
    assert set(EventDay.objects.values_list("client", "sender_ref")) == {(None, "inb_1")}
    SenderFactory.create(
        connection=door.connection, external_id="maya@birch.example", domain="birch.example", raw={"id": "inb_1"}
    )
    scoping.reassign(door.connection)
    assert set(EventDay.objects.values_list("client", flat=True)) == {cast.birch.pk}
    knock(door, told("email.sent", "dana@gmail.com", 2))
    door.process()
    rows = EventDay.objects.filter(what="sent").order_by("pk")
    assert [(row.client_id, row.sender_ref) for row in rows] == [(cast.birch.pk, "inb_1"), (cast.birch.pk, "maya@birch.example")]


def split(connection: Connection, *clients: Client) -> None:
    Scope.objects.filter(connection=connection).delete()
    for client in clients:
        Scope.objects.create(connection=connection, client=client, kind="domain", value=f"{client.slug}.example")
