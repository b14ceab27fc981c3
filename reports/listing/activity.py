"""What happened around a client: the sync runs of its connections and what people did."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.db.models import Q, QuerySet

from agency.models import AuditEntry
from clients.models import Connection, RunState, SyncRun
from reports.listing.seeds import connections
from reports.scope import Scope

#: `?status=` of the Activity tab, and what it keeps.
KINDS = {
    "": "All but quiet syncs",
    "all": "Everything",
    "people": "What people did",
    "syncs": "Syncs",
    "trouble": "Syncs with trouble",
}
TROUBLE = (RunState.PARTIAL, RunState.WAITING, RunState.FAILED, RunState.LOST)
_QUIET = Q(state=RunState.OK, new=0, changed=0, gone=0)


def runs(scope: Scope) -> QuerySet[SyncRun]:
    """Of the connections that serve the scope's clients, removed ones left out."""
    asked = scope.filters
    rows = SyncRun.objects.filter(feed__connection__in=connections(scope), started_at__range=_times(scope))
    if asked.status in ("", "trouble"):
        rows = rows.exclude(_QUIET) if not asked.status else rows.filter(state__in=TROUBLE)
    elif asked.status not in KINDS or asked.status == "people":
        rows = rows.none()
    if asked.search:
        rows = rows.filter(Q(outcome__icontains=asked.search) | Q(feed__connection__label__icontains=asked.search))
    return rows


def acts(scope: Scope) -> QuerySet[AuditEntry]:
    """What people and commands did to the scope's clients, and to the accounts that serve them."""
    asked = scope.filters
    # What happened to an account as a whole, a shuffle say, is its own; one that is removed by now keeps its past.
    accounts = Connection.objects.of(scope.agency).filter(scopes__client__in=scope.clients)
    theirs = Q(subject__in=scope.clients.values("uuid")) | Q(subject__in=accounts.values("uuid"))
    rows = AuditEntry.objects.filter(theirs, agency=scope.agency, at__range=_times(scope))
    if asked.status not in ("", "all", "people"):
        return rows.none()
    if asked.search:
        rows = rows.filter(
            Q(action__icontains=asked.search) | Q(target__icontains=asked.search) | Q(actor__icontains=asked.search)
        )
    return rows


def _times(scope: Scope) -> tuple[datetime, datetime]:
    return datetime.combine(scope.window.first, time.min, UTC), datetime.combine(scope.window.last, time.max, UTC)
