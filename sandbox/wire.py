"""HTTP/1.1 on a socket, as little of it as the sandbox needs. The standard handler spends longer on parsing headers
than the sandbox does on answering."""

from __future__ import annotations

import socket
import socketserver
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from io import BufferedIOBase
from typing import Any
from urllib.parse import parse_qsl

from sandbox.answers import Answer

MAX_BODY = 16_000_000


@dataclass(slots=True)
class Request:
    method: str
    path: str
    """Still percent-encoded."""
    query: dict[str, str]
    """The last value of each parameter; `pairs` has them all."""
    pairs: list[tuple[str, str]]
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    keep_alive: bool


class MalformedError(Exception):
    """The bytes are no request that can be answered; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read_request(stream: BufferedIOBase) -> Request | None:
    """None when the other side has closed."""
    line = stream.readline(65_536)
    if not line.strip():
        return None
    try:
        method, target, version = line.decode("latin-1").split()
    except ValueError:
        raise MalformedError(400) from None
    headers: dict[str, str] = {}
    while (line := stream.readline(65_536)).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not length.isdigit():
        raise MalformedError(411)
    if int(length) > MAX_BODY:
        raise MalformedError(413)
    path, _, query = target.partition("?")
    keep_alive = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    body = stream.read(int(length)) if length != "0" else b""
    pairs = parse_qsl(query, keep_blank_values=True) if query else []
    return Request(method, path, dict(pairs), pairs, headers, body, keep_alive)


def head(answer: Answer, keep_alive: bool, length: int | None = None) -> bytes:
    """Status line and headers; `length` only where it is to differ from the body's."""
    phrase = HTTPStatus(answer.status).phrase if answer.status in HTTPStatus else "Unknown"
    lines = [
        f"HTTP/1.1 {answer.status} {phrase}",
        f"Date: {formatdate(usegmt=True)}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body) if length is None else length}",
        f"Connection: {'keep-alive' if keep_alive else 'close'}",
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


Talk = Callable[[Request, socket.socket], bool]
"""Answers one request on the socket; False when the connection is to be closed."""


class Server(socketserver.ThreadingTCPServer):
    """Loopback only: what it plays has no place on a network."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, talk: Talk) -> None:
        if host not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError(f"the sandbox listens on loopback only, not on {host!r}")
        self.address_family = socket.AF_INET6 if host == "::1" else socket.AF_INET
        self.talk = talk
        self._open: set[socket.socket] = set()
        super().__init__((host, port), _Handler)

    def hang_up(self) -> None:
        """Ends the connections that clients keep open."""
        for connection in tuple(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are everyday here; anything else is our own fault and must be seen."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(socketserver.StreamRequestHandler):
    server: Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while True:
            try:
                request = read_request(self.rfile)
            except MalformedError as problem:
                self.connection.sendall(head(Answer(problem.status, b""), keep_alive=False))
                return
            if request is None or not self.server.talk(request, self.connection):
                return
