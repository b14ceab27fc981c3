"""All accounts of one sandbox, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sandbox.answers import Answer, Json, RefusedError
from sandbox.carrying import Letter
from sandbox.clock import Clock, at
from sandbox.inboxally import receiving, routes, shuffling
from sandbox.inboxally.account import Account
from sandbox.inboxally.bulk import make_bulk
from sandbox.inboxally.call import Call
from sandbox.inboxally.cast import CAST, SECOND_KEYS
from sandbox.inboxally.changing import change
from sandbox.inboxally.making import make
from sandbox.inboxally.truth import truth
from sandbox.paging import SIGNED
from sandbox.switches import Switches
from sandbox.wire import Request


class World:
    """The stories are anchored at the clock's day when the world is made: that day is their last."""

    cursors = SIGNED

    def __init__(self, seed: int, clock: Clock, switches: Switches) -> None:
        self._seed, self._clock, self.switches = seed, clock, switches
        self._anchor = clock.today()
        self._roles = {role.name: role for role in CAST}
        self._made: dict[str, Account] = {}
        self._names = {role.key: role.name for role in CAST} | {key: name for name, key in SECOND_KEYS.items()}

    def account(self, name: str) -> Account:
        """Raises KeyError."""
        if name not in self._made:
            self._made[name] = make(self._roles[name], self._seed, self._anchor)
        return self._made[name]

    def key_of(self, request: Request) -> str | None:
        return request.headers.get("x-api-key")

    def account_of(self, request: Request) -> str | None:
        return self._names.get(self.key_of(request) or "")

    def accounts(self) -> list[tuple[str, str, str]]:
        made = [(one.name, one.key, one.story) for one in self._made.values() if one.name not in self._roles]
        return [(role.name, role.key, role.story) for role in CAST] + made

    def serves(self, account: str) -> list[dict[str, str]]:
        return []

    def add(
        self, name: str, senders: int = 10, broadcasts: int = 1000, seeds: int = 60, warm: Sequence[str] = ("all",)
    ) -> Account:
        """An account for measuring. Its rows follow from their numbers, so 100,000 of them cost a second."""
        if name in {taken for taken, _, _ in self.accounts()}:
            raise ValueError(f"there is an account {name!r}")
        account = make_bulk(name, senders, broadcasts, seeds, self._clock.today(), warm)
        self._made[account.name] = account
        self._names[account.key] = account.name
        return account

    def add_account(self, **wanted: Json) -> tuple[str, str, str]:
        made = self.add(**wanted)
        return made.name, made.key, made.story

    def truth(self, account: str, **which: str) -> dict[str, Json]:
        oldest = self._clock.today() - timedelta(days=self.switches.retention_days - 1)
        known = self.account(account)
        now = known.arrived_by(int(self._clock.now().timestamp()), self.switches.grow_every)
        return truth(known, now, oldest)

    def change(self, account: str, what: dict[str, Json]) -> dict[str, Json]:
        return change(self.account(account), self._clock, what)

    def receive(self, letter: Letter) -> None:
        """Mail to a seed, of whichever accounts have it."""
        day = (at(letter.at // 1000).date() - self._anchor).days
        for name, role in self._roles.items():
            account = self.account(name)
            seed = account.seeds.get(letter.to.lower())
            if seed and seed.status == "active":
                receiving.receive(account, seed, letter, role.curve(seed.provider, day), role.promotions)

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        name = self.account_of(request)
        if name is None or self.account(name).refused:
            raise RefusedError(401, "Invalid API key")
        account = self.account(name)
        shuffling.settle(account, int(self._clock.now().timestamp()), self.switches.shuffle_fails)
        return routes.answer(Call(request.method, request.path, query, request.body, account, self._clock, self.switches))

    def refused(self, refusal: RefusedError) -> Answer:
        return refusal.answer(self.switches.dialect)
