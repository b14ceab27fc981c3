"""Where connections may go, and for how long.

A host is resolved when it is connected to, only public addresses are taken, and the connection goes to the very address
that was looked at: a name that answers differently the second time (DNS rebinding) gains nothing. TLS still checks the name.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore

from clients.vendors.errors import VendorError

Resolve = Callable[[str, int], list[str]]

_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
#: Names that end so are of one machine or one network: RFC 6761, RFC 6762, RFC 8375, ICANN's 'internal', and what routers say.
_INSIDE = frozenset({"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "arpa"})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class NotPublic(VendorError):
    """A host that leads to loopback, a private network or the like. Asking again does not help."""


def is_public(address: str) -> bool:
    """Whether the address is on the public internet; one that carries another inside is judged by that one, or refused."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if inner := ip.ipv4_mapped or (_last_four(ip) if ip in _NAT64 else None):
            return is_public(str(inner))
        if ip not in _GLOBAL_V6 or ip.sixtofour or ip.teredo:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def may_be_public(host: str) -> bool:
    """Of a host that people type and somebody else will connect to: whether it can be on the public internet at all. Nothing
    is looked up; a number in any of its spellings is no name."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return is_public(name)
    except ValueError:
        last = name.rpartition(".")[2]
        return "." in name and last not in _INSIDE and not last.isdigit() and not last.startswith("0x")


def on_loopback(url: str) -> bool:
    """A plain-http address of this machine: a sandbox."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Network(httpcore.NetworkBackend):
    """Sockets to allowed addresses that end by the deadline, whatever the other side does.

    With `loopback`, to loopback and nowhere else: for the sandbox's address, which the operator has set.
    """

    def __init__(self, *, loopback: bool = False, resolve: Resolve = resolve) -> None:
        self._allowed = _is_loopback if loopback else is_public
        self._resolve = resolve
        self._plain = httpcore.SyncBackend()
        self._call = threading.local()

    def end_in(self, seconds: float) -> None:
        """All that this thread reads from now on ends within so many seconds together."""
        self._call.end = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        left = float(self._call.end - time.monotonic())
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        end = time.monotonic() + self.left(timeout)
        problem: Exception = httpcore.ConnectTimeout("no time left to connect")
        for address in self._addresses(host, port):
            if (left := end - time.monotonic()) <= 0:
                break
            try:
                return _Stream(self._plain.connect_tcp(address, port, left, local_address, socket_options), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        allowed = [address for address in found if self._allowed(address)]
        if not allowed:
            raise NotPublic(f"{host} does not lead to a public address. Inboxdeck does not connect there.")
        return allowed

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise NotPublic("Inboxdeck does not connect to local sockets.")


class _Stream(httpcore.NetworkStream):
    def __init__(self, plain: httpcore.NetworkStream, network: Network) -> None:
        self._plain = plain
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._network.left(timeout)
        if left <= 0:
            raise httpcore.ReadTimeout("the answer takes too long")
        return self._plain.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._network.left(timeout)
        if left <= 0:
            raise httpcore.WriteTimeout("the request takes too long")
        self._plain.write(buffer, left)

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = max(0.001, self._network.left(timeout))
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, left), self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _last_four(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(ip.packed[-4:])
