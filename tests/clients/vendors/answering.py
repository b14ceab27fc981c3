"""A server that answers what it is told to, for what no sandbox says: bytes, one list entry a request."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Answering:
    url: str
    answers: list[bytes]  # the last one is repeated
    heads: list[bytes] = field(default_factory=list)  # what was asked
    connections: int = 0


@contextlib.contextmanager
def answering(*answers: bytes) -> Iterator[Answering]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Answering(f"http://127.0.0.1:{listener.getsockname()[1]}", list(answers))
        thread = threading.Thread(target=_serve, args=(listener, server), daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(30)


def http(status: str = "200 OK", body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _serve(listener: socket.socket, server: Answering) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            server.connections += 1
            with connection, contextlib.suppress(ConnectionError, TimeoutError):
                connection.settimeout(20)
                while asked := _request(connection):
                    connection.sendall(server.answers[min(len(server.heads), len(server.answers) - 1)])
                    server.heads.append(asked)


def _request(connection: socket.socket) -> bytes:
    asked = connection.recv(65536)
    while asked and (head := asked.partition(b"\r\n\r\n"))[1] and len(head[2]) < _length(head[0]):
        asked += connection.recv(65536)
    return asked


def _length(head: bytes) -> int:
    found = re.search(rb"Content-Length: (\d+)", head)
    return int(found[1]) if found else 0
