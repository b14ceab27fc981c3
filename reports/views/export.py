from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Membership, Role
from clients.models import Broadcast, Campaign, Change, Client, Connection, LeadUpload, PlacementTest, Sender, SyncRun, TestSender
from reports import roster
from reports.exports import activity, edits, happenings, mail, outreach, rotations, uploads
from reports.exports.tables import TABLES, Table
from reports.frame import find_client
from reports.listing import placement_tests
from reports.listing.changes import ever
from reports.listing.owners import narrowed_by_client
from reports.queries.sender_placement import broadcasts as landed
from reports.scope import Filters, Scope, Window

#: Page → the tables that can be had from it.
OFFERED = {
    "overview": ("overview", "placement", "broadcasts", "activity"),
    "clients": ("clients",),
    "senders": ("senders",),
    "seeds": ("seeds", "seed_accounts", "rotations"),
    "seed-account": ("shuffles", "mix", "rotations", "rotation_checks", "seed_files"),
    "connections": ("connections",),
    "connection": ("runs",),
    "feeds": ("feeds",),
    "unassigned": ("unassigned",),
    "team": ("team",),
    "changes": ("changes",),
    "change": ("change_senders",),
    "client": ("placement", "days", "providers", "vendors", "weeks", "domains", "outreach", "bounces"),
    "client-broadcasts": ("broadcasts", "placement"),
    "broadcast": ("placement",),
    "client-senders": ("senders",),
    "client-seeds": ("seeds",),
    "client-mails": ("mails",),
    "client-tests": ("tests", "test-emails", "test-blacklists", "test-rules"),
    "test": ("tests", "test-emails", "placement", "test-blacklists", "test-rules"),
    "client-campaigns": ("campaigns", "activity", "outreach"),
    "campaign": ("activity",),
    "sender": ("activity", "warmup", "sender-placement"),
    "lead-upload": ("lead-lines",),
    "client-activity": ("log", "runs"),
    "client-conversations": ("conversations",),
    "client-pipeline": ("pipeline", "assignments", "status-moves"),
    "client-connections": ("connections",),
    "client-reports": ("report_links",),
    "audit": ("audit",),
    "events": ("events",),
}
#: Lists of a client's of all there is, however old.
DATELESS = ("client-mails", "client-conversations")
#: Pages that not every member may open, nor take with them.
NEEDED = {
    "connections": Role.ANALYST,
    "connection": Role.ANALYST,
    "feeds": Role.ANALYST,
    "unassigned": Role.ANALYST,
    "events": Role.ANALYST,
    "team": Role.MANAGER,
    "changes": Role.MANAGER,
    "change": Role.MANAGER,
    "audit": Role.MANAGER,
    "lead-upload": Role.MANAGER,
}


@require_safe
@member_view()
def export(request: AgencyRequest, table: str, page: str, slug: str = "", uuid: UUID | None = None) -> HttpResponseBase:
    """The rows of `page` as CSV: the page's address with its query string, through the same scope and filters."""
    if table not in OFFERED[page]:
        raise Http404
    if page in NEEDED and not request.member.may(NEEDED[page]):
        raise PermissionDenied
    scope = _of_client(request, page, slug) if slug else _of_agency(request, page, table)
    rows = _of_one(request.member, scope, page, table, uuid) if uuid else TABLES[table]
    response = StreamingHttpResponse(rows.stream(scope), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_filename(slug or scope.filters.client, table)}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _of_client(request: AgencyRequest, page: str, slug: str) -> Scope:
    scope = Scope.of_client(find_client(request, slug), request.GET, days=30).narrowed(client="", test="")
    return ever(scope) if page in DATELESS else scope


def _of_agency(request: AgencyRequest, page: str, table: str) -> Scope:
    if page == "clients":
        return roster.scope_of(request.member, Filters.read(request.GET))
    if page == "connections":
        return _of_everything(request)
    scope = Scope.of_member(request.member, request.GET, days=30 if page == "audit" else 7)
    if page == "changes":
        return ever(scope)
    if page == "overview" and table != "overview":
        # The Overview sorts clients; their mail keeps its own order.
        return replace(narrowed_by_client(scope), filters=Filters())
    return scope


def _of_everything(request: AgencyRequest) -> Scope:
    """Whatever its day; of archived clients as well. The page's own form reads what is asked, and knows what it can't read."""
    asked = Filters(search=request.GET.get("search", ""), status=request.GET.get("health", ""))
    window = Window(date(1970, 1, 1), date.max)
    return Scope(request.agency, Client.objects.visible_to(request.member), window, asked, sees_unassigned=True)


def _of_one(member: Membership, scope: Scope, page: str, table: str, uuid: UUID) -> Table:
    """The table of the one thing that the page shows, whatever its day."""
    if page == "seed-account":
        account = get_object_or_404(Connection.objects.visible_to(member).present(), uuid=uuid)
        served = Client.objects.visible_to(member).filter(scopes__connection=account).distinct()
        return replace(TABLES[table], rows=lambda _: rotations.OF_ACCOUNT[table]([account], served))
    if page == "connection":
        connection = get_object_or_404(Connection.objects.of(scope.agency), uuid=uuid)
        runs = SyncRun.objects.filter(feed__connection=connection)
        return replace(TABLES["runs"], parts=lambda _: [happenings.runs_in(runs)])
    if page == "broadcast":
        found = Broadcast.objects.filter(client__in=scope.clients, uuid=uuid)
        get_object_or_404(found)
        return replace(TABLES["placement"], parts=lambda _: [mail.split(found)])
    if page == "test":
        return _of_test(scope, table, uuid)
    if page == "campaign":
        campaigns = Campaign.objects.filter(client__in=scope.clients, uuid=uuid)
        get_object_or_404(campaigns)
        return replace(TABLES[table], parts=lambda scope: [activity.of_campaigns(campaigns, scope)])
    if page == "sender":
        senders = Sender.objects.filter(client__in=scope.clients, uuid=uuid)
        one = get_object_or_404(senders)
        if table == "sender-placement":
            return replace(TABLES[table], parts=lambda scope: [mail.of_senders(landed(one, scope.clients.get(), scope.window))])
        of = outreach.warmup_of if table == "warmup" else activity.of_senders
        return replace(TABLES[table], parts=lambda scope: [of(senders, scope)])
    if page == "lead-upload":
        upload = get_object_or_404(
            LeadUpload.objects.visible_to(member).select_related("client", "connection", "campaign"), uuid=uuid
        )
        return replace(TABLES[table], rows=lambda _: uploads.lines_of(upload))
    change = get_object_or_404(Change.objects.of(scope.agency), uuid=uuid)
    return replace(TABLES["change_senders"], rows=lambda _: edits.senders_of(change))


def _of_test(scope: Scope, table: str, uuid: UUID) -> Table:
    theirs = TestSender.objects.filter(client__in=scope.clients)
    get_object_or_404(PlacementTest, pk__in=theirs.values("test"), uuid=uuid)
    # Its page has no filter but the day of a run.
    alone = replace(scope, filters=Filters(test=str(uuid), day=scope.filters.day))
    if table == "placement":
        return replace(TABLES[table], parts=lambda _: [mail.split(placement_tests.runs(alone))])
    asked = TABLES[table]
    parts, rows = asked.parts, asked.rows
    return replace(
        asked,
        parts=(lambda _: parts(alone)) if parts else None,
        rows=(lambda _: rows(alone)) if rows else None,
    )


def _filename(client: str, table: str) -> str:
    """Letters, digits and dashes only: it stands in a header, and in somebody's folder of downloads."""
    parts = ("inboxdeck", slugify(client), table, now().date().isoformat())
    return f"{'-'.join(part for part in parts if part)}.csv"
