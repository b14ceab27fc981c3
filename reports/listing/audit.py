"""The audit log: every act that changed something here or at a vendor, newest first."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.db.models import Q, QuerySet

from agency.models import AuditEntry
from clients.models import Client, Connection
from reports.listing.forms import Offers, same
from reports.scope import Scope


def entries(scope: Scope) -> QuerySet[AuditEntry]:
    asked, window = scope.filters, scope.window
    times = datetime.combine(window.first, time.min, UTC), datetime.combine(window.last, time.max, UTC)
    rows = AuditEntry.objects.filter(agency=scope.agency, at__range=times)
    if not scope.sees_unassigned:
        # One client's: what is nobody's, or another's, is not part of it.
        rows = rows.filter(_about(scope.clients))
    if asked.who:
        rows = rows.filter(actor=asked.who)
    if asked.status:
        rows = rows.filter(action__startswith=f"{asked.status}.")
    if asked.client:
        rows = rows.filter(_about(Client.objects.of(scope.agency).filter(slug=asked.client)))
    if asked.search:
        texts = ("action", "target", "actor", "reason")
        found = Q()
        for name in texts:
            found |= Q(**{f"{name}__icontains": asked.search})
        rows = rows.filter(found)
    return rows


def _about(clients: QuerySet[Client]) -> Q:
    """Themselves, or the accounts that serve them: a shuffle of a shared account is its own."""
    accounts = Connection.objects.filter(scopes__client__in=clients)
    return Q(subject__in=clients.values("uuid")) | Q(subject__in=accounts.values("uuid"))


def offers(scope: Scope) -> Offers:
    wide = scope.narrowed(who="", status="", client="", search="")
    known = entries(wide).order_by()
    actors = sorted(known.values_list("actor", flat=True).distinct())
    subjects = sorted({action.partition(".")[0] for action in known.values_list("action", flat=True).distinct()})
    clients = Client.objects.of(scope.agency).order_by("name", "pk").values_list("slug", "name")
    return {
        "who": ("Who", same(actors)),
        "status": ("What", [(name, name.replace("_", " ").capitalize()) for name in subjects]),
        "client": ("Client", list(clients)),
    }
