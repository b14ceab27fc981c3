"""What the filters of each list can choose from: only what the scope holds."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from clients import sender_health
from clients.changes.campaigns import Known, offered
from clients.changes.selecting import UNASSIGNED
from clients.models import CampaignStatus, Connection, Sender, SenderTag, TestKind, TestStatus
from clients.vendors import VENDORS
from reports.listing import activity, campaign_lines, campaigns, placement_tests, seeds, senders
from reports.listing.forms import Offers, same
from reports.scope import MAILBOX_PROVIDERS, Scope

STATUSES = [("active", "Active"), ("inactive", "Inactive"), ("gone", "Gone")]


def of_broadcasts(scope: Scope, domains: Sequence[str]) -> Offers:
    """`domains`: those with mail in the window."""
    return {
        "mailbox_provider": ("Mailbox provider", MAILBOX_PROVIDERS),
        "domain": ("Domain", same(domains)),
        "tag": ("Sender tag", same(_tags(senders.unfiltered(scope)))),
        "vendor": ("Vendor", _vendors(_bringing_mail(scope), scope.filters.vendor)),
    }


def of_senders(scope: Scope, mine: QuerySet[Sender], *, clients: bool) -> Offers:
    """`mine`: the scope's senders, unfiltered."""
    conflict = [("conflict", "In conflict")] if scope.sees_unassigned else []
    vendors, presets, statuses = _columns(mine, "connection__vendor", "preset", "status")
    asked = {scope.filters.vendor} & {*VENDORS}
    vendors = sorted({*vendors, *asked})
    others = [(status, status.capitalize()) for status in statuses if status not in dict(STATUSES)]
    return {
        **({"client": ("Client", _clients(scope))} if clients else {}),
        **({"vendor": ("Vendor", [(slug, VENDORS[slug].label) for slug in vendors])} if len(vendors) > 1 or asked else {}),
        "domain": ("Domain", same(_values(mine, "domain"))),
        "tag": ("Tag", same(_tags(mine))),
        "preset": ("Preset", [(name, name.capitalize()) for name in presets]),
        "status": ("Status", [*STATUSES, *others, *conflict]),
        "health": ("Health", [(word, word.capitalize()) for word in sender_health.MEANINGS]),
    }


def of_seeds() -> Offers:
    return {"mailbox_provider": ("Mailbox provider", MAILBOX_PROVIDERS), "status": ("Status", STATUSES)}


def of_accounts(scope: Scope) -> Offers:
    return {
        "client": ("Client", [pair for pair in _clients(scope) if pair[0] != UNASSIGNED]),
        "vendor": ("Vendor", _vendors(seeds.connections(scope.narrowed(vendor="", client="")), scope.filters.vendor)),
    }


def of_tests(scope: Scope) -> Offers:
    domains = _values(placement_tests.senders(scope.narrowed(domain="")), "domain")
    return {
        "status": ("Status", [*TestStatus.choices, (placement_tests.GONE, "Gone")]),
        "kind": ("Kind", TestKind.choices),
        "domain": ("Domain", same(domains)),
    }


def of_campaigns(scope: Scope, known: Known) -> Offers:
    """`known`: the scope's own, as `campaigns.known` gives them. Statuses that there are; the vendor's own numbers among them."""
    tags, domains, found = offered(known)
    named = [(value, label) for value, label in [*CampaignStatus.choices, (campaigns.GONE, "Gone")] if value in found]
    odd = [(value, campaign_lines.status(value)) for value in found if value not in dict(named)]
    # One tag narrows too: not every campaign has it.
    tagged = [("", "All"), *same(tags)] if tags else []
    return {
        "tag": ("Tag", tagged),
        "domain": ("Sender domain", same(domains)),
        "vendor": ("Vendor", _labelled({one.vendor for one in known.campaigns}, scope.filters.vendor)),
        "status": ("Status", [*named, *odd]),
    }


def of_activity() -> Offers:
    return {"status": ("Show", list(activity.KINDS.items()))}


def _clients(scope: Scope) -> list[tuple[str, str]]:
    known = list(scope.clients.order_by("name", "pk").values_list("slug", "name"))
    return [*known, (UNASSIGNED, "Unassigned")] if scope.sees_unassigned else known


def _tags(of: QuerySet[Sender]) -> list[str]:
    # pk__in: the tags of a domain's senders would otherwise be read once per sender and tag of all clients.
    return _values(SenderTag.objects.filter(sender__in=of), "name")


def _bringing_mail(scope: Scope) -> QuerySet[Connection]:
    """The accounts of the scope's clients whose vendors tell where mail landed; removed ones too, whose history stays."""
    having = [slug for slug, vendor in VENDORS.items() if {"broadcasts", "tests"} & {*vendor.feeds}]
    mine = Connection.objects.filter(scopes__client__in=scope.clients).values("pk")
    return Connection.objects.of(scope.agency).filter(vendor__in=having, pk__in=mine)


def _vendors(rows: QuerySet[Connection], asked: str = "") -> list[tuple[str, str]]:
    return _labelled(set(rows.order_by().values_list("vendor", flat=True).distinct()), asked)


def _labelled(slugs: set[str], asked: str) -> list[tuple[str, str]]:
    """By label, `asked` among them if it is one: none is ever called by its slug."""
    return sorted(((slug, VENDORS[slug].label) for slug in slugs | ({asked} & {*VENDORS})), key=lambda pair: pair[1].casefold())


def _columns(rows: QuerySet[Sender], *fields: str) -> list[list[str]]:
    """The values of each, in one query: of all of them together there are few."""
    found = rows.order_by().values_list(*fields).distinct()
    return [sorted({value for value in column if value}) for column in zip(*found, strict=True)] or [[] for _ in fields]


def _values(rows: QuerySet[object], field: str) -> list[str]:  # type: ignore[type-var]
    return [value for value in rows.order_by(field).values_list(field, flat=True).distinct() if value]
