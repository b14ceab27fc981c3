"""All workspaces, each made when it is first asked for, and who may see what of them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from sandbox.answers import Answer, Json, RefusedError, encode
from sandbox.carrying import Letter
from sandbox.clock import Clock
from sandbox.instantly import changing, outside, routes
from sandbox.instantly.call import Call
from sandbox.instantly.cast import ADMIN, CAST, KEYS, MEMBERS, Key
from sandbox.instantly.making import make, make_bulk, workspace_id
from sandbox.instantly.switches import Switches
from sandbox.instantly.truth import truth
from sandbox.instantly.workspace import Workspace
from sandbox.paging import Style
from sandbox.wire import Request

# Cursors here are ids and times: a mark behind them makes another one for the same place.
CURSORS = Style("starting_after", "next_starting_after", lambda token, query: token + "~")
# Newer Pythons have newer words for it.
_PHRASES = {413: "Payload Too Large", 422: "Unprocessable Entity"}
EDGE = b"<!doctype html><title>Attention Required</title><h1>Sorry, you have been blocked</h1>"


@dataclass(slots=True)
class Access:
    """A key, and whether it has been taken back since."""

    key: Key
    text: str
    revoked: bool


class World:
    """The stories are anchored at the clock's day when the world is made: that day is their last."""

    cursors = CURSORS

    def __init__(self, seed: int, clock: Clock, switches: Switches) -> None:
        self._seed, self.clock, self.switches = seed, clock, switches
        self._anchor = clock.today()
        self._roles = {role.name: role for role in CAST}
        self._numbers = {role.name: number for number, role in enumerate(CAST, start=1)}
        self._made: dict[str, Workspace] = {}
        self._ids = {workspace_id(number): name for name, number in self._numbers.items()}
        self._keys = {key.key: Access(key, key.key, key.revoked) for key in KEYS}
        self.members = dict(MEMBERS)
        """Workspace -> its status in the group of `agency`."""

    def workspace(self, name: str) -> Workspace:
        """Raises KeyError."""
        if name not in self._made:
            self._made[name] = make(self._roles[name], self._numbers[name], self._seed, self._anchor)
        return self._made[name]

    def workspaces(self) -> list[str]:
        return [*self._roles, *(name for name in self._made if name not in self._roles)]

    def key(self, name: str) -> str:
        """Raises KeyError."""
        return {known: text for known, text, _ in self.accounts()}[name]

    def accounts(self) -> list[tuple[str, str, str]]:
        return [(access.key.name, access.text, access.key.story) for access in self._keys.values()]

    def serves(self, account: str) -> list[dict[str, str]]:
        """Of the agency's key: the workspaces that have accepted, each for the client of its name."""
        if account != ADMIN:
            return []
        accepted = [self.workspace(name) for name, status in self.members.items() if status == "accepted"]
        return [{"client": one.title, "kind": "workspace", "value": one.id} for one in accepted]

    def access(self, name: str) -> Access:
        """Raises KeyError."""
        return {access.key.name: access for access in self._keys.values()}[name]

    def add(self, name: str, mailboxes: int = 100, tests: int = 26, senders: int = 100) -> Workspace:
        """A workspace for measuring, with a key of its name that may do everything."""
        if name in self.workspaces() or name in {access.key.name for access in self._keys.values()}:
            raise ValueError(f"there is a workspace or a key {name!r}")
        number = max(self._numbers.values()) + 1
        made = make_bulk(name, number, self._seed, self._anchor, mailboxes, tests, senders)
        key = Key(name, name, ("all:all",), f"{mailboxes:,} mailboxes, {tests:,} tests of {senders:,} senders, for measuring.")
        text = f"sandbox-instantly-{name}-".ljust(44, "0") + "x"
        self._made[name], self._numbers[name], self._ids[made.id] = made, number, name
        self._keys[text] = Access(key, text, False)
        return made

    def add_account(self, **wanted: Json) -> tuple[str, str, str]:
        made = self.add(**wanted)
        return made.name, self.key(made.name), self.access(made.name).key.story

    def receive(self, letter: Letter) -> None:
        """Mail to a seed with a test's code; a workspace that nobody has asked for has no such test."""
        for workspace in self._made.values():
            outside.receive(workspace, letter)

    def key_of(self, request: Request) -> str | None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" and key.strip() else None

    def account_of(self, request: Request) -> str | None:
        """agency, or agency/northwind where the key acts for a workspace of its group."""
        access = self._keys.get(self.key_of(request) or "")
        if access is None:
            return None
        other = self._ids.get(request.headers.get("x-as-workspace", ""))
        return f"{access.key.name}/{other}" if other else access.key.name

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        """The order of refusals: edge, key, workspace, route, plan, scope; the routes check the rest."""
        agent = request.headers.get("user-agent", "")
        if self.switches.block_agents and (not agent or agent.startswith("Python-urllib")):
            return Answer(403, EDGE, content_type="text/html; charset=UTF-8")
        access = self._access(request)
        workspace = self._acting_for(access.key, request.headers.get("x-as-workspace"))
        route, named = routes.find(request.method, request.path)
        self._allow(access.key, workspace, route)
        if request.method != "GET":
            _must_be_json(request)
        pairs = [pair for pair in request.pairs if pair[0] in query]
        call = Call(
            request.method, request.path, query, pairs, request.body, self, access.key, workspace, self.clock,
            self.switches, named,
        )  # fmt: skip
        return route.handler(call)

    def refused(self, refusal: RefusedError) -> Answer:
        extra = dict(refusal.extra)
        headers = tuple(extra.pop("headers", ()))
        if extra.pop("bare", False):
            return Answer(refusal.status, encode({"message": refusal.text}), headers)
        if refusal.status == 429:
            refusal.text = "Rate limit exceeded"
        phrase = _PHRASES.get(refusal.status) or HTTPStatus(refusal.status).phrase
        return Answer(
            refusal.status,
            encode({"statusCode": refusal.status, **extra, "error": phrase, "message": refusal.text}),
            headers,
        )

    def truth(self, account: str, **which: str) -> dict[str, Json]:
        return truth(self.workspace(account), int(self.clock.now().timestamp()) * 1000, self.switches, **which)

    def change(self, account: str, what: dict[str, Json]) -> dict[str, Json]:
        return changing.change(self, account.rpartition("/")[2], what)

    def leads_group(self, workspace: Workspace) -> bool:
        return workspace.name == ADMIN

    def _access(self, request: Request) -> Access:
        if "authorization" not in request.headers:
            raise RefusedError(401, "Missing Authorization header")
        access = self._keys.get(self.key_of(request) or "")
        if access is None or access.revoked:
            raise RefusedError(401, "Invalid API key")
        return access

    def _acting_for(self, key: Key, wanted: str | None) -> Workspace:
        if wanted is None:
            return self.workspace(key.workspace)
        name = self._ids.get(wanted)
        if key.workspace != ADMIN or name is None or self.members.get(name) != "accepted":
            status = self.switches.foreign_workspace
            raise RefusedError(status, f"{HTTPStatus(status).phrase}: x-as-workspace")
        return self.workspace(name)

    def _allow(self, key: Key, workspace: Workspace, route: routes.Route) -> None:
        if workspace.plan is None:
            raise RefusedError(402, "Workspace does not have an active paid plan")
        if route.placement and (self.switches.placement_plan_lacks or workspace.placement_plan is None):
            raise RefusedError(402, "Workspace does not have an active inbox placement plan")
        if not routes.in_scope(route, key.scopes):
            status = self.switches.missing_scope
            raise RefusedError(status, HTTPStatus(status).phrase)


def _must_be_json(request: Request) -> None:
    """An empty body is refused where its type is told, and a body where its type is not."""
    says_json = request.headers.get("content-type", "").startswith("application/json")
    if says_json and not request.body:
        raise RefusedError(
            400, "Body cannot be empty when content-type is set to 'application/json'", code="FST_ERR_CTP_EMPTY_JSON_BODY"
        )
    if request.body and not says_json:
        raise RefusedError(415, "Unsupported Media Type", code="FST_ERR_CTP_INVALID_MEDIA_TYPE")
