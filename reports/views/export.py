from __future__ import annotations

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from reports import roster
from reports.exports.tables import TABLES
from reports.frame import find_client
from reports.listing.owners import narrowed_by_client
from reports.scope import Filters, Scope

#: Page → the tables that can be had from it.
OFFERED = {
    "overview": ("overview", "placement", "broadcasts"),
    "clients": ("clients",),
    "senders": ("senders",),
    "seeds": ("seeds",),
    "client": ("placement",),
    "client-broadcasts": ("broadcasts", "placement"),
    "client-senders": ("senders",),
    "client-seeds": ("seeds",),
    "client-activity": ("activity", "runs"),
    "audit": ("audit",),
}
#: Pages that not every member may open, nor take with them.
MANAGERS = {"audit"}


@require_safe
@member_view()
def export(request: AgencyRequest, table: str, page: str, slug: str = "") -> HttpResponseBase:
    """The rows of `page` as CSV: the page's address with its query string, through the same scope and filters."""
    if table not in OFFERED[page]:
        raise Http404
    if page in MANAGERS and not request.member.may(Role.MANAGER):
        raise PermissionDenied
    scope = _of_client(request, slug) if slug else _of_agency(request, page, table)
    response = StreamingHttpResponse(TABLES[table].stream(scope), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_filename(slug or scope.filters.client, table)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _of_client(request: AgencyRequest, slug: str) -> Scope:
    return Scope.of_client(find_client(request, slug), request.GET, days=30).narrowed(client="")


def _of_agency(request: AgencyRequest, page: str, table: str) -> Scope:
    if page == "clients":
        return roster.scope_of(request.member, Filters.read(request.GET))
    scope = Scope.of_member(request.member, request.GET, days=30 if page == "audit" else 7)
    if page == "overview" and table != "overview":
        # The Overview sorts clients; their mail keeps its own order.
        return replace(narrowed_by_client(scope), filters=Filters())
    return scope


def _filename(client: str, table: str) -> str:
    """Letters, digits and dashes only: it stands in a header, and in somebody's folder of downloads."""
    parts = ("inboxdeck", slugify(client), table, now().date().isoformat())
    return f"{'-'.join(part for part in parts if part)}.csv"
