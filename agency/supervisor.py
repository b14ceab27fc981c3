"""`manage.py run`: the whole product in one terminal, up together and down together."""

from __future__ import annotations

import fcntl
import io
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands

from agency import start
from agency.children import Child, Children
from agency.environment import private_folder
from agency.preparing import prepare

START_SECONDS = 90.0


@dataclass(frozen=True)
class Wishes:
    host: str
    port: int | None  # None: 8000, or the next free one
    demo: bool
    until_parent_ends: bool


def run(wishes: Wishes, say: Callable[[str], None]) -> None:
    """Returns after Ctrl-C, SIGTERM or SIGHUP; raises CommandError when something can't start or ends by itself."""
    parent = os.getppid()
    with _stop_by_signal(), _only_one() as note, _listening(wishes.host, wishes.port) as web_socket:
        address = "http://{}:{}".format(*web_socket.getsockname()[:2])
        prepare(say)
        start.refuse_bad_ring()
        port_file = _folder() / "sandbox"
        with _gone_at_the_end(port_file), Children(say) as children:
            sandbox_url = _start_sandbox(children, port_file) if wishes.demo else ""
            ready = _folder() / "worker"
            ready.unlink(missing_ok=True)
            children.start(_worker(sandbox_url, ready))
            if not settings.EMBEDDED_QUEUE:
                children.start(Child("beat", ["celery", "-A", "agency", "-q", "beat"]))
            children.start(_web(sandbox_url, web_socket))
            sign_in = _make_demo(sandbox_url, address) if wishes.demo else ""
            _wait_for("web", lambda: _answers(address), children)
            _wait_for("worker", ready.exists, children)
            note(f"process {os.getpid()}, {address}")
            say(_welcome(address, sign_in, sandbox_url))
            while not (wishes.until_parent_ends and os.getppid() != parent):
                if why := children.revive():
                    raise CommandError(f"{why} Everything is stopped.")
                time.sleep(0.2)
            raise _Told("the process that started this is gone")


@contextmanager
def _gone_at_the_end(file: Path) -> Iterator[None]:
    """Commands in other terminals read there where the demo's vendor is (`SANDBOX_URL` in settings)."""
    file.unlink(missing_ok=True)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _start_sandbox(children: Children, port_file: Path) -> str:
    """The demo's vendor, on any free port; it keeps that port when it has to be started again."""
    child = Child("sandbox", ["sandbox", "--port", "0", "--port-file", str(port_file)])
    children.start(child)
    _wait_for("sandbox", port_file.exists, children)
    port = port_file.read_text().strip()
    child.command[2] = port
    return f"http://127.0.0.1:{port}"


def _worker(sandbox_url: str, ready: Path) -> Child:
    command = ["celery", "-A", "agency", "-q", "worker", "--without-gossip", "--without-mingle"]
    command += ["-n", f"inboxdeck-{os.getpid()}@%h"]
    return Child("worker", command, {"SANDBOX_URL": sandbox_url, "READY_FILE": str(ready)})


def _web(sandbox_url: str, web_socket: socket.socket) -> Child:
    environment = {"SANDBOX_URL": sandbox_url, "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY", "2")}
    return Child("web", web_command(web_socket.fileno()), environment, fds=(web_socket.fileno(),), restarts=False)


def web_command(fd: int) -> list[str]:
    # The socket is ours, so no one else can take the port between the look and the start.
    command = ["gunicorn", "agency.wsgi", "--bind", f"fd://{fd}", "--worker-class", "gthread", "--threads", "8"]
    command += ["--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"]
    # Whom to believe is TRUSTED_PROXIES' to say; by itself gunicorn believes whoever comes from this machine.
    return [*command, "--forwarded-allow-ips", ""]


def _make_demo(sandbox_url: str, address: str) -> str:
    """What `manage.py demo` says of the sign-in. It makes its agency the first time only; its vendors deliver to the web server,
    which may answer a moment later."""
    if "demo" not in get_commands():
        return ""
    settings.SANDBOX_URL = sandbox_url
    said = io.StringIO()
    call_command("demo", web=address.replace("//0.0.0.0:", "//127.0.0.1:"), stdout=said)
    return said.getvalue().strip()


def _welcome(address: str, sign_in: str, sandbox_url: str) -> str:
    lines = ["", f"  Inboxdeck is ready: {address}"]
    lines += [f"  {line}" for line in sign_in.splitlines()]
    if sandbox_url:
        lines.append("  Keys that begin with 'sandbox-', or with 'sandbox' behind a vendor's own prefix, are the demo's:")
        lines.append(f"  they are asked at {sandbox_url}; yours go to the vendor itself.")
    return "\n".join([*lines, "  Ctrl-C stops everything.", ""])


def _wait_for(name: str, condition: Callable[[], bool], children: Children) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if why := children.revive():
            raise CommandError(f"{why} Not started.")
        if time.monotonic() > deadline:
            raise CommandError(f"{name} did not answer within {START_SECONDS:.0f} seconds. Not started.")
        time.sleep(0.05)


def _answers(address: str) -> bool:
    """Whatever it answers: a host not allowed, or 'come by https', which is the proxy's to follow."""
    web = HTTPConnection(address.removeprefix("http://"), timeout=5)
    try:
        web.request("GET", "/healthz/")
        return web.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        web.close()


@contextmanager
def _listening(host: str, port: int | None) -> Iterator[socket.socket]:
    wanted = [port] if port is not None else [*range(8000, 8020), 0]
    for candidate in wanted:
        try:
            with socket.create_server((host, candidate), backlog=256) as listening:
                yield listening
                return
        except OSError as error:
            if candidate == wanted[-1]:
                raise CommandError(f"Port {candidate} of {host} can't be had: {error.strerror}.") from None


@contextmanager
def _only_one() -> Iterator[Callable[[str], None]]:
    """A lock that the kernel lets go of with us. Yields a function that notes what a second one is told."""
    private_folder(settings.DATA_DIR)
    with (settings.DATA_DIR / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CommandError(
                f"Inboxdeck is already running here ({file.read().strip() or 'starting'}). Stop it first."
            ) from None

        def note(text: str) -> None:
            file.truncate(0)
            file.write(text)
            file.flush()

        note(f"process {os.getpid()}")
        yield note


@contextmanager
def _stop_by_signal() -> Iterator[None]:
    """Turns the first signal into leaving the context; further ones while it stops are ignored, it has a deadline."""
    told = threading.Event()

    def leave(number: int, _: Any) -> None:
        if not told.is_set():
            told.set()
            raise _Told(f"signal {number} ({signal.Signals(number).name})")

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, leave) for number in numbers]
    try:
        yield
    except _Told:
        pass
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


class _Told(BaseException):
    """To stop; its text says why. No `except Exception` catches it."""


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / "run"
    folder.mkdir(exist_ok=True)
    return folder.resolve()
