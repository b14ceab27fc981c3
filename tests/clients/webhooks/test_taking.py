"""The door: who gets in, and that nothing is acknowledged which no row holds."""

from __future__ import annotations

import gzip
import io
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from agency.logs import LineFormatter
from agency.models import AuditEntry
from clients.models import Conversation, Event, EventState, Hook
from clients.webhooks import doors, taking
from sandbox.answers import encode
from sandbox.hooks import signature
from tests.at_once import at_once
from tests.cast import Cast, connect, make_cast
from tests.clients.webhooks.delivering import SECRET, Door, event, open_door

OTHER = "ibt_wh_another-secret-of-another-account"


def test_an_event_is_stored_as_it_came(door: Door) -> None:
    body = encode(event(42))
    assert door.post(body) == 200
    kept = Event.objects.get()
    assert (kept.external_id, kept.type, kept.seq, kept.mark, kept.state) == ("evt42", "thread.archived", 42, 42, "waiting")
    assert kept.raw == body.decode()


@pytest.mark.django_db(transaction=True)
def test_one_event_over_eight_connections_is_one_row_and_one_effect() -> None:
    cast = make_cast()
    door = open_door(connect(cast.north, key="inbox-token-0123456789", client=cast.acme, vendor="inbox"))
    told: list[int] = []

    at_once(lambda: told.extend(door.post(event(1, "thread.created")) for _ in range(20)), 8)
    assert told == [200] * 160
    assert Event.objects.count() == 1
    assert door.process() == 1
    assert Conversation.objects.count() == 1
    assert door.post(event(1, "thread.created")) == 200
    assert door.process() == 0


BODY = encode(event(1))
NOW = int(time.time())
FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "no signature": dict,
    "an empty one": lambda: {"X-Inbox-Signature": ""},
    "words": lambda: {"X-Inbox-Signature": "please"},
    "another secret": lambda: {"X-Inbox-Signature": signature(OTHER, BODY)},
    "the secret without its prefix": lambda: {"X-Inbox-Signature": signature(SECRET.removeprefix("ibt_wh_"), BODY)},
    "another body": lambda: {"X-Inbox-Signature": signature(SECRET, BODY + b" ")},
    "another time": lambda: {"X-Inbox-Signature": signature(SECRET, BODY).replace("t=", "t=1")},
    "no time": lambda: {"X-Inbox-Signature": signature(SECRET, BODY).partition(",")[2]},
    "two times": lambda: {"X-Inbox-Signature": f"{signature(SECRET, BODY)},t=1"},
    "a negative time": lambda: {"X-Inbox-Signature": signature(SECRET, BODY).replace("t=", "t=-")},
    "a time of many digits": lambda: {"X-Inbox-Signature": signature(SECRET, BODY, 10**30)},
    "half a signature": lambda: {"X-Inbox-Signature": signature(SECRET, BODY)[:-32]},
    "capitals": lambda: {"X-Inbox-Signature": signature(SECRET, BODY).upper()},
    "letters no header should have": lambda: {"X-Inbox-Signature": f"t={int(time.time())},v1=é"},
    "another version": lambda: {"X-Inbox-Signature": signature(SECRET, BODY).replace("v1=", "v0=")},
    "another header": lambda: {"X-Imail-Signature": signature(SECRET, BODY)},
    "the body alone": lambda: {"X-Inbox-Signature": signature(SECRET, BODY, style="raw")},
    "too old": lambda: {"X-Inbox-Signature": signature(SECRET, BODY, int(time.time()) - 302)},
    "from the future": lambda: {"X-Inbox-Signature": signature(SECRET, BODY, int(time.time()) + 302)},
}


@pytest.mark.parametrize("headers", FORGED.values(), ids=FORGED)
def test_what_is_forged_is_refused_and_leaves_no_row(door: Door, headers: Callable[[], dict[str, str]]) -> None:
    assert door.knock(BODY, headers()) == 401
    assert not Event.objects.exists()


def test_of_two_signatures_one_right_one_is_enough(door: Door) -> None:
    assert door.knock(BODY, {"X-Inbox-Signature": signature(OTHER, BODY, also=SECRET)}) == 200
    assert door.knock(BODY, {"X-Inbox-Signature": signature(OTHER, BODY, also="neither")}) == 401


def test_another_connections_signature_opens_nothing(door: Door, cast: Cast) -> None:
    other = open_door(connect(cast.south, key="inbox-token-south-0123", vendor="inbox"), OTHER)
    assert door.post(BODY, OTHER) == 401
    assert other.post(BODY, SECRET) == 401
    assert not Event.objects.exists()


def test_300_seconds_are_the_most(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now().replace(microsecond=0)
    monkeypatch.setattr(taking.timezone, "now", lambda: now)
    for seconds, status in ((299, 200), (300, 200), (301, 401), (-299, 200), (-301, 401)):
        assert door.post(event(seconds + 400), at=int(now.timestamp()) - seconds) == status, seconds


def test_a_wrong_address_is_nowhere(door: Door) -> None:
    for token in ("x", door.token[:-1], f"{door.token}a", door.hook.token_hash, "%00", "é"):
        assert Door(door.connection, token).post(BODY) == 404
    assert len(door.token) * 6 >= 128
    assert door.token not in str(Hook.objects.values())


def test_the_address_stands_in_no_log(door: Door) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LineFormatter("%(message)s"))
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        assert door.post(BODY, OTHER) == 401
        assert door.knock(b"", {}) == 401
    finally:
        logger.removeHandler(handler)
    assert "/hooks/…/" in written.getvalue()
    assert door.token not in written.getvalue()


def test_an_address_made_anew_closes_the_old_one_and_a_removed_account_both(door: Door) -> None:
    new = Door(door.connection, doors.open_address(door.connection, None))
    assert door.post(BODY) == 404
    assert new.post(BODY) == 200
    door.connection.removed_at = timezone.now()
    door.connection.save()
    assert new.post(BODY) == 404


def test_a_closed_door_forgets_its_secret(door: Door) -> None:
    doors.close(door.connection, None)
    assert door.post(BODY) == 404
    assert door.hook.secrets == ""
    fresh = Door(door.connection, doors.open_address(door.connection, None))
    assert fresh.post(BODY) == 401
    assert fresh.hook.refused_why == "No secret has been put in yet."


def test_while_a_secret_is_rotated_both_are_taken_and_then_the_new_one_alone(door: Door) -> None:
    doors.put_in(door.connection, OTHER, None, overlap=24)
    assert door.post(event(1), SECRET) == 200
    assert door.post(event(2), OTHER) == 200
    Hook.objects.update(old_until=timezone.now() - timedelta(seconds=1))
    assert door.post(event(3), SECRET) == 401
    assert door.post(event(4), OTHER) == 200
    doors.put_in(door.connection, SECRET, None)
    assert door.post(event(5), OTHER) == 401
    assert door.post(event(6), SECRET) == 200
    told = str(list(AuditEntry.objects.values())) + str(list(Hook.objects.values()))
    assert SECRET not in told
    assert OTHER not in told


TOO_MUCH: dict[str, tuple[bytes, dict[str, str], int]] = {
    "a megabyte and one": (b'{"id":"' + b"x" * (taking.BIGGEST - 8) + b'"}', {}, 413),
    "packed": (gzip.compress(b"0" * 50_000_000), {"Content-Encoding": "gzip"}, 415),
    "packed, unsaid": (gzip.compress(BODY), {}, 400),
    "ten thousand brackets": (b"[" * 10_000 + b"]" * 10_000, {}, 400),
    "many brackets in an event": (encode(event(1)).replace(b'"team"', b"[" * 100 + b"]" * 100), {}, 400),
    "no UTF-8": (b'{"id":"\xff\xfe"}', {}, 400),
    "no JSON": (b"id=1", {}, 400),
    "not a number": (encode(event(1)).replace(b'"seq":1', b'"seq":NaN'), {}, 400),
    "a number without end": (encode(event(1)).replace(b'"seq":1', b'"seq":' + b"9" * 5000), {}, 400),
    "a list": (b"[1]", {}, 400),
    "nothing": (b"", {}, 400),
    "no id": (b'{"type":"a","data":{}}', {}, 400),
    "an id that is no text": (encode(event(1, id=["x"])), {}, 400),
    "an id without end": (encode(event(1, id="x" * 256)), {}, 400),
    "a NUL in the id": (encode(event(1, id="a\0b")), {}, 400),
    "half a letter in the id": (encode(event(1)).replace(b'"evt1"', b'"\\ud800"'), {}, 400),
    "a seq below nothing": (encode(event(-1, id="e", timestamp="")), {}, 400),
    "no type": (encode(event(1, type=None)), {}, 400),
    "a form of several parts": (BODY, {"Content-Type": "multipart/form-data; boundary=x"}, 400),
}


@pytest.mark.parametrize(("body", "headers", "status"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_signed_and_no_event_is_refused_at_once(door: Door, body: bytes, headers: dict[str, str], status: int) -> None:
    assert door.knock(body, {"X-Inbox-Signature": signature(SECRET, body), **headers}) == status
    assert not Event.objects.exists()


def test_a_body_of_just_a_megabyte_and_half_a_letter_in_its_text_are_kept(door: Door) -> None:
    empty = len(encode(event(1, data={"text": ""})))
    assert door.post(event(1, data={"text": "x" * (taking.BIGGEST - empty)})) == 200
    assert door.post(encode(event(2, data={"text": "?"})).replace(b"?", b"\\ud83d\\u0000")) == 200
    assert Event.objects.count() == 2


def test_what_was_turned_away_is_said_on_the_owners_page_once_a_minute(door: Door) -> None:
    assert door.post(BODY, OTHER) == 401
    noted = door.hook
    assert "not of our secret" in noted.refused_why
    assert door.knock(BODY, {}) == 401
    assert door.hook.refused_why == noted.refused_why
    Hook.objects.update(refused_at=timezone.now() - timedelta(minutes=2))
    assert door.knock(BODY, {}) == 401
    assert "no signature (X-Inbox-Signature)" in door.hook.refused_why


def test_a_paused_account_takes_events_and_processes_them_later(door: Door) -> None:
    door.connection.health = "paused"
    door.connection.save()
    assert door.post(event(1, "thread.created")) == 200
    assert door.process() == 0
    door.connection.health = "ok"
    door.connection.save()
    assert door.process() == 1
    assert Event.objects.get().state == EventState.PROCESSED


def test_the_first_good_delivery_decides_how_they_are_signed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = door.connection.vendor_class
    monkeypatch.setattr(vendor, "hooks", replace(vendor.hooks, styles=("timed", "raw")))
    now = timezone.now().isoformat()
    raw = encode(event(1, timestamp=now))
    assert door.knock(raw, {"X-Inbox-Signature": signature(SECRET, raw, style="raw")}) == 200
    assert door.hook.style == "raw"
    assert door.post(event(2)) == 401
    old = encode(event(3, timestamp="2025-11-20T00:00:00Z"))
    assert door.knock(old, {"X-Inbox-Signature": signature(SECRET, old, style="raw")}) == 401
    doors.put_in(door.connection, SECRET, None)
    assert door.post(event(2)) == 200
