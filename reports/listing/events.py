"""Events that vendors sent, the newest first, as their list and its file have them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from clients.models import Connection, Event, EventSource, EventState
from clients.models import Scope as ClientScope
from clients.vendors import VENDORS
from reports.listing.forms import Offers, same
from reports.scope import Scope

TONES: dict[str, str] = {
    EventState.WAITING: "",
    EventState.PROCESSED: "good",
    EventState.FAILED: "bad",
    EventState.UNKNOWN: "look",
}


def events(scope: Scope) -> QuerySet[Event]:
    """Of those who see every client alone; of one client: what came to the accounts that serve it."""
    asked = scope.filters
    rows = Event.objects.of(scope.agency).filter(received_at__range=scope.window.times)
    if not scope.sees_unassigned:
        return rows.none()
    if asked.client:
        rows = rows.filter(connection__in=ClientScope.objects.filter(client__slug=asked.client).values("connection"))
    if asked.vendor:
        rows = rows.filter(connection__vendor=asked.vendor)
    if asked.account:
        rows = rows.filter(connection__uuid=asked.account) if _is_uuid(asked.account) else rows.none()
    if asked.source:
        rows = rows.filter(source=asked.source)
    if asked.search:
        rows = rows.filter(external_id__icontains=asked.search)
    if asked.kind:
        rows = rows.filter(type=asked.kind)
    if asked.status:
        rows = rows.filter(state=asked.status)
    return rows.order_by("-received_at", "-pk")


def offers(scope: Scope) -> Offers:
    wide = events(scope.narrowed(client="", vendor="", account="", source="", kind="", status="", search=""))
    sending = [slug for slug, vendor in VENDORS.items() if vendor.hooks]
    mine = Connection.objects.of(scope.agency).filter(vendor__in=sending).order_by("label", "pk")
    known = {kind for slug in set(mine.order_by().values_list("vendor", flat=True)) for kind in _known(slug)}
    kinds = sorted(known.union(wide.order_by().values_list("type", flat=True).distinct()[:200]))
    accounts = [(str(uuid), label) for uuid, label in mine.values_list("uuid", "label")]
    serving = scope.clients.filter(scopes__connection__in=mine).distinct().order_by("name", "pk")
    return {
        "status": ("State", list(EventState.choices)),
        "kind": ("Type", same(kinds)),
        "client": ("Client", list(serving.values_list("slug", "name"))),
        "account": ("Account", accounts),
        "source": ("How it came", list(EventSource.choices)),
        "vendor": ("Vendor", [(slug, VENDORS[slug].label) for slug in sending]),
    }


def _known(vendor: str) -> Iterable[str]:
    """Types of which Inboxdeck knows what they say, whether any came or not."""
    scheme = VENDORS[vendor].hooks
    return scheme.readers if scheme else ()


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
