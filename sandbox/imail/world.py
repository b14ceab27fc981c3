"""All ledgers, each made when it is first asked for, and who may see what of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import time

from sandbox.answers import Answer, Json, RefusedError, encode, ok
from sandbox.clock import Clock
from sandbox.hooks import Scheme
from sandbox.imail import changing, metrics, routes
from sandbox.imail.buckets import Bucket
from sandbox.imail.call import CURSORS, Call, refused
from sandbox.imail.cast import APEX, CAST, KEYS, LAUNCH, SURGE, VELOCITY, Key
from sandbox.imail.events import COUNTED_ELSEWHERE, HEADERS, RETRIES, Deliveries, happened
from sandbox.imail.ids import ident
from sandbox.imail.making import make, make_bulk, make_test
from sandbox.imail.switches import Switches
from sandbox.imail.truth import truth
from sandbox.imail.workspace import Ledger
from sandbox.wire import Request

PREFIX = "/v1/"
VERSIONS = ("2026-03-10", "2026-04-22", "2026-05-10")
_DOCS = "https://api.imail.now/docs/errors/"
_CODES = {
    400: "invalid_field", 401: "unauthorized", 403: "tier_required", 404: "not_found", 409: "conflict", 429: "rate_limited",
}  # fmt: skip


@dataclass(slots=True)
class Access:
    """A key, and whether it has been taken back since."""

    key: Key
    revoked: bool


class World:
    """The stories are anchored at the clock's day when the world is made: that day is their last."""

    cursors = CURSORS
    delivers = (Scheme("X-Imail-Signature", told=HEADERS), RETRIES)
    tiers = {tier.name: tier for tier in (SURGE, VELOCITY, APEX, LAUNCH)}  # noqa: RUF012

    def __init__(self, seed: int, clock: Clock, switches: Switches) -> None:
        self._seed, self.clock, self.switches = seed, clock, switches
        self._anchor = clock.today()
        self._roles = {role.name: (number, role) for number, role in enumerate(CAST, start=1)}
        self._keys = {key.text: Access(key, key.revoked) for key in KEYS}
        self._ledgers: dict[tuple[str, bool], Ledger] = {}
        self._buckets: dict[str, Bucket] = {}
        self._replies: dict[tuple[str, str], tuple[str, Answer, datetime]] = {}
        self.deliveries = Deliveries(clock)
        self._asks: str | None = None  # the key of the request in hand
        self._requests = 0

    def key_of(self, request: Request) -> str | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" and key.strip() else None

    def account_of(self, request: Request) -> str | None:
        access = self._keys.get(self.key_of(request) or "")
        self._asks = access.key.name if access else None
        return self._asks

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        """The order of refusals: key, bucket, tier, version; the routes check the rest."""
        if request.path == metrics.PATH:
            return metrics.public(self.clock.now())
        if request.path == routes.OPENAPI:
            return ok(routes.openapi())
        access = self._keys.get(self.key_of(request) or "")
        if access is None or access.revoked:
            raise refused(401, "unauthorized", "Invalid API key")
        name = access.key.name
        wait = self.bucket(name).take(self.clock.now()) if self.switches.limits else None
        if wait is not None:
            raise RefusedError(429, "Too many requests", code="rate_limited", headers=(("Retry-After", str(wait)),))
        ledger = self.ledger(name)
        if not ledger.tier.api:
            raise refused(403, "tier_required", f"The API needs the Surge tier or a higher one, not {ledger.tier.name}")
        answer = self._once(request, query, access.key, ledger)
        answer.headers = (*answer.headers, *self._budget())
        return answer

    def refused(self, refusal: RefusedError) -> Answer:
        extra = dict(refusal.extra)
        code = extra.get("code") or _CODES.get(refusal.status, "internal_error")
        error = {"code": code, "message": refusal.text, "doc": f"{_DOCS}{code}"}
        if extra.get("field"):
            error["field"] = extra["field"]
        self._requests += 1
        body = {"error": error, "request_id": ident("req", self._seed, self._requests)}
        return Answer(refusal.status, encode(body), (*extra.get("headers", ()), *self._budget()))

    def accounts(self) -> list[tuple[str, str, str]]:
        return [(access.key.name, text, access.key.story) for text, access in self._keys.items()]

    def serves(self, account: str) -> list[dict[str, str]]:
        client = self.access(account).key.serves
        return [{"client": client, "kind": "all", "value": ""}] if client else []

    def add_account(self, **wanted: Json) -> tuple[str, str, str]:
        """{name, campaigns=120, inboxes=130, days=10}: a live workspace for measuring."""
        name = str(wanted.pop("name"))
        if name in {access.key.name for access in self._keys.values()}:
            raise ValueError(f"there is an account {name!r}")
        made = make_bulk(
            name, 1000 + len(self._ledgers), self._anchor, wanted.pop("campaigns", 120), wanted.pop("inboxes", 130),
            wanted.pop("days", 10),
        )  # fmt: skip
        if wanted:
            raise ValueError(f"no {', '.join(wanted)}")
        text = f"imk_live_sandbox{name.title()}".ljust(36, "0")
        key = Key(name, text, name, f"{len(made.campaigns):,} campaigns from {len(made.inboxes):,} inboxes, for measuring.")
        self._ledgers[name, True], self._keys[text] = made, Access(key, revoked=False)
        return name, text, key.story

    def truth(self, account: str, **which: str) -> dict[str, Json]:
        return truth(self.ledger(account), self.clock.now())

    def deliver(self, account: str, wanted: dict[str, Json]) -> dict[str, Json]:
        """Events to an address, as `sandbox/imail/events.py` says."""
        return self.deliveries.deliver(self.ledger(account), self.clock.now(), wanted)

    def told(self, account: str) -> list[dict[str, Json]]:
        """Of four weeks and two days, those that no figure of another feed stands for."""
        now = self.clock.now()
        found = happened(self.ledger(account), now.date() - timedelta(days=30), now)
        return [event for event in found if event["type"] not in COUNTED_ELSEWHERE]

    def change(self, account: str, what: dict[str, Json]) -> dict[str, Json]:
        return changing.change(self, account, what)

    def access(self, name: str) -> Access:
        """Raises KeyError."""
        return {access.key.name: access for access in self._keys.values()}[name]

    def ledger(self, name: str) -> Ledger:
        """That a key opens. Raises KeyError."""
        key = self.access(name).key
        where = key.workspace, key.live
        if where not in self._ledgers:
            number, role = self._roles[key.workspace]
            self._ledgers[where] = (make if key.live else make_test)(role, number, self._anchor)
        return self._ledgers[where]

    def bucket(self, name: str) -> Bucket:
        tier = self.ledger(name).tier
        found = self._buckets.setdefault(name, Bucket(tier, tier.burst, self.clock.now()))
        found.tier = tier
        return found

    def _once(self, request: Request, query: dict[str, str], key: Key, ledger: Ledger) -> Answer:
        """A POST that is repeated with its Idempotency-Key within a day is answered as before, and not carried out."""
        token, now = request.headers.get("idempotency-key") if request.method == "POST" else None, self.clock.now()
        digest = hashlib.sha256(request.path.encode() + b"\n" + request.body).hexdigest()
        kept = self._replies.get((key.name, token)) if token else None
        if kept and (now - kept[2]).total_seconds() < 86_400:
            if kept[0] != digest:
                raise refused(409, "conflict", "This Idempotency-Key was used for another request")
            return Answer(kept[1].status, kept[1].body)
        version = self._version(request)
        handler, named = routes.find(request.method, request.path)
        call = Call(
            request.method, request.path, query, request.body, self, ledger, key.name, version, self.switches, now, named
        )  # fmt: skip
        answer = handler(call)
        if token:
            self._replies[key.name, token] = digest, Answer(answer.status, answer.body), now
        answer.headers = (*answer.headers, ("Imail-Version", version))
        return answer

    def _version(self, request: Request) -> str:
        version = request.headers.get("imail-version", VERSIONS[-1])
        if version not in VERSIONS:
            raise refused(400, "invalid_version", f"No such version; there are {', '.join(VERSIONS)}")
        return version

    def _budget(self) -> tuple[tuple[str, str], ...]:
        """Of the key that asks: on every answer to it."""
        if self._asks is None:
            return ()
        bucket, now = self.bucket(self._asks), self.clock.now()
        bucket.refill(now)
        # By the clock that `Date` tells, which is the machine's wherever the played one stands: see `sandbox.wire.head`.
        reset = bucket.full_in() + (int(time()) if self.switches.reset == "epoch" else 0)
        told = [("X-RateLimit-Remaining", str(int(bucket.tokens))), ("X-RateLimit-Reset", str(reset))]
        if self.switches.told_limit:
            told.append(("X-RateLimit-Limit", str(bucket.tier.burst)))
        return tuple(told)
