from __future__ import annotations

import socket

import httpcore
import pytest

from clients.vendors.errors import VendorDown
from clients.vendors.guard import Network, NotPublic, is_public, may_be_public, on_loopback
from clients.vendors.http import Http
from tests.clients.vendors.answering import answering, http

INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "2002:7f00:1::", "2002:808:808::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "64:ff9b::7f00:1",
    "64:ff9b::a00:1", "64:ff9b:1::1",
]  # fmt: skip
OUTSIDE = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_outside_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "a.localhost", "printer", "printer.local", "db.internal", "nas.home.arpa", "", ".",
     "2130706433", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "10.0.0.1.", "[::1]", *INSIDE],
)  # fmt: skip
def test_hosts_that_nobody_outside_reaches(host: str) -> None:
    assert not may_be_public(host)


@pytest.mark.parametrize("host", ["hooks.example", "A.B.example.", "[2606:4700:4700::1111]", "xn--bcher-kva.example", *OUTSIDE])
def test_hosts_that_somebody_outside_may_reach(host: str) -> None:
    assert may_be_public(host)


class Sockets:
    """Where connections were made, in place of the network."""

    def __init__(self, failing: tuple[str, ...] = ()) -> None:
        self.made: list[str] = []
        self.failing = failing

    def connect_tcp(self, host: str, *_: object) -> httpcore.NetworkStream:
        self.made.append(host)
        if host in self.failing:
            raise httpcore.ConnectError("refused")
        return httpcore.NetworkStream()


def network(*answers: list[str], failing: tuple[str, ...] = (), loopback: bool = False) -> tuple[Network, Sockets, list[str]]:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    made = Network(loopback=loopback, resolve=resolve)
    sockets = Sockets(failing)
    made._plain = sockets  # type: ignore[assignment]
    made.end_in(60)
    return made, sockets, asked


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    net, sockets, _ = network([address])

    with pytest.raises(NotPublic, match="vendor"):
        net.connect_tcp("vendor.example", 443, 10)
    assert sockets.made == []


def test_of_mixed_answers_only_the_public_address_is_taken() -> None:
    net, sockets, _ = network(["127.0.0.1", "8.8.8.8", "::1"])
    net.connect_tcp("vendor.example", 443, 10)

    assert sockets.made == ["8.8.8.8"]


def test_the_connection_goes_to_the_address_that_was_looked_at() -> None:
    """A name that answers differently the second time gains nothing: it is asked once, and the socket gets the address."""
    net, sockets, asked = network(["8.8.8.8"], ["127.0.0.1"])
    net.connect_tcp("rebinding.example", 443, 10)

    assert asked == ["rebinding.example"]
    assert sockets.made == ["8.8.8.8"]
    with pytest.raises(NotPublic):
        net.connect_tcp("rebinding.example", 443, 10)


def test_the_next_address_is_tried_when_one_fails() -> None:
    net, sockets, _ = network(["8.8.8.8", "1.1.1.1"], failing=("8.8.8.8",))
    net.connect_tcp("vendor.example", 443, 10)

    assert sockets.made == ["8.8.8.8", "1.1.1.1"]


def test_with_loopback_nothing_else_is_connected_to() -> None:
    for address in ("8.8.8.8", "10.0.0.1", "::"):
        net, sockets, _ = network([address], loopback=True)
        with pytest.raises(NotPublic):
            net.connect_tcp("localhost", 80, 10)
        assert sockets.made == []


def test_a_name_without_an_address_is_a_fault_that_may_pass() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    net = Network(resolve=nowhere)
    net.end_in(60)
    with pytest.raises(httpcore.ConnectError):
        net.connect_tcp("vendor.example", 443, 10)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_request_reaches_this_machine_unless_the_operator_says_so(host: str) -> None:
    """Over real sockets: finds out, too, when httpx no longer takes our network."""
    with answering(http(body=b"1")) as server:
        client = Http(server.url.replace("127.0.0.1", host), {"X-API-KEY": "k"})
        with pytest.raises(NotPublic):
            client.get("/", decode=bytes)
        with pytest.raises(NotPublic):
            client.send("POST", "/")
        client.close()
    assert server.connections == 0


def test_tls_still_checks_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket goes to an address, the handshake names the host."""
    named: list[str | None] = []

    class Stream(httpcore.NetworkStream):
        def start_tls(self, context: object, server_hostname: str | None = None, timeout: float | None = None) -> Stream:
            named.append(server_hostname)
            raise httpcore.ConnectError("far enough")

        def close(self) -> None: ...

    client = Http("https://vendor.example", {"X-API-KEY": "k"})
    monkeypatch.setattr(client._network, "_resolve", lambda host, port: ["8.8.8.8"])
    monkeypatch.setattr(client._network._plain, "connect_tcp", lambda *_: Stream())
    with pytest.raises(VendorDown):
        client.get("/", decode=bytes)
    client.close()
    assert set(named) == {"vendor.example"}


def test_only_plain_http_on_this_machine_is_a_sandbox() -> None:
    assert on_loopback("http://127.0.0.1:8025")
    assert on_loopback("http://[::1]:80")
    for url in ("https://127.0.0.1", "http://127.0.0.1.example", "http://10.0.0.1", "https://api.inboxally.com"):
        assert not on_loopback(url)
