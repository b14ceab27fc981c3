"""What the filters of each list can choose from: only what the scope holds."""

from __future__ import annotations

from django.db.models import QuerySet

from clients.changes.selecting import UNASSIGNED
from clients.models import ALL_PROVIDERS, Connection, PlacementDay, Sender, SenderTag
from clients.vendors import VENDORS
from reports.listing import activity, seeds
from reports.listing.forms import Offers, same
from reports.listing.owners import owned
from reports.scope import MAILBOX_PROVIDERS, Scope

STATUSES = [("active", "Active"), ("inactive", "Inactive"), ("gone", "Gone")]


def of_broadcasts(scope: Scope) -> Offers:
    return {
        "mailbox_provider": ("Mailbox provider", MAILBOX_PROVIDERS),
        "domain": ("Domain", same(_domains_with_mail(scope))),
        "tag": ("Sender tag", same(_tags(scope))),
        "vendor": ("Vendor", _vendors(seeds.connections(scope.narrowed(vendor="")))),
    }


def of_senders(scope: Scope, *, clients: bool) -> Offers:
    wide = scope.narrowed(domain="", tag="", preset="", status="", search="", vendor="")
    mine = owned(Sender.objects.filter(connection__removed_at=None), wide)
    conflict = [("conflict", "In conflict")] if scope.sees_unassigned else []
    return {
        **({"client": ("Client", _clients(scope))} if clients else {}),
        "domain": ("Domain", same(_values(mine, "domain"))),
        "tag": ("Tag", same(_tags(wide))),
        "preset": ("Preset", [(name, name.capitalize()) for name in _values(mine, "preset")]),
        "status": ("Status", [*STATUSES, *conflict]),
    }


def of_seeds() -> Offers:
    return {"mailbox_provider": ("Mailbox provider", MAILBOX_PROVIDERS), "status": ("Status", STATUSES)}


def of_accounts(scope: Scope) -> Offers:
    return {
        "client": ("Client", [pair for pair in _clients(scope) if pair[0] != UNASSIGNED]),
        "vendor": ("Vendor", _vendors(seeds.connections(scope.narrowed(vendor="", client="")))),
    }


def of_activity() -> Offers:
    return {"status": ("Show", list(activity.KINDS.items()))}


def _clients(scope: Scope) -> list[tuple[str, str]]:
    known = list(scope.clients.order_by("name", "pk").values_list("slug", "name"))
    return [*known, (UNASSIGNED, "Unassigned")] if scope.sees_unassigned else known


def _domains_with_mail(scope: Scope) -> list[str]:
    rows = PlacementDay.objects.filter(client__in=scope.clients, mailbox_provider=ALL_PROVIDERS)
    return _values(rows.filter(day__range=(scope.window.first, scope.window.last)), "domain")


def _tags(scope: Scope) -> list[str]:
    # pk__in: the tags of a domain's senders would otherwise be read once per sender and tag of all clients.
    rows = SenderTag.objects.filter(sender__in=owned(Sender.objects.filter(connection__removed_at=None), scope))
    return _values(rows, "name")


def _vendors(rows: QuerySet[Connection]) -> list[tuple[str, str]]:
    return [(slug, VENDORS[slug].label) for slug in rows.order_by("vendor").values_list("vendor", flat=True).distinct()]


def _values(rows: QuerySet[object], field: str) -> list[str]:  # type: ignore[type-var]
    return [value for value in rows.order_by(field).values_list(field, flat=True).distinct() if value]
