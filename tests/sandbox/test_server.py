"""The process, the socket, and the wall between the sandbox and the product."""

from __future__ import annotations

import ast
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import sandbox
from sandbox.server import Sandbox
from tests.sandbox.asking import Asking

ROOT = Path(sandbox.__file__).parent


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=ROOT.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_listens_and_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    port_file = tmp_path / "port"
    with started("--port", "0", "--today", "2026-11-20", "--port-file", str(port_file)) as process:
        assert process.stdout
        line = process.stdout.readline()
        match = re.fullmatch(r"sandbox: InboxAlly, Instantly, imail, Inbox and InboxBase on (http://127\.0\.0\.1:(\d+))\n", line)
        assert match
        assert port_file.read_text() == match[2] + "\n"
        with httpx.Client(base_url=match[1], trust_env=False) as client:
            assert client.get("/_sandbox/clock").json() == {"now": "2026-11-20T12:00:00Z"}
            process.send_signal(number)
            assert process.wait(timeout=60) == 0
        assert process.stderr
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com"])  # noqa: S104
def test_only_loopback_is_served(host: str) -> None:
    with started("--port", "0", "--host", host) as process:
        assert process.wait(timeout=60) == 1
        assert process.stderr
        assert "loopback only" in process.stderr.read()


def test_a_taken_port_is_told_in_words(box: Sandbox) -> None:
    with started("--port", str(box.port)) as process:
        process.wait(timeout=60)
        assert process.stderr
        assert process.stderr.read().startswith("sandbox: ")


def test_without_a_day_the_stories_end_today() -> None:
    from datetime import UTC, datetime

    with Sandbox() as box, httpx.Client(base_url=box.url, trust_env=False) as client:
        days = {row["date"] for row in Asking(box, client).every("/broadcasts")}
    yesterday_or_today = (datetime.now(UTC).date() - datetime.fromisoformat(max(days)).date()).days
    assert yesterday_or_today in (0, 1)
    assert len(days) in (119, 120)


def test_after_stopping_nothing_answers_not_even_an_open_connection() -> None:
    with Sandbox() as box, httpx.Client(base_url=box.url, trust_env=False) as client:
        assert client.get("/_sandbox/accounts").status_code == 200
        box.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/_sandbox/accounts")


def talk(box: Sandbox, *sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", box.port), timeout=60) as connection:
        for part in sent:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_one_connection_serves_many_requests(box: Sandbox) -> None:
    answer = talk(box, b"GET /v3/seeds HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
    assert answer.count(b"HTTP/1.1 401 Unauthorized\r\n") == 3
    assert answer.count(b"Connection: keep-alive") == 3


def test_a_client_may_ask_to_close(box: Sandbox) -> None:
    answer = talk(box, b"GET /v3/seeds HTTP/1.1\r\nConnection: close\r\n\r\n" * 2)
    assert answer.count(b"HTTP/1.1 401") == 1
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"POST /v3/senders HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /v3/senders HTTP/1.1\r\nContent-Length: many\r\n\r\n", 411),
        (b"POST /v3/senders HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
    ],
)
def test_bytes_that_are_no_request(box: Sandbox, sent: bytes, status: int) -> None:
    assert talk(box, sent).startswith(f"HTTP/1.1 {status} ".encode())


def test_a_head_in_pieces_is_put_together(box: Sandbox) -> None:
    key = box.key("northwind").encode()
    answer = talk(box, b"GET /v3/see", b"ds?limit=1 HTTP/1.1\r\nx-Api-", b"kEy:  " + key + b" \r\n", b"\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/seeds"), ("POST", "/broadcasts"), ("PUT", "/senders")])
def test_a_known_path_with_another_verb(ask: Asking, method: str, path: str) -> None:
    response = ask.send(method, path)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/seeds/", "/seeds/a/b", "/senders/domain/a/b"])
def test_unknown_paths(ask: Asking, path: str) -> None:
    assert ask.get(path).status_code == 404


def test_many_clients_at_once_get_whole_answers(ask: Asking) -> None:
    from concurrent.futures import ThreadPoolExecutor

    expected = ask.get("/broadcasts", limit=100).content

    def read(_: int) -> bool:
        return ask.get("/broadcasts", limit=100).content == expected

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(read, range(64)))


def test_the_sandbox_imports_only_itself_and_the_standard_library() -> None:
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names | {"sandbox"}, f"{file.name} imports {name}"
