"""Campaigns by a filter. The Campaigns tab narrows its list by `narrowed` too, so that 'all that match' is just what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from clients.models import Campaign, SenderTag

GONE = "gone"
FILTERS = ("client", "tag", "domain", "vendor", "status", "search")

type CampaignRows = QuerySet[Campaign, Campaign]


def annotated(rows: Any) -> Any:
    """With `shown_status`: our word, the vendor's number, or 'gone'."""
    return rows.annotate(shown_status=Case(When(gone_at=None, then=F("status")), default=Value(GONE), output_field=CharField()))


class Known(NamedTuple):
    """Campaigns with `shown_status`, and by their keys the domains of their senders."""

    campaigns: list[Any]
    domains: dict[int, set[str]]


def known(found: list[Any]) -> Known:
    """One query, none where no campaign sends by a tag."""
    return Known(found, _domains(found))


def narrowed(rows: Any, asked: Mapping[str, str], among: Known | None = None) -> Any:
    """`annotated` rows by all filters but the client's; `tag`: its own, `domain`: of one of its senders. `among`: all of the
    rows, where they have been read."""
    if status := asked.get("status"):
        rows = rows.filter(Q(shown_status=status))
    if vendor := asked.get("vendor"):
        rows = rows.filter(connection__vendor=vendor)
    if search := asked.get("search"):
        rows = rows.filter(name__icontains=search)
    tag, domain = asked.get("tag", ""), asked.get("domain", "").lower()
    if not (tag or domain):
        return rows
    # Lists in JSON: SQLite can't look into them.
    all_of = among.campaigns if among else rows.only("connection", "workspace", "tags", "senders", "sender_tags")
    found = [one for one in all_of if not tag or tag in one.tags]
    by_pk = (among.domains if among else _domains(found)) if domain else {}
    return rows.filter(pk__among=[one.pk for one in found if not domain or domain in by_pk[one.pk]])


def offered(known: Known) -> tuple[list[str], list[str], list[str]]:
    """The tags that there are, the domains of senders, and the statuses."""
    tags = {tag for one in known.campaigns for tag in one.tags}
    domains = {domain for some in known.domains.values() for domain in some}
    return sorted(tags, key=str.lower), sorted(domains), sorted({one.shown_status for one in known.campaigns})


def _domains(campaigns: list[Campaign]) -> dict[int, set[str]]:
    """By campaign: those of the senders that it names, and of those that have a tag it names."""
    wanted = {tag for one in campaigns for tag in one.sender_tags}
    tagged: dict[tuple[int, str, str], set[str]] = {}
    if wanted:
        rows = SenderTag.objects.filter(name__in=wanted, sender__connection__in={one.connection_id for one in campaigns})
        rows = rows.filter(sender__gone_at=None).order_by()
        columns = ("sender__connection", "sender__workspace", "name", "sender__domain")
        for connection, workspace, tag, domain in rows.values_list(*columns).distinct():
            tagged.setdefault((connection, workspace, tag), set()).add(domain)
    return {
        one.pk: {email.rpartition("@")[2] for email in one.senders}.union(
            *(tagged.get((one.connection_id, one.workspace, tag), ()) for tag in one.sender_tags)
        )
        for one in campaigns
    }
