"""For whom: the senders that a filter matches, or those that were ticked.

The Senders pages narrow their lists by `narrowed` too, so that 'all that match' is just what was seen. Selectors as kept:

    {"by": "filter", "filters": {"domain": …, "tag": …, "client": …, …}}
    {"by": "senders", "uuids": […]}
    {"by": "campaigns", "uuids": […]}       or "filters", as above
    {"by": "undo"}          the items of the change that it undoes; with "of": "campaigns" where it was of those
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from agency.models import Agency, Membership, Role
from clients import sender_health
from clients.changes import campaigns
from clients.changes.campaigns import CampaignRows
from clients.models import Campaign, Change, ChangeState, Client, Sender
from clients.models.changes import UNSETTLED
from clients.vendors import VENDORS

GONE, CONFLICT = "gone", "conflict"
#: Statuses of senders that their vendor can't send from until somebody connects them.
LOST = ("disconnected", "setup pending")
#: `?client=` for the senders of nobody; the brackets keep it apart from every slug.
UNASSIGNED = "(unassigned)"
FILTERS = ("client", "domain", "tag", "vendor", "preset", "status", "health", "search")

CAMPAIGNS = "campaigns"

type SenderRows = QuerySet[Sender, Sender]


def narrowed(rows: Any, asked: Mapping[str, str]) -> Any:
    """Senders by all filters but the client's. Annotates `shown_status`, the vendor's word or 'gone', and `health`, ours."""
    shown = Case(When(gone_at=None, then=F("status")), default=Value(GONE), output_field=CharField())
    rows = sender_health.annotated(rows.annotate(shown_status=shown))
    if domain := asked.get("domain"):
        rows = rows.filter(domain=domain.lower())
    if vendor := asked.get("vendor"):
        rows = rows.filter(connection__vendor=vendor)
    if tag := asked.get("tag"):
        rows = rows.filter(tags__name=tag)
    if preset := asked.get("preset"):
        rows = rows.filter(preset=preset)
    if status := asked.get("status"):
        rows = rows.filter(conflict=True) if status == CONFLICT else rows.filter(shown_status=status)
    if health := asked.get("health"):
        rows = rows.filter(health=sender_health.word(health))
    if search := asked.get("search"):
        rows = rows.filter(Q(email__icontains=search) | Q(name__icontains=search))
    return rows


def changeable(rows: SenderRows) -> SenderRows:
    """Those of which their vendor lets anything be changed, and that are still there: the ones to be ticked on a list."""
    acting = [slug for slug, vendor in VENDORS.items() if vendor.sender_acts]
    return rows.filter(gone_at=None, connection__vendor__in=acting)


def by_filter(asked: Mapping[str, str]) -> dict[str, Any]:
    """The selector of all that match; unknown names are dropped."""
    return {"by": "filter", "filters": {name: asked[name] for name in FILTERS if asked.get(name)}}


def by_senders(uuids: list[str]) -> dict[str, Any]:
    return {"by": "senders", "uuids": uuids}


def by_campaigns(uuids: list[str]) -> dict[str, Any]:
    return {"by": CAMPAIGNS, "uuids": uuids}


def by_campaign_filter(asked: Mapping[str, str]) -> dict[str, Any]:
    return {"by": CAMPAIGNS, "filters": {name: asked[name] for name in campaigns.FILTERS if asked.get(name)}}


def of_undo(selector: Mapping[str, Any]) -> dict[str, Any]:
    """The selector of the change that takes back the one with this selector."""
    return {"by": "undo", **({"of": CAMPAIGNS} if is_of_campaigns(selector) else {})}


def is_of_campaigns(selector: Mapping[str, Any]) -> bool:
    return CAMPAIGNS in (selector.get("by"), selector.get("of"))


def noun(selector: Mapping[str, Any]) -> str:
    return "campaign" if is_of_campaigns(selector) else "sender"


def visible_campaigns(agency: Agency, member: Membership | None) -> CampaignRows:
    """Those that this member may change, as `visible` has senders."""
    rows: CampaignRows = Campaign.objects.filter(connection__agency=agency, connection__removed_at=None)
    if member is None or member.role != "viewer":
        return rows.filter(Q(client__in=Client.objects.of(agency).active()) | Q(client=None))
    return rows.filter(client__in=Client.objects.visible_to(member).active())


def matching_campaigns(selector: Mapping[str, Any], agency: Agency, member: Membership | None) -> CampaignRows:
    """A filter that names nothing matches every campaign that may be changed."""
    rows = visible_campaigns(agency, member)
    if "filters" not in selector:
        return rows.filter(uuid__in=[UUID(text) for text in selector["uuids"]])
    asked = selector["filters"]
    if client := asked.get("client"):
        rows = rows.filter(client=None) if client == UNASSIGNED else rows.filter(client__slug=client)
    found: CampaignRows = campaigns.narrowed(campaigns.annotated(rows), asked)
    return found


def visible(agency: Agency, member: Membership | None) -> SenderRows:
    """Those that this member may change (None: a command, which may change all of the agency's)."""
    rows = Sender.objects.filter(connection__agency=agency, connection__removed_at=None)
    of_clients = Q(client__in=Client.objects.of(agency).active())
    if member is None or member.role != "viewer":
        return rows.filter(of_clients | Q(client=None))
    return rows.filter(client__in=Client.objects.visible_to(member).active())


def matching(selector: Mapping[str, Any], agency: Agency, member: Membership | None) -> SenderRows:
    """A filter that names nothing matches every sender that may be changed."""
    rows = visible(agency, member)
    if selector.get("by") == "senders":
        return rows.filter(uuid__in=[UUID(text) for text in selector["uuids"]])
    if selector.get("by") != "filter":
        return rows.none()
    asked = selector["filters"]
    if client := asked.get("client"):
        rows = rows.filter(client=None) if client == UNASSIGNED else rows.filter(client__slug=client)
    found: SenderRows = narrowed(rows, asked).distinct()
    return found


def of_change(change: Change) -> SenderRows | CampaignRows:
    """By what whoever made it may do by now; a command may do all."""
    of_campaigns = is_of_campaigns(change.selector)
    member = Membership.objects.filter(agency=change.agency, user=change.made_by).first() if change.made_by else None
    if change.made_by and not (member and member.may(Role.MANAGER)):
        return Campaign.objects.none() if of_campaigns else Sender.objects.none()
    if change.undoes_id:
        rows: Any = (visible_campaigns if of_campaigns else visible)(change.agency, member)
        undone: SenderRows | CampaignRows = rows.filter(changes__change=change.undoes_id, changes__state="done")
        return undone
    if of_campaigns:
        return matching_campaigns(change.selector, change.agency, member)
    return matching(change.selector, change.agency, member)


def vendors(change: Change) -> set[str]:
    """Whom a worker will call for it next: those of its senders or campaigns, and once it is planned those of its open items."""
    rows: Any = of_change(change) if change.state == ChangeState.PLANNING else change.items.filter(state__in=UNSETTLED)
    return set(rows.order_by().values_list("connection__vendor", flat=True))


def said(selector: Mapping[str, Any], clients: Mapping[str, str] | None = None) -> str:
    """For whom, in words; `clients`: their names by their slugs."""
    if "uuids" in selector:
        number = len(selector["uuids"])
        return f"{number:,} picked {noun(selector)}{'' if number == 1 else 's'}"
    if selector.get("by") == "undo":
        return "those that it changed"
    asked = selector.get("filters") or {}
    named = {**asked, **({"client": (clients or {}).get(asked["client"], asked["client"])} if "client" in asked else {})}
    words = _PARTS | (_OF_CAMPAIGNS if is_of_campaigns(selector) else {})
    parts = [_part(words[name], name, named[name]) for name in FILTERS if name in named]
    return f"all {noun(selector)}s {', '.join(parts)}".rstrip()


_PARTS = {
    "client": "of {}", "domain": "on {}", "tag": "tagged {}", "vendor": "at {}", "preset": "on preset {}",
    "status": "that are {}",
    "health": "whose health is {}", "search": "whose address or name holds ‘{}’",
}  # fmt: skip
_OF_CAMPAIGNS = {"domain": "with senders on {}", "search": "whose name holds ‘{}’"}


def _part(words: str, name: str, value: str) -> str:
    if name == "vendor" and value in VENDORS:
        value = VENDORS[value].label
    return words.format("no client" if value == UNASSIGNED else value)
