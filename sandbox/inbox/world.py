"""All teams, each made when it is first asked for, and what its key may ask how often."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sandbox.answers import Answer, Json, RefusedError, encode
from sandbox.clock import Clock
from sandbox.inbox import changing
from sandbox.inbox.acting import TABLE
from sandbox.inbox.cast import CAST, Link, Role
from sandbox.inbox.formats import FORMATS
from sandbox.inbox.making import live, make
from sandbox.inbox.routes import Call, refused
from sandbox.inbox.switches import Switches
from sandbox.inbox.team import Team, stamp
from sandbox.paging import Style
from sandbox.wire import Request

PREFIX = "/api/v1/"
# A cursor has two halves in an object of its own: these faults leave it alone.
CURSORS = Style("cursorId", "nextCursor", lambda token, query: token)


class World:
    cursors = CURSORS
    delivers = (changing.SCHEME, (10, 60, 600))

    def __init__(self, seed: int, clock: Clock, switches: Switches) -> None:
        self._seed, self.clock, self.switches = seed, clock, switches
        self._roles = {role.name: role for role in CAST}
        self._keys = {role.key(number): role.name for number, role in enumerate(CAST, start=1)}
        self._made: dict[str, Team] = {}
        self._begun = clock.now()
        self._asked: Counter[tuple[str, int]] = Counter()
        self.revoked = {role.name for role in CAST if role.revoked}

    def team(self, name: str) -> Team:
        """Raises KeyError."""
        if name not in self._made:
            role, number = self._roles[name], list(self._roles).index(name) + 1
            step, old = self.switches.seq_step, self.switches.ids_of_old
            self._made[name] = make(role, number, self._seed, self._begun, step=step, old_ids=old)
        return self._made[name]

    def accounts(self) -> list[tuple[str, str, str]]:
        return [(name, key, self._roles[name].story) for key, name in self._keys.items()]

    def serves(self, account: str) -> list[dict[str, str]]:
        return [{"client": client, "kind": kind, "value": value} for client, kind, value in self._roles[account].serves]

    def add_account(self, **wanted: Json) -> tuple[str, str, str]:
        """{name, a_day=10}: a team with one account for measuring."""
        name = wanted["name"]
        if name in self._roles:
            raise ValueError(f"there is a team {name!r}")
        role = Role(name, name, "For measuring.", (Link(name, name, wanted.get("a_day", 10)),))
        key = role.key(len(self._roles) + 1)
        self._roles[name], self._keys[key] = role, name
        return name, key, role.story

    def key_of(self, request: Request) -> str | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" and key.strip() else None

    def account_of(self, request: Request) -> str | None:
        return self._keys.get(self.key_of(request) or "")

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        name = self.account_of(request)
        if name is None or name in self.revoked:
            raise refused(401, "UNAUTHORIZED", "Invalid or missing API token")
        left = self._take(name)
        team, now = self.team(name), self.clock.now()
        live(team, now, self._seed)
        handler, named = TABLE.find(request.method, request.path)
        pairs = [pair for pair in request.pairs if pair[0] in query]
        answer = handler(Call(query, pairs, team, now, self.switches, named, request.body))
        answer.headers = (*answer.headers, *self._told(left))
        return answer

    def refused(self, refusal: RefusedError) -> Answer:
        code = refusal.extra.get("code") or _CODES.get(refusal.status, "INTERNAL_ERROR")
        body: Json = {"error": {"code": code, "message": refusal.text, "status": refusal.status}}
        if self.switches.errors == "flat":
            body = {"error": code, "message": refusal.text}
        elif self.switches.errors == "second":
            body = {"code": code, "message": refusal.text, "details": None, "requestId": "req_1"}
        return Answer(refusal.status, encode(body), tuple(refusal.extra.get("headers", ())))

    def truth(self, account: str, **which: str) -> dict[str, Json]:
        """Its conversations by where they lie, and what the newest of each says."""
        team = self.team(account)
        threads = list(team.threads.values())
        return {
            "threads": len(threads),
            "inboxes": dict(Counter(one.inbox for one in threads)),
            "unanswered": sum(one.unanswered for one in threads if one.inbox == "default"),
            "by_link": {team.links[link]["username"]: n for link, n in Counter(one.link for one in threads).items()},
            "valuation": sum(one.prospect.valuation or 0 for one in threads),
            "last_seq": team.events[-1]["seq"] if team.events else None,
            "last": {
                one.id: [one.last.text if one.last else "", stamp(one.sorts_at), one.unanswered, one.done] for one in threads
            },
        }

    def change(self, account: str, what: dict[str, Json]) -> dict[str, Json]:
        return changing.change(self, account, what)

    def deliver(self, account: str, wanted: dict[str, Json]) -> dict[str, Json]:
        """All its events to {url, secret}, once."""
        return self.change(account, {"deliver": wanted})

    def told(self, account: str) -> list[dict[str, Json]]:
        """Of the last week, for which events are kept."""
        team, now = self.team(account), self.clock.now()
        live(team, now, self._seed)
        shaped = (FORMATS["v1"](one) for one in team.events if one["timestamp"] >= stamp(now - timedelta(days=7)))
        return [one for one in shaped if one]

    def _take(self, name: str) -> int:
        most = self.switches.a_minute
        minute = int(self.clock.now().timestamp()) // 60
        self._asked[name, minute] += 1
        left = most - self._asked[name, minute]
        if most and left < 0:
            wait = 60 - int(self.clock.now().timestamp()) % 60
            told = (("Retry-After", str(wait)), *self._told(0))
            raise RefusedError(429, "Too many requests", code="RATE_LIMITED", headers=told)
        return left

    def _told(self, left: int) -> tuple[tuple[str, str], ...]:
        most, now = self.switches.a_minute, int(self.clock.now().timestamp())
        said = {"Limit": most, "Remaining": max(0, left), "Reset": now - now % 60 + 60}
        return tuple((f"X-RateLimit-{name}", str(value)) for name, value in said.items()) if most else ()


_CODES = {
    400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 409: "CONFLICT",
    422: "VALIDATION_ERROR", 429: "RATE_LIMITED",
}  # fmt: skip
