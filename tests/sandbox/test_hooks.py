"""Signatures by the vectors of the vendors' own pages, and deliveries to a door that may refuse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.hooks import Endpoint, Postman, Scheme, disturbed, signature

INBOX = (
    b'{"id":"ck9v2m5nj0xp4wq7ybftrae8","seq":42,"teamId":"hzcai5t59nn9vsck3rbuepyg","type":"thread.deleted",'
    b'"timestamp":"2025-01-15T10:30:00.000Z","version":"1.0","data":{"threadId":"l44e15irdq4db30i77cgphhx"}}'
)
IMAIL = (
    b'{"id":"evt_01HZ8KQ0000000000000000001","type":"email.bounced.hard","created_at":"2026-05-12T09:30:00Z",'
    b'"workspace_id":"ws_01HZ8K","data":{"campaign_id":"cmp_01HZ8K","inbox_id":"inb_01HZ8K","lead_id":"led_01HZ8K",'
    b'"email":"a@example.com"}}'
)


def test_a_timed_signature_is_the_vendors() -> None:
    said = "fb923b1b5414782d351eab3d5063d7ba48bbb8abdb4888cfd365a891913650a4"
    assert signature("ibt_wh_test", INBOX, 1736937000) == f"t=1736937000,v1={said}"


def test_a_signature_of_the_body_alone_is_the_vendors() -> None:
    said = "f55080ef4f36e6738e0588352c174378506cc39c1fd3c1833e9dbf0c7ae9f1e4"
    assert signature("whsec_test_imail", IMAIL, style="raw") == said


class Door:
    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.got: list[tuple[bytes, dict[str, str]]] = []
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                door.got.append((body, dict(self.headers)))
                self.send_response(door.statuses.pop(0) if door.statuses else 200)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/x/"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_failure_is_tried_again_when_its_time_has_come(door: Door) -> None:
    clock = Clock(date(2026, 11, 20))
    postman = Postman(clock, retries=(5, 30))
    door.statuses = [500, 503, 200]
    endpoint = Endpoint(door.url, "whsec_1", Scheme("X-Sig", told={"X-Event": "type"}), types=("a",))
    assert postman.send(endpoint, {"id": "e1", "type": "b"}) is None
    assert postman.send(endpoint, {"id": "e1", "type": "a"}) == 500
    assert postman.go_on() == 0
    clock.forward(5)
    assert postman.go_on() == 1
    clock.forward(24)
    assert postman.go_on() == 0
    clock.forward(1)
    assert postman.go_on() == 1
    assert [one.status for one in postman.attempts] == [500, 503, 200]
    assert postman.waiting == 0
    assert {headers["X-Event"] for _, headers in door.got} == {"a"}


def test_gone_closes_the_endpoint(door: Door) -> None:
    postman = Postman(Clock(date(2026, 11, 20)), retries=(5,))
    door.statuses = [410]
    endpoint = Endpoint(door.url, "whsec_1", Scheme("X-Sig"))
    assert postman.send(endpoint, {"id": "e1"}) == 410
    assert postman.send(endpoint, {"id": "e2"}) is None
    assert postman.waiting == 0


def test_what_goes_wrong_on_the_way_is_the_same_each_time() -> None:
    events = [{"id": f"e{number}", "seq": number, "data": {}} for number in range(500)]
    odds = {"duplicated": 0.3, "forged": 0.05, "corrupt": 0.02, "dropped": 0.05}
    letters = disturbed(events, "s", Scheme("X-Sig"), **odds)
    counts = {kind: sum(letter.kind == kind for letter in letters) for kind in ("true", "twice", "forged", "corrupt")}
    assert 450 < counts["true"] < 490
    assert 120 < counts["twice"] < 180
    assert 15 < counts["forged"] < 40
    assert 3 < counts["corrupt"] < 20
    assert [one.event for one in letters] == [one.event for one in disturbed(events, "s", Scheme("X-Sig"), **odds)]
    assert [one.event for one in letters] != sorted((one.event for one in letters), key=lambda name: int(name[1:]))
