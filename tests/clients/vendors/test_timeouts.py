"""How long a call may take, as the wire is told: of each vendor's client, through httpx and the guard to the socket."""

from __future__ import annotations

from typing import Any

import httpcore
import httpx
import pytest

from clients.vendors.errors import VendorDown
from clients.vendors.http import Http
from tests.clients.vendors.stages import Stage

CONNECT, READ = 10, 60  # seconds at most


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float | None]]:
    """What each request told its transport."""
    seen: list[dict[str, float | None]] = []
    real = httpx.HTTPTransport.handle_request

    def handle(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return real(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle)
    return seen


@pytest.fixture
def connecting(monkeypatch: pytest.MonkeyPatch) -> list[float | None]:
    """What each socket was given to be connected in."""
    seen: list[float | None] = []
    real = httpcore.SyncBackend.connect_tcp

    def connect(self: Any, host: str, port: int, timeout: float | None = None, *rest: Any) -> httpcore.NetworkStream:
        seen.append(timeout)
        return real(self, host, port, timeout, *rest)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return seen


def test_every_vendors_calls_have_ten_seconds_to_connect_and_sixty_for_the_rest(
    stage: Stage, told: list[dict[str, float | None]], connecting: list[float | None]
) -> None:
    stage.read(stage.open())
    assert told
    assert connecting
    for timeout in told:
        assert set(timeout) == {"connect", "read", "write", "pool"}
        assert 0 < timeout["connect"] <= CONNECT
        assert all(0 < timeout[part] <= READ for part in ("read", "write", "pool"))
    assert all(0 < seconds <= CONNECT for seconds in connecting)


def test_all_addresses_of_a_host_together_have_ten_seconds_to_be_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that each try moves on by four seconds: the guard counts, httpx has only said how long."""
    clock, given = [1000.0], list[float]()
    monkeypatch.setattr("clients.vendors.guard.time.monotonic", lambda: clock[0])

    def silent(address: str, port: int, timeout: float, *_: Any) -> httpcore.NetworkStream:
        given.append(timeout)
        clock[0] += min(timeout, 4)
        raise httpcore.ConnectTimeout("silence")

    client = Http("https://vendor.example", {"X-API-KEY": "k"})
    monkeypatch.setattr(client._network, "_resolve", lambda host, port: [f"8.8.8.{number}" for number in range(9)])
    monkeypatch.setattr(client._network._plain, "connect_tcp", silent)
    with pytest.raises(VendorDown, match="did not answer in time"):
        client.send("POST", "/")
    client.close()
    assert given == [10, 6, 2]
