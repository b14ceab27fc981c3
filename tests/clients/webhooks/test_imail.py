"""imail's events, from the stories of its sandbox: through the door in either style, and to what they stir."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from clients.models import Campaign, Event, Feed, Sender
from clients.webhooks import doors, naming
from sandbox.answers import encode
from sandbox.clock import iso
from sandbox.hooks import signature
from sandbox.imail.cast import CAST
from sandbox.imail.events import envelope, newest
from sandbox.imail.making import make
from sandbox.imail.webhooks import TYPES
from tests.cast import Cast, connect
from tests.clients.webhooks.delivering import Door, open_door

SECRET = "whsec_test_imail"
LEDGER = make(CAST[0], 1, datetime.now(UTC).date())


@pytest.fixture
def door(cast: Cast) -> Door:
    return open_door(connect(cast.north, key="imk_live_0123456789abcdef", client=cast.acme, vendor="imail"), SECRET)


def lost(hours: float = 0) -> bytes:
    at = datetime.now(UTC) - timedelta(hours=hours)
    return encode(envelope(LEDGER, "inbox.disconnected", at, {"inbox_id": "inb_1", "email": "a@b.example"}, f"{hours}"))


def knock(door: Door, body: bytes, style: str = "timed", secret: str = SECRET, header: str = "X-Imail-Signature") -> int:
    return door.knock(body, {header: signature(secret, body, style=style)})


def test_every_type_of_the_stories_is_taken_once(door: Door) -> None:
    some = {event["type"]: encode(event) for event in newest(LEDGER, datetime.now(UTC), 3_000)}
    assert set(some) == set(TYPES) - {"inbox.reconnected"}
    assert {knock(door, body) // 100 for body in (*some.values(), *some.values())} == {2}
    assert set(Event.objects.values_list("type", flat=True)) == set(some)
    assert Event.objects.count() == len(some)


def test_a_lost_inbox_has_the_senders_read_again(door: Door) -> None:
    far = timezone.now() + timedelta(hours=1)
    Feed.objects.filter(connection=door.connection).update(next_at=far)
    knock(door, lost())
    door.process()
    due = Feed.objects.filter(connection=door.connection, next_at__lt=far)
    assert list(due.values_list("resource", flat=True)) == ["senders"]
    assert Event.objects.get().outcome == "Senders are read again."


@pytest.mark.parametrize(("first", "other"), [("timed", "raw"), ("raw", "timed")])
def test_the_first_good_delivery_decides_the_style(door: Door, first: str, other: str) -> None:
    assert knock(door, lost(1), first, "whsec_of_somebody") // 100 == 4
    assert knock(door, lost(2), first, header="Imail-Signature") // 100 == 2
    assert knock(door, lost(3), other) // 100 == 4
    assert Event.objects.count() == 1


def test_of_events_without_a_signed_time_the_old_are_refused(door: Door) -> None:
    assert knock(door, lost(24.9), "raw") // 100 == 2
    assert knock(door, lost(25.1), "raw") // 100 == 4


def test_the_time_of_an_event_is_its_own(door: Door) -> None:
    knock(door, lost(5))
    assert abs(Event.objects.get().occurred_at - (timezone.now() - timedelta(hours=5))) < timedelta(minutes=1)
    assert iso(Event.objects.get().occurred_at)


def test_events_of_the_test_mode_or_of_another_workspace_are_kept_and_do_nothing(door: Door) -> None:
    far = timezone.now() + timedelta(hours=1)
    Feed.objects.filter(connection=door.connection).update(next_at=far)
    own = json.loads(lost(1))
    for number, change in enumerate(({"type": "email.opened"}, {"livemode": False}, {"workspace_id": "ws_of_others"})):
        knock(door, encode(own | {"id": f"evt_{number}"} | change))
        door.process()
    assert list(Event.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "Counted when outreach is read again.", "Test mode: not counted.", "Of another workspace: not counted.",
    ]  # fmt: skip
    assert not Feed.objects.filter(connection=door.connection, next_at__lt=far).exists()
    # Another secret is another webhook's, of whatever workspace.
    doors.put_in(door.connection, "whsec_another_0123456789", None)
    knock(door, encode(own | {"id": "evt_9", "workspace_id": "ws_of_others"}), secret="whsec_another_0123456789")
    door.process()
    assert Event.objects.get(external_id="evt_9").outcome == "Senders are read again."


def test_an_event_leads_to_its_sender_and_campaign(cast: Cast, door: Door) -> None:
    own = {"connection": door.connection, "client": cast.acme}
    campaign = Campaign.objects.create(**own, external_id="cmp_1", name="Autumn", status="active")
    one = Sender.objects.create(**own, external_id="a@b.example", email="a@b.example", raw={"id": "inb_1"})
    data = {"inbox_id": "inb_1", "campaign_id": "cmp_1", "email": "c@d.example"}
    knock(door, encode(envelope(LEDGER, "email.opened", datetime.now(UTC), data, "opened")))
    assert naming.named(Event.objects.get()) == (cast.acme, one, None, None, campaign)
