"""The processes of `manage.py run`: started together, watched, stopped together, and none of them outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from django.conf import settings

#: The longest that Ctrl-C may take.
STOP_SECONDS = 9.0
#: So many ends of one child within a minute are no accident.
MOST_ENDS = 5


@dataclass
class Child:
    name: str
    command: list[str]  # a module, and its arguments
    environment: dict[str, str] = field(default_factory=dict)
    fds: tuple[int, ...] = ()
    restarts: bool = True
    process: subprocess.Popen[str] | None = None
    ends: list[float] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def how_it_ended(self) -> str:
        code = self.process.poll() if self.process else None
        return f"ended by {signal.Signals(-code).name}" if code is not None and code < 0 else f"ended with status {code}"


class Children:
    """A context: on leaving it, every child is gone. Whatever is raised in it is said as the reason."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self._all: list[Child] = []
        self._gave_up = ""
        # Only we hold the writing end: each child reads the other until it closes (`agency.leash`).
        self._leash, self._held = os.pipe()

    def start(self, child: Child) -> None:
        if child not in self._all:
            self._all.append(child)
        child.process = subprocess.Popen(  # noqa: S603  (our own interpreter and modules)
            [sys.executable, "-m", "agency.leash", str(self._leash), *child.command],
            cwd=settings.BASE_DIR,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **child.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(self._leash, *child.fds),
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop them in order
        )
        threading.Thread(target=self._pass_on, args=(child.name, child.process), daemon=True).start()

    def revive(self) -> str | None:
        """Starts ended children again; returns why everything must end, or None."""
        for child in self._all:
            if not child.ended:
                continue
            now = time.monotonic()
            child.ends = [at for at in child.ends if now - at < 60] + [now]
            if not child.restarts or len(child.ends) >= MOST_ENDS:
                self._gave_up = f"{child.name} {child.how_it_ended}."
                return self._gave_up
            self.say(f"{child.name} {child.how_it_ended}; it is started again.")
            self.start(child)
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.say(f"Stopping: {self._gave_up or error or 'all is done'}")
        deadline = time.monotonic() + STOP_SECONDS
        # The first to start is the one that the others need: it stops last.
        for stage in (self._all[1:], self._all[:1]):
            for child in stage:
                _signal(child, signal.SIGTERM)
            for child in stage:
                _wait(child, deadline)
        for child in self._all:
            _signal(child, signal.SIGKILL, group=True)
        os.close(self._held)
        os.close(self._leash)
        self.say("Stopped.")

    def _pass_on(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # noqa: S101  (for the type checker: it is a pipe)
        with process.stdout as lines:
            for line in lines:
                self.say(f"{name:<7} | {line.rstrip()}")


def _signal(child: Child, number: signal.Signals, *, group: bool = False) -> None:
    if child.process is None:
        return
    with suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(child.process.pid, number)
        elif child.process.poll() is None:
            child.process.send_signal(number)


def _wait(child: Child, deadline: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        if child.process is not None:
            child.process.wait(max(0.0, deadline - time.monotonic()))
