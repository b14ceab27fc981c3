"""Workspaces that a key may act for, and the passes that read the same lists for each of them.

One that can't be read costs the others nothing: it is left out, and what it had stays as it was.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from clients import storing
from clients.models import Connection, Feed, ScopeKind, Workspace
from clients.passes.base import UNREADABLE, Checkpoint, Pass
from clients.storing import Stored
from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, PlanLacks, VendorError
from clients.vendors.records import Page, Record, WorkspaceRecord

FEED = "workspaces"
GONE = "{}: it is no longer in the group of this key, and no longer read; what it had is kept."
CLAIMED = f"{GONE} If it is to stay so, take its claim away under ‘Whose it is’."
AT = "@"  # between a phase and the workspace it is read for
UNDATED = Q(created_at=None)


class WorkspacePass(Pass):
    model = Workspace

    def __init__(self, connection: Connection, vendor: Vendor, checkpoint: Checkpoint) -> None:
        super().__init__(connection, vendor, checkpoint)
        self._home: WorkspaceRecord | None = None
        self._absent: list[list[str]] = []
        self._refused: AccessDenied | None = None

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        return Checkpoint(pass_id, timezone.now().isoformat(), FEED)

    def read(self, cursor: str | None) -> Page[Any]:
        if cursor is None and not self._is_known_today():
            self._home = self._whose_key()
        page = self.vendor.workspaces(cursor)
        if self._refused and not page.records:
            # A list that holds nobody says no more than that the key leads no group.
            raise self._refused
        return page

    def store(self, records: Sequence[Any]) -> Stored:
        self._absent += [[record.name or record.external_id, record.absent] for record in records if record.absent]
        storing.keep_group(self.connection, self._home, self._absent)
        return storing.store_workspaces(self.connection, records, self.at.pass_id)

    def finish(self) -> tuple[int, str]:
        """Those that a client claims and that are no longer in the group: said here, and not by each list that was read of
        them."""
        gone, remark = super().finish()
        claimed = self.connection.scopes.filter(kind=ScopeKind.WORKSPACE).values("value")
        left = Workspace.objects.filter(connection=self.connection, external_id__in=claimed).exclude(gone_at=None)
        self.at.skipped = {**self.at.skipped, **{one.external_id: CLAIMED.format(one) for one in left}}
        return gone, " ".join([remark, *self.at.skipped.values()]).strip()

    def _is_known_today(self) -> bool:
        """Whose key it is was asked when it came, and is asked again each day: its name may change."""
        today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        fresh = self.connection.feeds.filter(resource=FEED, last_ok_at__gte=today)
        return bool(self.connection.home.external_id) and fresh.exists()

    def _whose_key(self) -> WorkspaceRecord | None:
        """None where it can't be told now: the list says what is the matter."""
        try:
            return self.vendor.check()
        except AccessDenied as refusal:
            self._refused = refusal
        except VendorError:
            pass
        return None

    def following(self) -> str | None:
        return None


class LeftOut(Record, frozen=True):
    """In a page's place: what of this workspace can't be read, and why."""

    workspace: str
    why: str


class OfEachWorkspace(Pass):
    """Phases are 'list' and 'list@<workspace>'; the key's own workspace is ''."""

    @classmethod
    @abstractmethod
    def names(cls, vendor: type[Vendor]) -> Sequence[str]:
        """The phases of one workspace."""

    @abstractmethod
    def read_of(self, name: str, workspace: str, cursor: str | None) -> Page[Any]: ...

    @abstractmethod
    def store_of(self, name: str, workspace: str, records: Sequence[Any]) -> Stored: ...

    @classmethod
    def begin(cls, feed: Feed, pass_id: int) -> Checkpoint:
        vendor = feed.connection.vendor_class
        # In a first sync the feed of workspaces may not have been there yet.
        unknown = FEED in vendor.feeds and not feed.connection.feeds.filter(resource=FEED, last_ok_at__isnull=False).exists()
        return Checkpoint(pass_id, timezone.now().isoformat(), FEED if unknown else cls.names(vendor)[0])

    def read(self, cursor: str | None) -> Page[Any]:
        name, workspace = parted(self.at.phase)
        return self.vendor.workspaces(cursor) if name == FEED else self.read_of(name, workspace, cursor)

    def store(self, records: Sequence[Any]) -> Stored:
        name, workspace = parted(self.at.phase)
        if name == FEED:
            return storing.store_workspaces(self.connection, records, self.at.pass_id)
        for left in (record for record in records if isinstance(record, LeftOut)):
            self.at.skipped = {**self.at.skipped, left.workspace: left.why}
        return self.store_of(name, workspace, [record for record in records if not isinstance(record, LeftOut)])

    def following(self) -> str | None:
        names, (name, workspace) = self.names(type(self.vendor)), parted(self.at.phase)
        if name == FEED:
            return names[0]
        if rest := names[names.index(name) + 1 :]:
            return _phase(rest[0], workspace)
        known = self.workspaces()
        # One that has left meanwhile is not among them: begin again after our own.
        after = known[known.index(workspace) + 1 :] if workspace in known else known[1:]
        return _phase(names[0], after[0]) if after else None

    def workspaces(self) -> list[str]:
        if FEED not in self.vendor.feeds:
            return [""]
        others = Workspace.objects.filter(connection=self.connection, gone_at=None).order_by("pk")
        return ["", *others.values_list("external_id", flat=True)]

    def of_workspace(self, workspace: str, read: Callable[[Vendor], Page[Any]], *, besides: str = "") -> Page[Any]:
        """Raises `PlanLacks` where there is but one workspace, unless what is read comes `besides`, and what that is; of several
        it leaves out the one."""
        try:
            return read(self.vendor.acting_for(workspace))
        except PlanLacks as error:
            if not besides and len(self.workspaces()) == 1:
                raise
            said = error.naming(besides or str(self.model._meta.verbose_name_plural))
            why = f"{self._named(workspace)}: {said}" if workspace else said
        return Page((LeftOut(workspace, why),), None, notes=(why,))

    @property
    def promises_hold(self) -> bool:
        return parted(self.at.phase)[0] != FEED

    def misses(self, known: Any) -> bool:
        """Where the last page may lead to an empty one all the same, a list was cut only if its end is missing. They come newest
        first."""
        if self.vendor.cursors_promise:
            return super().misses(known)
        seen = Q(seen_run=self.at.pass_id)
        ends = known.order_by().values("workspace").annotate(
            read_to=Min("created_at", filter=seen),
            oldest=Min("created_at", filter=~seen),
            undated=Count("pk", filter=~seen & UNDATED),
        )  # fmt: skip
        return any(one["undated"] or (one["read_to"] and one["oldest"] and one["oldest"] <= one["read_to"]) for one in ends)

    def finish(self) -> tuple[int, str]:
        """Of each workspace that was read whole: what the pass has not seen is gone. One that came back empty, or that has
        left the group, keeps what it had."""
        self._name_those_who_left()
        gone, remarks = 0, list(self.at.skipped.values())
        met = self._kept().filter(seen_run=self.at.pass_id).exists()
        why = UNREADABLE if met and self.at.set_aside else self.nothing_met()
        for workspace in self.workspaces():
            known = self._kept().filter(workspace=workspace)
            if workspace in self.at.skipped:
                continue
            if not known.filter(seen_run=self.at.pass_id).exists():
                remarks += [why] if known.exists() else []
            elif self.at.set_aside:
                remarks += [UNREADABLE] if known.exclude(seen_run=self.at.pass_id).exists() else []
            else:
                gone += self.let_go(known.exclude(seen_run=self.at.pass_id))
        return gone, " ".join(dict.fromkeys(remarks))

    def _kept(self) -> Any:
        """Of the workspaces that were read."""
        read = [workspace for workspace in self.workspaces() if workspace not in self.at.skipped]
        return super()._kept().filter(workspace__in=read)

    def _name_those_who_left(self) -> None:
        """Those that were in the group when this pass began. Of others the feed of workspaces tells."""
        left = Workspace.objects.filter(connection=self.connection, gone_at__gte=self.at.started)
        gone = {one.external_id: GONE.format(one) for one in left}
        self.at.skipped = {**gone, **self.at.skipped}

    def let_go(self, rows: Any) -> int:
        return storing.mark_gone(rows, self.connection)

    def _named(self, workspace: str) -> str:
        return str(Workspace.objects.filter(connection=self.connection, external_id=workspace).first() or workspace)


def parted(phase: str) -> tuple[str, str]:
    """'list@1234' → ('list', '1234')."""
    name, _, workspace = phase.partition(AT)
    return name, workspace


def _phase(name: str, workspace: str) -> str:
    return f"{name}{AT}{workspace}" if workspace else name
