"""A pass over one resource, and the place where it stands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, ClassVar

from clients import scoping, storing
from clients.models import Connection, Feed
from clients.storing import Stored
from clients.vendors.base import Vendor
from clients.vendors.records import Page


@dataclass
class Checkpoint:
    """Where a pass stands; kept in `Feed.checkpoint` as JSON, so a pass goes on where a killed worker left it."""

    pass_id: int
    started: str  # ISO time, by our clock
    phase: str
    cursor: str | None = None
    since: str = ""  # broadcasts: the oldest day this pass reads; '' for all
    oldest: str = ""  # broadcasts: the oldest day seen
    rows: int = 0  # in this phase
    pages: int = 0  # in the whole pass
    list_pages: int = 0  # broadcasts: pages the unfiltered list took
    settled: bool = False  # broadcasts: the lists by mailbox provider are done, details are for what did not add up
    over: bool = False  # this phase was read to its end
    set_aside: int = 0  # rows of the whole pass that could not be read
    known: str = ""  # outreach: ISO time; what was first seen before it has been read with its past
    lost: bool = False  # events: there were some that the vendor no longer keeps
    mark: int = 0  # conversations: the place in the order of events at which this pass began
    changed: int = 0  # tests: rows of the test in hand that are new or say something new
    met: int = 0  # tests: mails that this reading of the test in hand has brought
    tally: dict[str, int] = field(default_factory=dict)  # leads: those of the campaign in hand, by status
    skipped: dict[str, str] = field(default_factory=dict)  # workspaces that could not be read whole, and why
    # Where a cursor led to an empty page, the first time in this pass: the place before it.
    hollow: dict[str, Any] | None = None

    def before_hollow(self) -> Checkpoint:
        return replace(self, over=False, hollow=None, **self.hollow) if self.hollow else self

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


EMPTY = "The list came back empty although there were rows before: nothing is marked as gone."
NONE = "None of its {:,} rows could be read, although there were some before: nothing is marked as gone."
ONE = "Its only row could not be read, although there were some before: nothing is marked as gone."
HOLLOW = "It sent an empty page where it had promised more: nothing is marked as gone."
OTHER = "The key opens another account than before: what the old one had is marked as gone."
UNREADABLE = "Rows are missing from the list, but some could not be read: nothing is marked as gone."


class Pass(ABC):
    model: ClassVar[Any]
    every: ClassVar[timedelta | None] = None  # how often by itself, where that is not as often as the others

    def __init__(self, connection: Connection, vendor: Vendor, checkpoint: Checkpoint) -> None:
        self.connection = connection
        self.vendor = vendor
        self.at = checkpoint
        self.resolver = scoping.Resolver(connection)

    @classmethod
    @abstractmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint: ...

    @abstractmethod
    def read(self, cursor: str | None) -> Page[Any]:
        """One page of the current phase. Runs in the fetching thread."""

    @abstractmethod
    def store(self, records: Sequence[Any]) -> Stored:
        """Records of the current phase, inside the page's transaction."""

    @abstractmethod
    def following(self) -> str | None:
        """The phase after the current one; None when the pass is complete."""

    def ended(self, page: Page[Any]) -> bool:
        return False

    def expected_pages(self) -> int | None:
        return None

    def arrived(self, page: Page[Any]) -> None:
        """Moves on to where the page leads, and keeps in mind where a promised page came empty."""
        at = self.at
        if self.promises_hold and at.cursor and not (page.cursor or page.records or page.set_aside):
            here = {"phase": at.phase, "cursor": at.cursor, "pages": at.pages, "list_pages": 0, "settled": False}
            at.hollow = at.hollow or here
        at.cursor, at.over, at.pages = page.cursor, page.cursor is None, at.pages + 1
        at.set_aside += len(page.set_aside)

    @property
    def promises_hold(self) -> bool:
        """Whether a cursor of the current phase is the vendor's, and leads to more as far as its word goes."""
        return True

    def doubt(self, *, first: bool) -> str:
        """Before `finish`: why this can hardly be the vendor's whole list; '' where nothing speaks against it. Of a `first`
        pass there are no rows that could be missed: the promise alone counts."""
        known = self.expected()
        if known.exists() and not self._kept().filter(seen_run=self.at.pass_id).exists():
            return self.nothing_met()
        if not self.at.hollow:
            return ""
        return HOLLOW if (first and self.vendor.cursors_promise) or self.misses(known) else ""

    def nothing_met(self) -> str:
        """Why the pass has met none of the rows that were there before."""
        aside = self.at.set_aside
        return (ONE if aside == 1 else NONE.format(aside)) if aside else EMPTY

    def misses(self, known: Any) -> bool:
        """Whether rows are missing that an empty page in a later one's place may have held."""
        return bool(known.exclude(seen_run=self.at.pass_id).exists())

    def expected(self) -> Any:
        """The rows that a complete pass should have met again."""
        return self._kept()

    def _kept(self) -> Any:
        return self.model.objects.filter(connection=self.connection, gone_at=None)

    def afterwards(self) -> Iterable[Callable[[], None]]:
        """Before `finish`, where something new was read: what is worked out of it, in steps of a transaction each. A step may be
        done twice."""
        return ()

    def finish(self) -> tuple[int, str]:
        """After the last phase, in one transaction: (rows marked gone, a sentence for the log)."""
        known = self._kept()
        if not known.filter(seen_run=self.at.pass_id).exists():
            return 0, self.nothing_met() if known.exists() else ""
        return self.mark_gone()

    def mark_gone(self, **which: Any) -> tuple[int, str]:
        unseen = storing.unseen(self.model, self.connection, self.at.pass_id).filter(**which)
        if self.at.set_aside:
            # One of them may be a row that could not be read.
            return 0, UNREADABLE if unseen.exists() else ""
        return storing.mark_gone(unseen, self.connection), ""

    def refresh_scopes(self) -> None:
        if self.resolver.version != self.connection.scopes_version:
            self.resolver = scoping.Resolver(self.connection)
