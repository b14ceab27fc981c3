"""All accounts of one sandbox, each made when it is first asked for."""

from __future__ import annotations

from sandbox.answers import Answer, RefusedError
from sandbox.clock import Clock
from sandbox.inboxally import routes, shuffling
from sandbox.inboxally.account import Account
from sandbox.inboxally.call import Call
from sandbox.inboxally.cast import CAST
from sandbox.inboxally.making import make
from sandbox.switches import Switches


class World:
    """The stories are anchored at the clock's day when the world is made: that day is their last."""

    def __init__(self, seed: int, clock: Clock, switches: Switches) -> None:
        self._seed, self._clock, self._switches = seed, clock, switches
        self._anchor = clock.today()
        self._roles = {role.name: role for role in CAST}
        self._made: dict[str, Account] = {}
        self._names = {role.key: role.name for role in CAST}

    def account(self, name: str) -> Account:
        """Raises KeyError."""
        if name not in self._made:
            self._made[name] = make(self._roles[name], self._seed, self._anchor)
        return self._made[name]

    def name_of(self, key: str | None) -> str | None:
        return None if key is None else self._names.get(key)

    def accounts(self) -> list[tuple[str, str, str]]:
        """(name, key, story) of each."""
        made = [(one.name, one.key, one.story) for one in self._made.values() if one.name not in self._roles]
        return [(role.name, role.key, role.story) for role in CAST] + made

    def add(self, account: Account) -> None:
        self._made[account.name] = account
        self._names[account.key] = account.name

    def answer(self, name: str | None, method: str, path: str, query: dict[str, str], body: bytes) -> Answer:
        """Raises RefusedError."""
        if name is None or self.account(name).refused:
            raise RefusedError(401, "Invalid API key")
        account = self.account(name)
        shuffling.settle(account, int(self._clock.now().timestamp()), self._switches.shuffle_fails)
        return routes.answer(Call(method, path, query, body, account, self._clock, self._switches))
