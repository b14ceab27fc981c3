"""Things going wrong on purpose: which requests they strike, and when.

| kind | what happens | arguments and what they are when left out |
| --- | --- | --- |
| busy | 429 | retry_after=1 (seconds, any text, or None for no header), retry_after_date=None (an HTTP date so far ahead) |
| error | an error status | status=500, retry_after=None |
| revoked | the key is refused | |
| html | a web page instead of JSON | status=502 |
| empty | no body | status=200 |
| close, reset | the connection ends without an answer, in order or with RST | |
| lost | carried out, then the connection ends without an answer | seconds=0 (to wait before), reset=False |
| stall | the answer comes late | seconds=60 |
| drip | the answer comes byte by byte | seconds=1 (a byte), part="body" (or "head") |
| cut | the body ends early | share=0.5, honest=True (whether Content-Length admits it) |
| wrong_type | a field holds something else | field="total_emails", value="many", row=0, where="row" (or "envelope") |
| missing_key | a field is not there | field="id", row=0, where="row" (or "envelope") |
| null_id | | row=0 |
| huge_number | 1e400 | field="total_emails", row=0 |
| lone_surrogate, nul | an escape that is no text | field="subject", row=0 |
| huge_subject | | field="subject", size=5000000, row=0 |
| extra_fields, missing_optional | in all rows | |
| unknown_provider | | name="icloud" (for Instantly a number), row=0 |
| repeat_page | a later page brings the rows of the page before it | fresh=True (with a new cursor that leads on) |
| same_cursor | every page names the same next page | |
| cursor_cycle | the next pages go round | length=7 |
| empty_for_ever | every page is empty and names a next one | |
| empty_end | a later page is empty and names no next one | |
| stale_cursor | 400 for any cursor | |
| change | somebody else changes the data just before the answer | what=None (as for POST /_sandbox/change), without account |

`row` is the index in the page, None = every row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from sandbox.answers import Json
from sandbox.paging import CURSORS

KINDS: dict[str, dict[str, Json]] = {
    "busy": {"retry_after": 1, "retry_after_date": None},
    "error": {"status": 500, "retry_after": None},
    "revoked": {},
    "html": {"status": 502},
    "empty": {"status": 200},
    "close": {},
    "reset": {},
    "lost": {"seconds": 0, "reset": False},
    "stall": {"seconds": 60},
    "drip": {"seconds": 1, "part": "body"},
    "cut": {"share": 0.5, "honest": True},
    "wrong_type": {"field": "total_emails", "value": "many", "row": 0, "where": "row"},
    "missing_key": {"field": "id", "row": 0, "where": "row"},
    "null_id": {"row": 0},
    "huge_number": {"field": "total_emails", "row": 0},
    "lone_surrogate": {"field": "subject", "row": 0},
    "nul": {"field": "subject", "row": 0},
    "huge_subject": {"field": "subject", "size": 5_000_000, "row": 0},
    "extra_fields": {},
    "missing_optional": {},
    "unknown_provider": {"name": "icloud", "row": 0},
    "repeat_page": {"fresh": True},
    "same_cursor": {},
    "cursor_cycle": {"length": 7},
    "empty_for_ever": {},
    "empty_end": {},
    "stale_cursor": {},
    "change": {"what": None},
}

ON_LATER_PAGES = ("repeat_page", "empty_end", "stale_cursor")
"""These neither strike nor count a request without a cursor."""


@dataclass(slots=True)
class Fault:
    kind: str
    route: str = "*"
    """A pattern for the path, where * stands for anything: /v3/seeds*, */status."""
    method: str | None = None
    account: str | None = None
    """An account's name or key, or key/workspace where one key acts for another workspace; None = any."""
    query: dict[str, str] = field(default_factory=dict)
    """Parameters that the request must have, with patterns for their values."""
    after: int = 0
    """Strikes from the request that follows so many matching ones."""
    times: int | None = 1
    """None = for ever."""
    args: dict[str, Json] = field(default_factory=dict)
    seen: int = 0
    struck: int = 0

    def __getitem__(self, name: str) -> Json:
        return self.args[name]

    def matches(self, method: str, path: str, query: dict[str, str], names: tuple[str | None, ...]) -> bool:
        return (
            self.method in (None, method)
            and self.account in (None, *names)
            and fnmatchcase(path, self.route)
            and (self.kind not in ON_LATER_PAGES or any(query.get(name) for name in CURSORS))
            and all(name in query and fnmatchcase(query[name], value) for name, value in self.query.items())
        )


class Faults:
    """Each counts its own matching requests; of several that are due the one added first strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(
        self, kind: str, route: str = "*", *, method: str | None = None, account: str | None = None,
        query: dict[str, str] | None = None, after: int = 0, times: int | None = 1, **args: Json,
    ) -> Fault:  # fmt: skip
        """Raises ValueError for a kind or an argument that does not exist."""
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
        for name in args:
            if name not in KINDS[kind]:
                raise ValueError(f"{kind} takes no {name!r}, only: {', '.join(KINDS[kind]) or 'nothing'}")
        fault = Fault(kind, route, method, account, query or {}, after, times, {**KINDS[kind], **args})
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def due(self, method: str, path: str, query: dict[str, str], *names: str | None) -> Fault | None:
        """Counts the request; `names` are the account's name and key."""
        due = None
        for fault in self._faults:
            if not fault.matches(method, path, query, names):
                continue
            fault.seen += 1
            if due is None and fault.seen > fault.after and (fault.times is None or fault.struck < fault.times):
                due = fault
        if due:
            due.struck += 1
        return due

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))

    def __len__(self) -> int:
        return len(self._faults)
