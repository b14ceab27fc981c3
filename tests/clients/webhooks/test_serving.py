"""The door as it is served: web processes that are killed, and a database that goes away behind them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection as database
from django.db import connections

from bench.knocking import knock, request
from bench.processes import web
from clients.models import Event
from sandbox.answers import encode
from sandbox.hooks import signature
from tests.cast import Cast, connect
from tests.clients.sync.killing import on_this_database
from tests.clients.webhooks.delivering import SECRET, Door, event, open_door
from tests.clients.webhooks.dying import DIE
from tests.clients.webhooks.test_taking import OTHER, TOO_MUCH
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc to know its web processes"),
]
KILLS = int(os.environ.get("HOOK_KILLS", "3"))


@pytest.fixture(scope="module")
def address(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two web processes, on the test's database."""
    folder = str(tmp_path_factory.mktemp("served"))
    given = {**on_this_database(), "DATA_DIR": folder, "LOG_LEVEL": "CRITICAL"}
    with web(given, application="tests.clients.webhooks.dying:application", quiet=True, preload=True) as (found, _):
        yield found


@pytest.fixture
def door(people: Cast) -> Door:
    return open_door(connect(people.north, key="inbox-token-0123456789", client=people.acme, vendor="inbox"))


def letter(door: Door, content: dict[str, Any] | bytes, secret: str = SECRET, **headers: str) -> bytes:
    body = content if isinstance(content, bytes) else encode(content)
    signed = {"Content-Type": "application/json", "X-Inbox-Signature": signature(secret, body)}
    return request(door.path, body, signed | headers)


def told(address: str, letters: Sequence[bytes]) -> list[int]:
    statuses = knock(address, letters, connections=8).statuses
    return [statuses[number] for number in range(len(letters))]


def test_a_web_process_killed_between_commit_and_answer_leaves_no_acknowledged_event_without_a_row(
    address: str, door: Door
) -> None:
    events = [event(seq) for seq in range(1, 40 * KILLS + 1)]
    deadly = range(20, len(events), 40)
    statuses = told(address, [letter(door, one, **({DIE: "1"} if n in deadly else {})) for n, one in enumerate(events)])
    assert len(deadly) == KILLS
    assert {statuses[number] for number in deadly} == {0}
    assert set(statuses) == {0, 200}
    kept = set(Event.objects.values_list("external_id", flat=True))
    assert kept >= {events[number]["id"] for number in deadly}  # committed, and nobody was told
    assert kept >= {one["id"] for one, status in zip(events, statuses, strict=True) if status == 200}
    assert set(told(address, [letter(door, one) for one in events])) == {200}
    assert sorted(Event.objects.values_list("seq", flat=True)) == [one["seq"] for one in events]


def test_a_database_that_is_down_is_a_5xx_at_once_and_what_was_acknowledged_is_a_row(address: str, door: Door) -> None:
    before, during = [event(seq) for seq in range(1, 17)], [event(seq) for seq in range(17, 33)]
    assert set(told(address, [letter(door, one) for one in before])) == {200}
    unknown = Door(door.connection, "x" * 43)
    with away():
        knocks = [
            *(letter(door, one) for one in (*during, *before)),
            letter(door, before[0], "forged"),
            letter(unknown, before[0]),
        ]
        assert {status // 100 for status in told(address, knocks)} == {5}
    assert {one["seq"] for one in before} == set(Event.objects.values_list("seq", flat=True))
    wait_until(lambda: told(address, [letter(door, during[0])]) == [200], what="the door to open again")
    assert set(told(address, [letter(door, one) for one in during])) == {200}
    assert sorted(Event.objects.values_list("seq", flat=True)) == list(range(1, 33))


def test_what_is_too_much_is_refused_over_the_wire_and_the_next_is_taken(address: str, door: Door) -> None:
    for name, (body, headers, status) in TOO_MUCH.items():
        assert told(address, [letter(door, body, **headers)]) == [status], name
    assert not Event.objects.exists()
    assert told(address, [letter(door, event(1))]) == [200]


def in_chunks(whole: bytes) -> bytes:
    """The same request without a length, its body in two pieces."""
    head, _, body = whole.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:")]
    pieces = (body[:100], body[100:], b"")
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", chunks])


def test_a_delivery_in_chunks_is_read_up_to_the_same_limit(address: str, door: Door) -> None:
    assert told(address, [in_chunks(letter(door, event(1)))]) == [200]
    assert Event.objects.get().seq == 1
    too_much, headers, status = TOO_MUCH["a megabyte and one"]
    assert told(address, [in_chunks(letter(door, too_much, **headers))]) == [status]
    assert told(address, [in_chunks(letter(door, event(2), OTHER))]) == [401]
    assert told(address, [in_chunks(letter(door, event(3))).replace(b"64\r\n", b"zz\r\n")])[0] == 400
    assert told(address, [letter(door, event(4))]) == [200]


@contextmanager
def away() -> Iterator[None]:
    """The database of this test: gone for everybody, then back as it was."""
    connections.close_all()
    if settings.EMBEDDED_DATABASE:
        file = Path(str(database.settings_dict["NAME"]))
        aside = file.rename(file.with_suffix(".aside"))
        file.mkdir()  # which nobody can open as a file, nor make anew
        try:
            yield
        finally:
            file.rmdir()
            aside.rename(file)
        return
    name = str(database.settings_dict["NAME"])
    with psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", autocommit=True) as server:
        server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        try:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
        finally:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
