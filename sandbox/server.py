"""The sandbox as one object: in a test as a context manager, in the demo as a process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from datetime import date, timedelta
from types import TracebackType
from typing import Self

from sandbox import control, delivery
from sandbox.answers import Answer, Json, RefusedError
from sandbox.clock import Clock, iso
from sandbox.faults import Fault, Faults
from sandbox.inboxally.account import Account
from sandbox.inboxally.bulk import make_bulk
from sandbox.inboxally.changing import change
from sandbox.inboxally.truth import truth
from sandbox.inboxally.world import World
from sandbox.log import Log
from sandbox.playing import Player
from sandbox.switches import Switches
from sandbox.wire import Request, Server


class Sandbox:
    """Plays InboxAlly at `url`. Given a day, it stands still at that day's noon (UTC) until its clock is moved, and
    answers the same bytes every time; else its stories end on the real current day.

    `clock`, `faults`, `switches`, `requests` and `world` are there to be read and turned while it serves.
    """

    def __init__(
        self, seed: int = 7, today: date | None = None, *, host: str = "127.0.0.1", port: int = 0, max_limit: int = 100
    ) -> None:
        self.seed = seed
        self.clock = Clock(today)
        self.requests = Log()
        self.faults = Faults()
        self._usual = Switches(max_limit=max_limit)
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self.reset()
        self._server = Server(host, port, self._talk)
        self.host, self.port = host, int(self._server.server_address[1])
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def key(self, account: str) -> str:
        """Raises KeyError."""
        return {name: key for name, key, _ in self.world.accounts()}[account]

    def reset(self) -> None:
        """As it was at the start: data, clock, switches, faults and log."""
        with self._lock:
            self.clock.reset()
            self.faults.clear()
            self.requests.clear()
            self.switches = self._usual.copy()
            self.world = World(self.seed, self.clock, self.switches)
            self._player = Player()

    def truth(self, account: str) -> dict[str, Json]:
        """What the account's numbers really are by now. Raises KeyError."""
        with self._lock:
            oldest = self.clock.today() - timedelta(days=self.switches.retention_days - 1)
            known = self.world.account(account)
            now = known.arrived_by(int(self.clock.now().timestamp()), self.switches.grow_every)
            return truth(known, now, oldest)

    def change(self, account: str, **what: Json) -> dict[str, Json]:
        """Changes data behind the API's back; see `sandbox/inboxally/changing.py` for what."""
        with self._lock:
            return change(self.world.account(account), self.clock, what)

    def add_account(
        self, name: str, senders: int = 10, broadcasts: int = 1000, seeds: int = 60, warm: Sequence[str] = ("all",)
    ) -> Account:
        """An account for measuring. Its rows follow from their numbers, so 100,000 of them cost a second."""
        with self._lock:
            if name in {taken for taken, _, _ in self.world.accounts()}:
                raise ValueError(f"there is an account {name!r}")
            account = make_bulk(name, senders, broadcasts, seeds, self.clock.today(), warm)
            self.world.add(account)
            return account

    def start(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True, name="sandbox")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends open connections too, in whatever fault they wait."""
        self._stopping.set()
        if self._thread:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self._server.hang_up()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _talk(self, request: Request, connection: socket.socket) -> bool:
        fault = None
        with self._lock:
            if request.path.startswith(control.PREFIX):
                answer = control.answer(self, request)
            else:
                answer, fault = self._answer(request)
        return delivery.send(connection, answer, fault, request.keep_alive, self._stopping)

    def _answer(self, request: Request) -> tuple[Answer, Fault | None]:
        account, path = self.world.name_of(request.key), request.path
        fault = self.faults.due(request.method, path, request.query, account, request.key)

        def true_answer(query: dict[str, str]) -> Answer:
            if fault and fault.kind == "change" and account:
                self.change(account, **fault["what"])
            return self.world.answer(account, request.method, path, query, request.body)

        try:
            answer = self._player.play(fault, account or "", path, request.query, true_answer)
        except RefusedError as refusal:
            answer = refusal.answer(self.switches.dialect)
        self.requests.add(
            request.method, path, request.query, request.body, account, request.key is not None,
            None if fault and fault.kind in delivery.DROPPED else answer.status, fault.kind if fault else None,
            iso(self.clock.now()),
        )  # fmt: skip
        return answer, fault
