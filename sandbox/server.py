"""The sandbox as one object: in a test as a context manager, in the demo as a process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from datetime import date
from time import monotonic
from types import TracebackType
from typing import Self

from sandbox import carrying, control, delivery
from sandbox.answers import Answer, Json, RefusedError
from sandbox.clock import Clock, iso
from sandbox.faults import Fault, Faults
from sandbox.imail import routes
from sandbox.imail import world as imail
from sandbox.imail.switches import Switches as ImailSwitches
from sandbox.inbox.switches import Switches as InboxSwitches
from sandbox.inbox.world import PREFIX as INBOX
from sandbox.inbox.world import World as Inbox
from sandbox.inboxally.account import Account
from sandbox.inboxally.world import World
from sandbox.inboxbase import world as inboxbase
from sandbox.inboxbase.switches import Switches as InboxBaseSwitches
from sandbox.instantly.switches import Switches as InstantlySwitches
from sandbox.instantly.world import World as Instantly
from sandbox.log import Log
from sandbox.playing import Player
from sandbox.subscribing import Subscriptions
from sandbox.switches import Switches
from sandbox.vendor import Vendor
from sandbox.wire import Request, Server


class Sandbox:
    """Plays every vendor at `url`, each on its own paths (`_vendor_at`). Given a day, it stands
    still at that day's noon (UTC) until its clock is moved, and answers the same bytes every time; else its stories end
    on the real current day.

    `clock`, `faults`, `requests` and the vendors are there to be read and turned while it serves: `world` with its
    `switches` is InboxAlly, the others have switches of their own.
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
        self.subscriptions = Subscriptions(self, self._lock, self._stopping)
        self.reset()
        self._server = Server(host, port, self._talk)
        self.host, self.port = host, int(self._server.server_address[1])
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def key(self, account: str, vendor: str = "inboxally") -> str:
        """Raises KeyError."""
        return {name: key for name, key, _ in self.vendors[vendor].accounts()}[account]

    def reset(self) -> None:
        """As it was at the start: data, clock, switches, faults and log."""
        with self._lock:
            self.clock.reset()
            self.faults.clear()
            self.requests.clear()
            self.switches = self._usual.copy()
            self.world = World(self.seed, self.clock, self.switches)
            self.instantly = Instantly(self.seed, self.clock, InstantlySwitches())
            self.imail = imail.World(self.seed, self.clock, ImailSwitches())
            self.inboxbase = inboxbase.World(self.seed, self.clock, InboxBaseSwitches())
            self.inbox = Inbox(self.seed, self.clock, InboxSwitches())
            self.vendors: dict[str, Vendor] = {
                "inboxally": self.world,
                "instantly": self.instantly,
                "imail": self.imail,
                "inboxbase": self.inboxbase,
                "inbox": self.inbox,
            }
            self._player = Player()
            self.subscriptions.clear()

    def truth(self, account: str, vendor: str = "inboxally", **which: str) -> dict[str, Json]:
        """What the account's (Instantly: the workspace's) numbers really are by now. Raises KeyError."""
        with self._lock:
            self._carry()
            return self.vendors[vendor].truth(account, **which)

    def change(self, account: str, vendor: str = "inboxally", **what: Json) -> dict[str, Json]:
        """Changes data behind the API's back; see `changing.py` in the vendor's folder for what."""
        with self._lock:
            return self.vendors[vendor].change(account, what)

    def add_account(
        self, name: str, senders: int = 10, broadcasts: int = 1000, seeds: int = 60, warm: Sequence[str] = ("all",)
    ) -> Account:
        """An account of InboxAlly for measuring."""
        with self._lock:
            return self.world.add(name, senders, broadcasts, seeds, warm)

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
        if request.path == control.UNLOCKED:
            return delivery.send(connection, control.answer(self, request), None, request.keep_alive, self._stopping)
        with self._lock:
            self._carry()
            if request.path.startswith(control.PREFIX):
                answer = control.answer(self, request)
            else:
                answer, fault = self._answer(request)
        ends = monotonic() + answer.waits
        while answer.again and monotonic() < ends and not self._stopping.wait(0.05):
            with self._lock:
                later = answer.again()
            answer.body, answer.again = later.body, answer.again if later.body == answer.body else None
        return delivery.send(connection, answer, fault, request.keep_alive, self._stopping)

    def _carry(self) -> None:
        """Whoever is asked next has the mail that has reached it by now."""
        carrying.carry(self.inboxbase, (self.world, self.instantly))

    def _answer(self, request: Request) -> tuple[Answer, Fault | None]:
        vendor = self.vendors[_vendor_at(request.path)]
        key, account, path = vendor.key_of(request), vendor.account_of(request), request.path
        # A key that acts for a workspace can be named with it and without.
        names = (account, account.partition("/")[0] if account else None, key)
        fault = self.faults.due(request.method, path, request.query, *names)

        def true_answer(query: dict[str, str]) -> Answer:
            if fault and fault.kind == "change" and account:
                vendor.change(account, fault["what"])
            return vendor.answer(request, query)

        try:
            answer = self._player.play(fault, vendor.cursors, account or "", path, request.query, true_answer)
        except RefusedError as refusal:
            answer = vendor.refused(refusal)
        self.requests.add(
            request.method, path, request.query, request.body, account, key is not None,
            None if fault and fault.kind in delivery.DROPPED else answer.status, fault.kind if fault else None,
            iso(self.clock.now()),
        )  # fmt: skip
        return answer, fault


def _vendor_at(path: str) -> str:
    if path.startswith("/api/v2"):
        return "instantly"
    if path.startswith(inboxbase.PREFIX):
        return "inboxbase"
    if path.startswith(INBOX):
        return "inbox"
    return "imail" if path.startswith(imail.PREFIX) or path == routes.OPENAPI else "inboxally"
