"""Faults over a real socket, and which requests they strike."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from sandbox.faults import KINDS
from tests.sandbox.asking import Asking
from tests.waiting import wait_until

#: Waits for an answer no longer than that, and for everything else as long as it takes.
HASTY = httpx.Timeout(60, read=0.2)


def strike(ask: Asking, kind: str, path: str = "/broadcasts", **args: Any) -> httpx.Response:
    """The answer with the fault in it; the one after it must be sound again."""
    sound = ask.get(path)
    ask.box.faults.add(kind, **args)
    struck = ask.get(path)
    assert ask.get(path).content == sound.content
    return struck


@pytest.mark.parametrize(("given", "header"), [(30, "30"), ("soon", "soon"), (0, "0"), (None, None), ("", "")])
def test_busy_tells_when_to_come_back(ask: Asking, given: Any, header: str | None) -> None:
    response = strike(ask, "busy", retry_after=given)
    assert response.status_code == 429
    assert response.headers.get("Retry-After") == header


def test_busy_can_name_a_date(ask: Asking) -> None:
    response = strike(ask, "busy", retry_after_date=90)
    ahead = parsedate_to_datetime(response.headers["Retry-After"]) - parsedate_to_datetime(response.headers["Date"])
    assert 89 <= ahead.total_seconds() <= 91


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504])
def test_error_statuses(ask: Asking, status: int) -> None:
    response = strike(ask, "error", status=status, retry_after=3)
    assert (response.status_code, response.headers["Retry-After"]) == (status, "3")
    assert "detail" in response.json()


@pytest.mark.parametrize("status", [200, 502])
def test_a_web_page_comes_instead(ask: Asking, status: int) -> None:
    response = strike(ask, "html", status=status)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.text.startswith("<!doctype html>")


def test_an_empty_body(ask: Asking) -> None:
    response = strike(ask, "empty")
    assert (response.status_code, response.content) == (200, b"")


def test_a_connection_that_closes(ask: Asking) -> None:
    ask.box.faults.add("close")
    with pytest.raises(httpx.RemoteProtocolError):
        ask.get("/seeds")
    assert ask.get("/seeds").status_code == 200


def test_a_connection_that_is_reset(ask: Asking) -> None:
    ask.box.faults.add("reset")
    with pytest.raises(httpx.ReadError) as caught:
        ask.get("/seeds")
    assert "reset" in str(caught.value).lower()
    assert ask.get("/seeds").status_code == 200


@pytest.mark.parametrize("reset", [False, True])
def test_a_lost_answer_was_carried_out(ask: Asking, reset: bool) -> None:
    before = ask.every("/seeds")
    ask.box.faults.add("lost", "/v3/seeds/shuffle", method="POST", reset=reset)
    with pytest.raises(httpx.TransportError):
        ask.send("POST", "/seeds/shuffle", json={"method": "in_place", "percentage": 50})
    assert ask.get("/seeds/shuffle/status").json()["allowed"] is False
    assert ask.every("/seeds") != before
    assert len(ask.box.requests.to("/v3/seeds/shuffle", "POST")) == 1


def test_a_lost_answer_can_be_waited_for_in_vain(ask: Asking) -> None:
    ask.box.faults.add("lost", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        ask.client.post(
            "/v3/senders", headers={"X-API-KEY": ask.box.key("northwind")}, json={"email": "a@northwind.example"}, timeout=HASTY
        )
    wait_until(lambda: len(ask.every("/senders")) == 9)


def test_a_stalled_answer(ask: Asking) -> None:
    ask.box.faults.add("stall", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        ask.client.get("/v3/seeds", headers={"X-API-KEY": ask.box.key("northwind")}, timeout=HASTY)
    ask.box.faults.add("stall", seconds=0.05)
    assert ask.get("/seeds").status_code == 200


@pytest.mark.parametrize("part", ["body", "head"])
def test_a_dripping_answer_comes_byte_by_byte(ask: Asking, part: str) -> None:
    sound = ask.get("/seeds/shuffle/status")
    ask.box.faults.add("drip", seconds=0.0001, part=part)
    connection = HTTPConnection("127.0.0.1", ask.box.port, timeout=60)
    connection.request("GET", "/v3/seeds/shuffle/status", headers={"X-API-KEY": ask.box.key("northwind")})
    response = connection.getresponse()
    assert response.read() == sound.content
    connection.close()


def test_dripping_takes_its_time(ask: Asking) -> None:
    ask.box.faults.add("drip", seconds=60)
    asked = f"GET /v3/seeds HTTP/1.1\r\nX-API-KEY: {ask.box.key('northwind')}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", ask.box.port), timeout=60) as connection, connection.makefile("rb") as answer:
        connection.sendall(asked.encode())
        assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
        while answer.readline().strip():
            pass
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            answer.read()


def test_a_cut_body_that_admits_its_length(ask: Asking) -> None:
    whole = ask.get("/seeds").content
    response = strike(ask, "cut", "/seeds", share=0.25)
    assert response.content == whole[: len(whole) // 4]
    assert int(response.headers["Content-Length"]) == len(whole) // 4
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_cut_body_that_lies_about_its_length(ask: Asking) -> None:
    ask.box.faults.add("cut", honest=False)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        ask.get("/seeds")


def test_a_key_that_is_revoked_on_the_way(ask: Asking) -> None:
    ask.box.faults.add("revoked", account="northwind", after=3, times=None)
    assert [ask.get("/seeds").status_code for _ in range(6)] == [200, 200, 200, 401, 401, 401]
    assert ask.of("halden").get("/seeds").status_code == 200


def test_data_can_change_between_two_pages(ask: Asking) -> None:
    seeds = [seed["email"] for seed in ask.every("/seeds")]
    ask.box.faults.add("change", query={"page_token": "*"}, what={"remove_seeds": [seeds[0], seeds[150]]})
    assert [seed["email"] for seed in ask.every("/seeds")] == [seed for seed in seeds if seed != seeds[150]]
    assert len(ask.every("/seeds")) == 238


def test_a_fault_strikes_only_what_it_names(ask: Asking) -> None:
    ask.box.faults.add(
        "error", "/v3/broadcasts*", method="GET", account=ask.box.key("northwind"), query={"provider": "g*"}, times=None
    )
    assert ask.get("/broadcasts", provider="gmail").status_code == 500
    assert ask.get("/broadcasts", provider="gsuite").status_code == 500
    assert ask.get("/broadcasts", provider="yahoo").status_code == 200
    assert ask.get("/broadcasts").status_code == 200
    assert ask.get("/seeds").status_code == 200
    assert ask.of("halden").get("/broadcasts", provider="gmail").status_code == 200
    assert ask.send("POST", "/broadcasts", provider="gmail").status_code == 405


def test_after_and_times_count_matching_requests(ask: Asking) -> None:
    ask.box.faults.add("error", "/v3/seeds", after=2, times=2)
    ask.get("/senders")
    assert [ask.get("/seeds").status_code for _ in range(6)] == [200, 200, 500, 500, 200, 200]


def test_of_two_faults_the_first_strikes_and_the_other_waits(ask: Asking) -> None:
    ask.box.faults.add("error", status=503)
    ask.box.faults.add("busy")
    assert [ask.get("/seeds").status_code for _ in range(3)] == [503, 429, 200]


def test_unknown_kinds_and_arguments_are_refused(ask: Asking) -> None:
    with pytest.raises(ValueError, match="no fault"):
        ask.box.faults.add("flood")
    with pytest.raises(ValueError, match="takes no"):
        ask.box.faults.add("close", seconds=1)
    assert len(ask.box.faults) == 0


def test_stopping_ends_a_stall() -> None:
    from sandbox.server import Sandbox

    with Sandbox() as box, httpx.Client(base_url=box.url, trust_env=False, timeout=120) as client:
        box.faults.add("stall", seconds=600)
        ended = threading.Event()

        def wait() -> None:
            with contextlib.suppress(httpx.TransportError):
                client.get("/v3/seeds", headers={"X-API-KEY": box.key("petit")})
            ended.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        wait_until(lambda: len(box.requests))
        box.stop()
        assert ended.wait(60)
        waiting.join()


def test_every_kind_has_its_test() -> None:
    from pathlib import Path

    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_fault*.py"))
    assert [kind for kind in KINDS if f'"{kind}"' not in text] == []
