"""InboxBase's events, as its sandbox delivers them: each kept once, and the day's figures read again at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Event, Feed
from sandbox.answers import encode
from sandbox.hooks import signature
from tests.cast import Cast
from tests.clients.sending.mailing import MAYA, account_of
from tests.clients.webhooks.delivering import Door, open_door

SECRET = "whsec_test_inboxbase"


@pytest.fixture
def door(cast: Cast) -> Door:
    return open_door(account_of(cast), SECRET)


def knock(door: Door, kind: str, seq: int = 7, secret: str = SECRET) -> int:
    now = timezone.now()
    body = encode({"id": f"evt_{kind}_{seq}", "seq": seq, "type": kind, "createdAt": now.isoformat(), "data": {"identity": MAYA}})
    return door.knock(body, {"X-Inboxbase-Signature": signature(secret, body)})


def test_a_delivery_is_kept_once_with_its_identity_as_its_stream(door: Door) -> None:
    assert [knock(door, "email.replied") // 100 for _ in range(2)] == [2, 2]
    assert knock(door, "email.sent", secret="whsec_other") == 401
    assert list(Event.objects.values_list("type", "seq", "stream")) == [("email.replied", 7, MAYA)]


def test_what_a_day_counts_has_the_stream_read_at_once(door: Door) -> None:
    far = timezone.now() + timedelta(hours=1)
    Feed.objects.update(next_at=far)
    knock(door, "mailbox.replaced")
    door.process()
    assert not Feed.objects.filter(next_at__lt=far).exists()
    knock(door, "email.bounced", 8)
    door.process()
    assert list(Feed.objects.filter(next_at__lt=far).values_list("resource", flat=True)) == ["streams"]


def test_a_type_of_next_year_is_kept(door: Door) -> None:
    assert knock(door, "email.opened") // 100 == 2
    door.process()
    assert Event.objects.get().state == "unknown"
