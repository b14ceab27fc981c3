"""All orgs, each identity made when it is first asked for, and who may see what of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import cast

from sandbox.answers import Answer, Json, RefusedError, encode
from sandbox.carrying import Letter
from sandbox.clock import Clock
from sandbox.hooks import Endpoint, Postman, Scheme
from sandbox.inboxbase import changing, reading
from sandbox.inboxbase.call import CURSORS, Call
from sandbox.inboxbase.cast import CAST, Role
from sandbox.inboxbase.identity import Identity
from sandbox.inboxbase.living import settle
from sandbox.inboxbase.making import make, make_bulk
from sandbox.inboxbase.posting import Once
from sandbox.inboxbase.switches import Switches
from sandbox.inboxbase.truth import truth
from sandbox.routing import Table
from sandbox.wire import Request

PREFIX = "/v1/identities"
SCHEME = Scheme(
    "X-Inboxbase-Signature", told={"X-Inboxbase-Event-Type": "type", "X-Inboxbase-Event-Id": "id"}
)  # fmt: skip
_STREAM = "/events"


@dataclass
class Org:
    name: str
    key: str
    story: str
    roles: dict[str, Role]
    revoked: bool
    postman: Postman
    once: Once = field(default_factory=Once)
    made: dict[str, Identity] = field(default_factory=dict)
    endpoint: Endpoint | None = None


def _send(org: Org, call: Call) -> Answer:
    return org.once.answer(call)


def _read(handler: Callable[[Call], Answer]) -> Callable[[Org, Call], Answer]:
    return lambda org, call: handler(call)


_ROUTES: Table[Callable[[Org, Call], Answer]] = Table(
    (
        ("POST", f"{PREFIX}/*/send", _send),
        ("GET", f"{PREFIX}/*/conversations", _read(reading.conversations)),
        ("GET", f"{PREFIX}/*/conversations/*", _read(reading.conversation)),
        ("GET", f"{PREFIX}/*/events", _read(reading.events)),
        ("GET", f"{PREFIX}/*/labels/stats", _read(reading.labels)),
    )
)


class World:
    """The stories are anchored at the clock's day when the world is made: their last evening was the one before it."""

    cursors = CURSORS
    scheme = SCHEME
    delivers = (SCHEME, (5, 30))

    def __init__(self, seed: int, clock: Clock, switches: Switches) -> None:
        self._seed, self.clock, self.switches = seed, clock, switches
        self._anchor: date = clock.today()
        self._orgs = {
            one.name: Org(one.name, one.key, one.story, {role.handle: role for role in one.identities}, one.revoked,
                          Postman(clock, retries=(5, 30)))
            for one in CAST
        }  # fmt: skip

    @property
    def now(self) -> int:
        """Unix milliseconds."""
        return int(self.clock.now().timestamp()) * 1000

    def org(self, name: str) -> Org:
        """Raises KeyError."""
        return self._orgs[name]

    def identity(self, org: Org, handle: str) -> Identity:
        """As it is by now. Raises KeyError."""
        if handle not in org.made:
            org.made[handle] = make(org.roles[handle], self._seed, self._anchor)
        found = org.made[handle]
        found.bounce_mails = self.switches.bounces == "mail"
        settle(found, self.now)
        return found

    def outgoing(self) -> list[Letter]:
        """Of identities that somebody has asked for: the others send nothing."""
        found = []
        for org in self._orgs.values():
            for handle in org.made:
                identity = self.identity(org, handle)
                found += identity.outgoing
                identity.outgoing.clear()
        return sorted(found, key=lambda letter: letter.at)

    def key_of(self, request: Request) -> str | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" and key.strip() else None

    def account_of(self, request: Request) -> str | None:
        key = self.key_of(request)
        return next((org.name for org in self._orgs.values() if org.key == key), None)

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        """The order of refusals: key, path, identity; the routes check the rest. A long poll is asked again by the server."""
        answer = self._answer(request, query)
        wait = query.get("timeoutMs", "")
        if request.path.endswith(_STREAM) and wait.isdigit() and int(wait) and b'"events":[]' in answer.body:
            answer.waits = int(wait) / 1000
            answer.again = lambda: self._answer(request, query)
        return answer

    def refused(self, refusal: RefusedError) -> Answer:
        extra = dict(refusal.extra)
        headers = tuple(extra.pop("headers", ()))
        return Answer(refusal.status, encode({"error": refusal.text, **extra}), headers)

    def accounts(self) -> list[tuple[str, str, str]]:
        return [(org.name, org.key, org.story) for org in self._orgs.values()]

    def serves(self, account: str) -> list[dict[str, str]]:
        """The identities that are some client's."""
        roles = self._orgs[account].roles.values()
        return [{"client": role.client, "kind": "handle", "value": role.handle} for role in roles if role.client]

    def add_account(self, **wanted: Json) -> tuple[str, str, str]:
        """{name, conversations=1000}: an org of one identity, <name>@inboxbase.ai, for measuring."""
        name, number = str(wanted.pop("name")), int(wanted.pop("conversations", 1000))
        if name in self._orgs or wanted:
            raise ValueError(f"there is an org {name!r}" if name in self._orgs else f"no {', '.join(wanted)}")
        handle, key = f"{name}@inboxbase.ai", f"sk_sandbox_{name}_".ljust(40, "0")
        story = f"{number:,} conversations, for measuring."
        role = Role(handle, "Bulk Sender", ("bulk.example",), 100_000)
        org = Org(name, key, story, {handle: role}, False, Postman(self.clock, retries=(5, 30)))
        org.made[handle] = make_bulk(handle, self._seed, self._anchor, number)
        self._orgs[name] = org
        return name, key, story

    def truth(self, account: str, **which: str) -> dict[str, Json]:
        org = self._orgs[account]
        return truth([self.identity(org, handle) for handle in org.roles], **which)

    def change(self, account: str, what: dict[str, Json]) -> dict[str, Json]:
        return changing.change(self, account, what)

    def deliver(self, account: str, wanted: dict[str, Json]) -> dict[str, Json]:
        """To {url, secret} from now on: what no webhook was sent for yet goes there at once."""
        return self.change(account, {"webhook": wanted, "deliver": True})

    def told(self, account: str) -> list[dict[str, Json]]:
        """Of the last week: the stream has everything."""
        org, since = self.org(account), self.now - 7 * 86_400_000
        events = sorted((event for handle in org.roles for event in self.identity(org, handle).events), key=_at)
        return [_envelope(event) for event in events if _at(event) >= since]

    def send_on(self, org: Org) -> int:
        """How many events were sent for the first time; tries that are due go out too."""
        org.postman.go_on()
        fresh = [event for handle in org.roles for event in _taken(self.identity(org, handle))]
        for event in sorted(fresh, key=lambda one: cast("int", one["ts"])):
            if org.endpoint:
                org.postman.send(org.endpoint, _envelope(event))
        return len(fresh)

    def _answer(self, request: Request, query: dict[str, str]) -> Answer:
        org = self._opened(request)
        try:
            handler, (handle, *named) = _ROUTES.find(request.method, request.path)
        except RefusedError as refusal:
            raise RefusedError(refusal.status, "not found" if refusal.status == 404 else "method not allowed") from None
        if handle not in org.roles:
            raise RefusedError(404, "identity not found in org", details={"handle": handle})
        call = Call(
            request.method, request.path, query, request.headers, request.body, self.identity(org, handle), self.switches,
            self.now, tuple(named),
        )  # fmt: skip
        return handler(org, call)

    def _opened(self, request: Request) -> Org:
        key = self.key_of(request)
        if key is None:
            raise RefusedError(401, "missing api key")
        if not key.startswith("sk_"):
            raise RefusedError(401, "invalid api key format")
        org = next((org for org in self._orgs.values() if org.key == key and not org.revoked), None)
        if org is None:
            raise RefusedError(401, "invalid api key")
        return org


def _at(event: dict[str, Json]) -> int:
    return cast("int", event["ts"])


def _taken(identity: Identity) -> list[dict[str, Json]]:
    fresh, identity.fresh = identity.fresh, []
    return fresh


def _envelope(event: dict[str, Json]) -> dict[str, Json]:
    """A webhook tells the same event in another dress."""
    return {"createdAt": event["tsIso"], **{name: event[name] for name in ("id", "seq", "type", "data")}}
