"""Envelopes that are not today's: told apart by what stands in them, and none of them believed further than it goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Conversation, Event, EventState, Feed
from clients.webhooks import doors, taking
from sandbox.answers import encode
from sandbox.inbox.cast import CAST
from sandbox.inbox.formats import legacy as old
from sandbox.inbox.formats import v2
from sandbox.inbox.making import make
from tests.cast import Cast
from tests.clients.doing import actions, signed_in, text_of
from tests.clients.webhooks.delivering import SECRET, THREAD, Door, event, thread


def thin(kind: str, number: int = 1, version: str = "2") -> dict[str, Any]:
    at = timezone.now().isoformat()
    told = {"type": "thread", "id": THREAD, "url": "https://inboxapp.example/t"}
    return {"id": f"evt{number}", "seq": number, "type": kind, "apiVersion": version, "createdAt": at, "object": told, "data": {}}


def legacy(named: str = "m1", *, hours: float = 0) -> dict[str, Any]:
    at = (timezone.now() - timedelta(hours=hours)).isoformat()
    data = {"message": {"id": named, "content": "Hello"}, "thread": thread(), "external": {"displayName": "Dana"}}
    return {"event": "targetReplied", "version": "1.0", "timestamp": at, "platform": "twitter", "source": "inbox", "data": data}


TEAM = make(CAST[0], 1, 7, timezone.now() - timedelta(minutes=5))


def newest(length: int = 60) -> list[dict[str, Any]]:
    return TEAM.events[-length:]


def stirred(door: Door) -> bool:
    feed, later = Feed.objects.filter(connection=door.connection, resource="events"), timezone.now() + timedelta(hours=1)
    feed.update(next_at=later, last_ok_at=None)
    door.process()
    return feed.get().next_at < later


def test_an_event_of_version_2_has_the_list_read_and_is_another_than_the_one_there(door: Door) -> None:
    assert door.post(thin("message.received")) == 200
    assert stirred(door)
    kept = Event.objects.get()
    assert (kept.type, kept.external_id, kept.seq, kept.state) == ("v2/message.received", "v2/evt1", None, EventState.PROCESSED)
    assert door.post(event(1, "thread.created")) == 200
    door.process()
    assert Conversation.objects.get().external_id == THREAD
    assert door.post(thin("thread.typing", 2)) == 200
    assert not stirred(door)
    assert door.post(thin("thread.deleted", 3)) == 200
    door.process()
    assert Conversation.objects.get().gone_at is None


@pytest.mark.parametrize(("kind", "version"), [("message.received", "3"), ("galaxy.collided", "2")])
def test_a_version_or_type_that_nobody_knows_is_kept_and_shown(door: Door, cast: Cast, kind: str, version: str) -> None:
    assert door.post(thin(kind, version=version)) == 200
    assert not stirred(door)
    assert Event.objects.get().state == EventState.UNKNOWN
    assert f"v{version}/{kind}" in text_of(signed_in(cast.mo).get("/settings/events/?status=unknown"))


def test_the_old_format_is_turned_away_until_somebody_takes_it(door: Door, cast: Cast) -> None:
    body, browser = encode(legacy()), signed_in(cast.mo)
    page = f"/connections/{door.connection.uuid}/hook/"
    assert [door.knock(body, {}), door.post(body)] == [401, 400]
    assert door.hook.refused_why
    assert not Event.objects.exists()
    assert "Take the old format too" in text_of(browser.get(page))
    browser.post(f"{page}old-format/", {"take": "yes"})
    assert "Turn the old format away" in text_of(browser.get(page))
    assert [door.knock(body, {}), door.post(body)] == [200, 200]
    assert stirred(door)
    kept = Event.objects.get()
    assert (kept.type, kept.external_id) == ("legacy/targetReplied", "legacy/targetReplied/m1")
    assert not Conversation.objects.exists()
    browser.post(f"{page}old-format/", {"take": "no"})
    assert door.knock(encode(legacy("m2")), {}) == 401
    assert actions()[-2:] == ["hook.old_format_taken", "hook.old_format_refused"]


def test_all_that_a_team_tells_is_known_in_each_format(door: Door) -> None:
    doors.take_old(door.connection, None, taken=True)
    told = [shaped for one in newest() for shape in (v2, old) if (shaped := shape(one))]
    assert {door.post(one) for one in told} == {200}
    assert stirred(door)
    assert set(Event.objects.values_list("state", flat=True)) == {EventState.PROCESSED}
    assert Event.objects.count() == len(told)
    assert not Conversation.objects.exists()


def test_taking_the_old_format_opens_nothing_else(door: Door) -> None:
    doors.take_old(door.connection, None, taken=True)
    assert door.knock(encode(event(1)), {}) == 401
    assert door.knock(encode(thin("message.received")), {}) == 401
    assert door.knock(encode(legacy() | {"type": "thread.created", "id": "evt1"}), {}) == 401
    assert door.post(legacy(), f"{SECRET}?") == 401
    assert door.knock(encode(legacy(hours=26)), {}) == 401
    assert door.knock(encode(legacy() | {"data": {}}), {}) == 400
    assert door.knock(b"{", {}) == 400
    assert not Event.objects.exists()
    assert door.hook.refused_why != taking.OLD_FORMAT
