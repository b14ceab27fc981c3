from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clients.vendors import http as door
from clients.vendors.errors import AccessDenied, Busy, Rejected, UnexpectedAnswer, VendorDown
from clients.vendors.http import CONNECT, READ, Http
from clients.vendors.retries import QUICK, Patience
from tests.clients.vendors.answering import Answering, answering, http
from tests.clients.vendors.test_contract import told

KEY = "canary-0123456789-key"


@contextmanager
def asking(*answers: bytes, **options: object) -> Iterator[tuple[Http, Answering]]:
    with answering(*answers) as server:
        client = Http(server.url, {"X-API-KEY": KEY}, loopback=True, label="Acme", **options)
        try:
            yield client, server
        finally:
            client.close()


class Pace:
    def __init__(self, wait: float = 0) -> None:
        self.wait = wait
        self.taken = 0
        self.blocked: list[float] = []
        self.heeded: list[tuple[int, float]] = []

    def take(self) -> float:
        self.taken += 1
        return self.wait

    def block(self, seconds: float) -> None:
        self.blocked.append(seconds)

    def heed(self, calls: int, seconds: float) -> None:
        self.heeded.append((calls, seconds))


def test_the_patience_keeps_its_promises() -> None:
    patience = Http.patience
    assert len(patience.tries) >= 5
    assert CONNECT <= 10
    assert READ <= 60
    assert sum(patience.tries) + sum(patience.waits) <= patience.whole == 120
    assert len(patience.waits) == len(patience.tries) - 1
    assert sum(QUICK.tries) + sum(QUICK.waits) <= QUICK.whole + 1


def test_the_key_goes_out_in_its_header_over_one_connection() -> None:
    with asking(http(body=b"1")) as (client, server):
        for _ in range(3):
            assert client.get("/v3/x", {"a": "b c", "d": "ä&"}, decode=bytes) == b"1"
    assert server.connections == 1
    assert server.heads[0].startswith(b"GET /v3/x?a=b+c&d=%C3%A4%26 HTTP/1.1\r\n")
    assert b"X-API-KEY: " + KEY.encode() in server.heads[0]


def test_the_key_is_not_carried_to_where_a_redirect_points() -> None:
    with answering(http(body=b"1")) as elsewhere:
        redirect = http("302 Found", b"", f"Location: {elsewhere.url}/")
        with asking(redirect) as (client, _), pytest.raises(Rejected, match="elsewhere"):
            client.get("/", decode=bytes)
        assert elsewhere.connections == 0


def test_a_packed_body_is_unpacked() -> None:
    packed = gzip.compress(b'{"a": 1}')
    with asking(http("200 OK", packed, "Content-Encoding: gzip")) as (client, _):
        assert client.get("/", decode=bytes) == b'{"a": 1}'


def test_a_body_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BIGGEST", 100_000)
    bomb = gzip.compress(b"x" * 10_000_000)
    with (
        asking(http("200 OK", bomb, "Content-Encoding: gzip")) as (client, _),
        pytest.raises(UnexpectedAnswer, match="more than"),
    ):
        client.get("/", decode=bytes)


def test_a_body_that_is_badly_packed_is_a_fault() -> None:
    with (
        asking(http("200 OK", b"no gzip", "Content-Encoding: gzip")) as (client, server),
        pytest.raises(VendorDown, match="Acme"),
    ):
        client.get("/", decode=bytes)
    assert len(server.heads) == 5


def test_what_is_no_http_is_a_fault() -> None:
    with asking(b"SSH-2.0-OpenSSH\r\n\r\n") as (client, _), pytest.raises(VendorDown):
        client.get("/", decode=bytes)


def test_a_vendor_that_is_not_there_is_down() -> None:
    with answering(http()) as server:
        url = server.url
    client = Http(url, {}, loopback=True, label="Acme")
    with pytest.raises(VendorDown, match="Acme can't be reached"):
        client.get("/", decode=bytes)
    client.close()


def test_waits_between_tries_grow_and_vary(pauses: list[float]) -> None:
    with asking(http("500 Oops")) as (client, _), pytest.raises(VendorDown):
        client.get("/", decode=bytes)
    assert [round(slept, 3) <= most for slept, most in zip(pauses, (0.5, 1, 2, 4), strict=True)] == [True] * 4
    assert all(slept >= most / 2 for slept, most in zip(pauses, (0.5, 1, 2, 4), strict=True))


def test_all_tries_together_end_in_time() -> None:
    patience = Patience(tries=(30,) * 5, whole=0.3)
    with asking(b"", patience=patience) as (client, _):
        began = time.monotonic()
        with pytest.raises(VendorDown, match="in time"):
            client.get("/", decode=bytes)
    # One try alone would last longer.
    assert time.monotonic() - began < 20


def test_what_is_sent_is_sent_once() -> None:
    with asking(http("500 Oops")) as (client, server), pytest.raises(VendorDown):
        client.send("POST", "/v3/shuffle", {"a": 1})
    assert len(server.heads) == 1
    assert server.heads[0].endswith(b'{"a":1}')


def test_each_try_takes_from_the_budget_and_waits_its_turn(pauses: list[float]) -> None:
    pace = Pace(wait=0.25)
    with asking(http("500 Oops"), http(body=b"1"), pace=pace) as (client, _):
        client.get("/", decode=bytes)
    assert pace.taken == 2
    assert [pauses[0], pauses[2]] == [0.25, 0.25]


def test_the_whole_budget_hears_of_a_429() -> None:
    pace = Pace()
    with asking(http("429 Slow", b"", "Retry-After: 600"), pace=pace) as (client, _), pytest.raises(Busy):
        client.get("/", decode=bytes)
    assert pace.blocked == [600]


def test_the_budget_hears_what_is_left_of_the_vendors() -> None:
    pace, date = Pace(), "Date: Fri, 20 Nov 2026 12:00:00 GMT"
    told = [("7", "90"), ("6", str(1795176000 + 80)), ("5", "1.5"), ("-1", "5"), ("4", "soon"), ("", "5"), ("3", "9999999999")]
    answers = [http("200 OK", b"1", f"X-RateLimit-Remaining: {left}", f"X-RateLimit-Reset: {at}", date) for left, at in told]
    with asking(*answers, http("500 Oops", b"", "X-RateLimit-Remaining: 2", "X-RateLimit-Reset: 1"), pace=pace) as (client, _):
        for _ in told:
            client.get("/", decode=bytes)
        with pytest.raises(VendorDown):
            client.send("POST", "/")
    assert pace.heeded == [(7, 90), (6, 80), (5, 1.5), (3, 86400), (2, 1)]


def test_a_429_says_itself_how_long_to_wait() -> None:
    pace = Pace()
    told = http("429 Slow", b"", "Retry-After: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 144")
    with asking(told, pace=pace) as (client, _), pytest.raises(Busy):
        client.get("/", decode=bytes)
    assert (pace.blocked, pace.heeded) == ([60], [])


def test_a_header_that_is_none_is_not_sent() -> None:
    with asking(http(body=b"1")) as (client, server):
        client.get("/", decode=bytes, headers={"X-API-KEY": None, "X-Also": "a"})
        client.get("/", decode=bytes)
    assert KEY.encode() not in server.heads[0]
    assert b"X-Also: a" in server.heads[0]
    assert KEY.encode() in server.heads[1]


def test_a_503_that_names_a_time_is_a_wait_too() -> None:
    with asking(http("503 Later", b"", "Retry-After: 600")) as (client, server), pytest.raises(Busy) as caught:
        client.get("/", decode=bytes)
    assert (caught.value.retry_after, len(server.heads)) == (600, 1)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"detail": "No such page token"}', "No such page token"),
        (b'{"detail": [{"loc": ["query", "limit"], "msg": "must be a number"}]}', "limit: must be a number"),
        (b'{"error": {"code": "c", "message": "No"}, "request_id": "req_01HZ-8K"}', "No; request req_01HZ-8K"),
        (b'{"error": {"message": "limit is too high", "field": "limit"}, "request_id": "<b>"}', "limit is too high"),
        (b'{"detail": "", "message": "Forbidden"}', "Forbidden"),
        (b'{"error": {"code": "E17", "message": "Too old"}}', "Too old"),
        (b'{"error": "plain"}', "plain"),
        (b'{"errors": {"email": ["is taken", "is odd"]}}', "email: is taken; is odd"),
        (b'{"errors": [{"field": "tag", "message": "unknown"}]}', "tag: unknown"),
        (b'{"detail": [{"loc": ["body", "scroll_down"], "msg": "too much"}]}', "scroll down: too much"),
        (b'{"errors": {"scroll_down": "too much"}}', "scroll down: too much"),
        (b'{"message": "<b onclick=x>bold</b>\\u0000\\u001b[31m red\\n"}', "bold [31m red"),
        (b"<html><h1>Bad</h1></html>", "Bad Request"),
        (b"", "Bad Request"),
        (b"[" * 9000, "Bad Request"),
        (b'{"detail": {"detail": {"detail": 5}}}', "Bad Request"),
        (b'{"detail": "' + b"x" * 300 + b'"}', "x" * 199 + "…"),
        ('{"detail": "Der Schlüssel canary-0123456789-key ist ungültig"}'.encode(), "Der Schlüssel [hidden] ist ungültig"),
        (b'{"detail": "' + b"x" * 190 + KEY.encode() + b'"}', "x" * 190 + "[hidden]"),
    ],
)
def test_a_refusal_is_told_in_plain_words(body: bytes, words: str) -> None:
    with asking(http("400 Bad Request", body)) as (client, _), pytest.raises(Rejected) as caught:
        client.get("/v3/x", decode=bytes)
    assert str(caught.value) == f"Acme refuses this ({words})."
    told(caught.value, KEY)


@pytest.mark.parametrize("key", [KEY + "\n", KEY + "\r\nX-Other: 1", f" {KEY}", KEY + "é", "", KEY + "\x00"])
def test_a_key_that_no_header_takes_is_refused_without_being_told(key: str) -> None:
    with pytest.raises(AccessDenied) as caught:
        Http("https://vendor.example", {"X-API-KEY": key})
    told(caught.value, KEY)


def test_a_fault_on_the_wire_leaves_no_request_behind() -> None:
    with asking(b"nonsense\r\n\r\n") as (client, _), pytest.raises(VendorDown) as caught:
        client.get("/", decode=bytes)
    told(caught.value, KEY)
    assert caught.value.__context__ is None
