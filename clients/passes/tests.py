"""Placement tests: the list of them, then the mails and reports of each that is not settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db.models import Count, Q, Sum

from clients import derived, placement_tests, sender_health, verdicts
from clients.models import PlacementTest
from clients.passes.workspaces import LeftOut, OfEachWorkspace
from clients.storing import Stored
from clients.vendors.base import Vendor
from clients.vendors.errors import Rejected
from clients.vendors.records import MailRecord, Page, Record, ReportRecord

LIST, RESULTS = "list", "results"
MAILS, REPORTS, LATE, END = "mails", "reports", "late reports", "end"

EMPTIED = "emptied"  # of mails that ended with an empty page in place of a later one

CUT = "Results of placement tests ended too early: what is missing of them is not told. They are asked for again."
UNREPORTED = "Reports of blacklists and SpamAssassin could not be read: {} They are asked for again."


class _Of(Record, frozen=True, gc=False):
    """A row of one of several tests that share a batch."""

    external_id: str
    test_id: int
    row: MailRecord | ReportRecord


class _End(Record, frozen=True, gc=False):
    test_id: int
    hollow: bool
    emptied: bool
    unreported: str = ""  # why its reports could not be read
    late: bool = False  # its reports alone were read: the rest was settled before
    since: date | None = None  # as its place's


class _Place(NamedTuple):
    """Where the walk through the results stands: in a part of one test, at the vendor's cursor."""

    test_id: int = 0
    part: str = END
    since: str = ""  # the day that this reading of the test began with; '' for all
    hollow: str = ""  # EMPTIED, or '1' where a mail could not be read
    cursor: str = ""

    @classmethod
    def of(cls, text: str | None) -> _Place:
        if not text:
            return cls()
        test_id, *rest = text.split("|", 4)
        return cls(int(test_id), *rest)

    def __str__(self) -> str:
        return "|".join(map(str, self))


class TestPass(OfEachWorkspace):
    """Tests come newest first, and are read in the order in which we met them, each once in a pass."""

    model = PlacementTest

    @classmethod
    def names(cls, vendor: type[Vendor]) -> Sequence[str]:
        return (LIST,)

    def read_of(self, name: str, workspace: str, cursor: str | None) -> Page[Any]:
        if name == LIST:
            return self.of_workspace(workspace, lambda vendor: vendor.tests(cursor))
        return self._read_results(_Place.of(cursor))

    def store_of(self, name: str, workspace: str, records: Sequence[Any]) -> Stored:
        if name == LIST:
            return placement_tests.store_tests(self.connection, records, self.at.pass_id, self.resolver, workspace)
        return self._store_results(records)

    def following(self) -> str | None:
        if self.at.phase == RESULTS:
            return None
        return super().following() or (RESULTS if self._open().exists() else None)

    @property
    def promises_hold(self) -> bool:
        return self.at.phase != RESULTS and super().promises_hold

    def afterwards(self) -> Iterator[Callable[[], None]]:
        return sender_health.noting(self.connection)

    def expected_pages(self) -> int | None:
        if self.at.phase != RESULTS:
            return None
        left = self._open().filter(settled=False, pk__gte=_Place.of(self.at.cursor).test_id)
        sums = left.aggregate(tests=Count("pk"), mails=Sum("expected"))
        return int(self.at.pages + 2 * sums["tests"] + 2 * (sums["mails"] or 0) // 100)

    def let_go(self, rows: Any) -> int:
        """But for those that were made here since this pass has begun: it may have read the list before."""
        return placement_tests.let_go(self.connection, rows.exclude(seen_run=0, first_seen__gte=self.at.started))

    def _open(self) -> Any:
        """What may bring rows, and settled ones that want nothing but their reports."""
        tests = PlacementTest.objects.filter(connection=self.connection, gone_at=None, seen_run=self.at.pass_id)
        return tests.filter(Q(settled=False) | ~Q(unreported=""))

    def _read_results(self, at: _Place) -> Page[Any]:
        if at.part == END:
            tests = self._open().filter(pk__gt=at.test_id).exclude(workspace__in=self._unread)
            test = tests.exclude(settled=True, workspace__in=list(self._unreported)).order_by("pk").first()
            if test is None:
                return Page((), None)
            if test.settled:
                return self._read_reports(test, _Place(test.pk, LATE))
            since = verdicts.since(test)
            at = _Place(test.pk, MAILS, since.isoformat() if since else "")
        else:
            test = PlacementTest.objects.get(pk=at.test_id)
        return self._read_mails(test, at) if at.part == MAILS else self._read_reports(test, at)

    #: Workspaces whose results, or whose reports, this run was refused, and why: it does not ask for those of each test.
    _unread: frozenset[str] = frozenset()
    _unreported: Mapping[str, str] = {}

    def _read_mails(self, test: PlacementTest, at: _Place) -> Page[Any]:
        page = self.of_workspace(test.workspace, lambda vendor: _page(vendor.test_mails, test, at))
        if _is_left_out(page):
            self._unread |= {test.workspace}
            return Page(page.records, str(_Place(test.pk)), notes=page.notes)
        cut_off = bool(at.cursor) and not page.records and not page.cursor
        hollow = EMPTIED if cut_off else at.hollow or ("1" if page.set_aside else "")
        if page.cursor:
            return _of(test, page, at._replace(cursor=page.cursor, hollow=hollow))
        if test.workspace in self._unreported:
            return _of(test, page, _Place(test.pk, END, at.since, hollow), self._unreported[test.workspace])
        return _of(test, page, _Place(test.pk, REPORTS, at.since, hollow))

    def _read_reports(self, test: PlacementTest, at: _Place) -> Page[Any]:
        """Without them a test is still worth having; it stays open for them."""
        late = at.part == LATE
        # Of one whose reports could not be read, those of earlier days are wanted as well.
        read = partial(_page, test=test, at=at._replace(since="") if test.unreported else at)
        page = self.of_workspace(test.workspace, lambda vendor: read(vendor.test_reports), besides="reports of tests")
        if _is_left_out(page):
            self._unreported = {**self._unreported, test.workspace: page.records[0].why}
            return _of(test, Page((), None, notes=page.notes), at._replace(part=END, cursor=""), page.records[0].why, late=late)
        return _of(test, page, at._replace(cursor=page.cursor) if page.cursor else at._replace(part=END, cursor=""), late=late)

    def _store_results(self, records: Iterable[_Of | _End]) -> Stored:
        """Row by row in the order in which they came: a test ends after its own."""
        sums = Stored()
        rows: dict[int, list[_Of]] = {}
        for record in records:
            if isinstance(record, _End):
                self._store_rows(rows.pop(record.test_id, []), sums)
                self._end(record)
            else:
                rows.setdefault(record.test_id, []).append(record)
        for left in rows.values():
            self._store_rows(left, sums)
        return sums

    def _store_rows(self, rows: Sequence[_Of], sums: Stored) -> None:
        if not rows:
            return
        mails = [one.row for one in rows if isinstance(one.row, MailRecord)]
        reports = [one.row for one in rows if isinstance(one.row, ReportRecord)]
        for stored in (
            placement_tests.store_mails(rows[0].test_id, mails) if mails else Stored(),
            placement_tests.store_reports(rows[0].test_id, reports) if reports else Stored(),
        ):
            sums.rows, sums.new, sums.changed = (
                sums.rows + stored.rows, sums.new + stored.new, sums.changed + stored.changed,
            )  # fmt: skip
            self.at.changed += stored.new + stored.changed
        self.at.met += len(mails)

    def _end(self, end: _End) -> None:
        test, changed = PlacementTest.objects.get(pk=end.test_id), self.at.changed > 0
        if not end.late:
            met = self.at.met if end.emptied else None
            place = self.connection, test, self.at.pass_id, self.resolver
            if derived.end(*place, changed=changed, hollow=end.hollow, met=met, since=end.since):
                self.at.skipped = {**self.at.skipped, f"{test.workspace}/{RESULTS}": CUT}
        PlacementTest.objects.filter(pk=test.pk).update(unreported=end.unreported[:300])
        if end.unreported:
            self.at.skipped = {**self.at.skipped, f"{test.workspace}/{REPORTS}": UNREPORTED.format(end.unreported)}
        self.at.changed = self.at.met = 0


type _Ask = Callable[[str, str | None, date | None], Page[Any]]


def _page(ask: _Ask, test: PlacementTest, at: _Place) -> Page[Any]:
    try:
        return ask(test.external_id, at.cursor or None, date.fromisoformat(at.since) if at.since else None)
    except Rejected as error:
        if error.status != 404:
            raise
        return Page((), None)  # deleted since the list was read; the next list says so


def _of(test: PlacementTest, page: Page[Any], after: _Place, unreported: str = "", *, late: bool = False) -> Page[Any]:
    records: tuple[Record, ...] = tuple(_Of(record.external_id, test.pk, record) for record in page.records)
    if after.part == END:
        since = date.fromisoformat(after.since) if after.since else None
        records += (_End(test.pk, bool(after.hollow), after.hollow == EMPTIED, unreported, late, since),)
    return Page(records, str(after), page.set_aside, page.notes)


def _is_left_out(page: Page[Any]) -> bool:
    return bool(page.records) and isinstance(page.records[0], LeftOut)
