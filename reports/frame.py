"""What stands around each of a client's tabs: whose it is, its tags, the tabs themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import OuterRef, StringAgg, Subquery, Value
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse

from agency.access import AgencyRequest
from agency.models import Membership, Role
from agency.pages import page
from clients import ledgers
from clients.models import Client, ClientTag, Connection
from clients.models import Scope as ClientScope
from clients.models.accounts import ClientQuerySet
from clients.vendors import VENDORS

#: URL name → what the tab is called; shown in this order.
TABS = {
    "client": "Placement",
    "client-broadcasts": "Broadcasts",
    "client-senders": "Senders",
    "client-seeds": "Seeds",
    "client-tests": "Tests",
    "client-campaigns": "Campaigns",
    "client-conversations": "Conversations",
    "client-mails": "Mail",
    "client-activity": "Activity",
    "client-connections": "Connections",
    "client-reports": "Reports",
}


def client_page(
    request: AgencyRequest, client: Client, template: str, context: dict[str, Any], *, tab: str, part: str = "tab"
) -> HttpResponse:
    """A tab's page, or its partial named `part`. `template` extends reports/client_base.html and fills its block `tab`."""
    around = {
        "client": client,
        "client_tags": sorted((getattr(client, "tag_names", None) or "").splitlines()),
        "tabs": tabs(client, tab, request.GET.get("window", "")),
        "may_manage": request.member.may(Role.MANAGER),
    }
    return page(request, template, {**around, **context}, part=part)


def find_client(request: AgencyRequest, slug: str) -> Client:
    """The client among those this member may see, or 404; archived ones keep their pages."""
    client = get_object_or_404(_around().visible_to(request.member), slug=slug)
    client.agency = request.agency
    return client


@cache
def _around() -> ClientQuerySet:
    """Every client with what its pages show around it; kept, for all of them ask it."""
    rows: ClientQuerySet = Client.objects.annotate(vendors=_vendors(), tag_names=_tags(), test_mail=ledgers.has_test_mail())
    return rows


def has_no_account(client: Client) -> bool:
    """None that serves it, nor a removed one that did."""
    return not Connection.objects.serving(client).exists()


def vendors_with(feed: str) -> list[str]:
    return [slug for slug, vendor in VENDORS.items() if feed in vendor.feeds]


#: Tabs of clients whose vendors have such a thing: URL name → the feed that brings it.
_ONLY_WITH = {
    "client-tests": "tests",
    "client-campaigns": "campaigns",
    "client-conversations": "conversations",
    "client-mails": "identities",
}


def may_probe(member: Membership, client: Client) -> bool:
    """Whether this member can write to watched addresses in this client's name; the client as `find_client` gives it."""
    return member.may(Role.MANAGER) and not client.is_archived and _has(client, "identities")


def _vendors() -> Subquery:
    """Of the accounts that serve it, apart by blanks; read along with the client itself, for they decide about its tabs. A
    removed account's history stays, and so its tab."""
    named = ClientScope.objects.filter(client=OuterRef("pk")).order_by().values("client")
    return Subquery(named.annotate(vendors=StringAgg("connection__vendor", Value(" "))).values("vendors"))


def _tags() -> Subquery:
    named = ClientTag.objects.filter(client=OuterRef("pk")).order_by().values("client")
    return Subquery(named.annotate(names=StringAgg("name", Value("\n"))).values("names"))


def _has(client: Client, feed: str) -> bool:
    vendors: str = getattr(client, "vendors", None) or ""
    return not set(vendors.split()).isdisjoint(vendors_with(feed))


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool


def tabs(client: Client, current: str, window: str = "") -> list[Tab]:
    """The window asked for goes along from tab to tab; other filters mean something else on each."""
    query = f"?window={window}" if window.isascii() and window.isdigit() else ""
    has = {name for name in TABS if name not in _ONLY_WITH or _has(client, _ONLY_WITH[name])}
    shown = {name: label for name, label in TABS.items() if name in has}
    return [Tab(label, url + query, name == current) for name, label in shown.items() if (url := _address(name, client))]


def _address(name: str, client: Client) -> str:
    try:
        return reverse(name, args=[client.slug])
    except NoReverseMatch:
        return ""
