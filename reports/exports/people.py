"""`report_links` and `team` as CSV: who may read what. Never a token, nor its hash."""

from __future__ import annotations

from collections.abc import Iterator

from agency import team as members
from reports import sharing
from reports.exports.making import Row, harmless, moment
from reports.models import ReportLink
from reports.scope import Scope

REPORT_LINKS = (
    "client", "for_whom", "state", "days", "made", "made_by", "expires", "revoked", "first_opened", "last_opened", "opened",
)  # fmt: skip
TEAM = ("name", "email", "role", "since")


def report_links(scope: Scope) -> Iterator[Row]:
    links = ReportLink.objects.filter(client__in=scope.clients).select_related("client", "created_by")
    for link in links.order_by("client__slug", "-created_at", "-pk"):
        yield (
            harmless(link.client.slug),
            harmless(link.name),
            sharing.state(link),
            link.window,
            moment(link.created_at),
            harmless(str(link.created_by or "")),
            moment(link.expires_at),
            moment(link.revoked_at),
            moment(link.first_opened_at),
            moment(link.last_opened_at),
            link.opened,
        )


def team(scope: Scope) -> Iterator[Row]:
    """The agency's, for those who see every client."""
    for one in members.everyone(scope.agency) if scope.sees_unassigned else ():
        yield harmless(str(one.user)), harmless(one.user.email), one.role, moment(one.created_at)
