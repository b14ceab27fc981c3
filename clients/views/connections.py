from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients import lacking, mailboxes, pacing, twins
from clients.forms import ConnectionFilters, RemoveForm
from clients.health import state_of
from clients.models import Client, Connection, Feed, RunState, Scope, ScopeKind, Sender, SyncRun
from clients.overlaps import overlaps_of
from clients.progress import at_work, progress_of
from clients.webhooks import standing


@gzip_page
@require_safe
@member_view(Role.ANALYST)
def connections(request: AgencyRequest) -> HttpResponse:
    """Every vendor account of the agency."""
    filters = ConnectionFilters(request.GET)
    found = filters.narrow(Connection.objects.visible_to(request.member))
    rows = Paginator(for_list(found), 50).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "filtered": filters.any,
        "page": rows,
        "rows": [row_of(one) for one in rows],
        "may_write": request.member.may(Role.MANAGER),
    }
    return page(request, "clients/connections.html", context, part="list")


@require_safe
@member_view(Role.ANALYST)
def connection(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = get_object_or_404(for_list(Connection.objects.visible_to(request.member)), uuid=uuid)
    return page(request, "clients/connection.html", _context(request, found))


@require_safe
@member_view(Role.ANALYST)
def progress(request: AgencyRequest, uuid: str) -> HttpResponse:
    """The bar and the tables below it while a sync runs; when it has ended, the whole status in their place."""
    found = get_object_or_404(for_list(Connection.objects.visible_to(request.member)), uuid=uuid)
    if not request.htmx:
        return redirect("connection", found.uuid)
    context = _context(request, found)
    if context["progress"].active:
        return page(request, "clients/connection.html", context | {"out_of_band": True}, part="moving")
    response = page(request, "clients/connection.html", context, part="ended")
    response["HX-Retarget"] = "#connection-status"
    return response


@require_safe
@member_view(Role.ANALYST)
def run(request: AgencyRequest, uuid: str) -> HttpResponse:
    runs = SyncRun.objects.filter(feed__connection__in=Connection.objects.visible_to(request.member))
    found = get_object_or_404(runs.select_related("feed__connection"), uuid=uuid)
    context = {"run": found, "tone": TONES[found.state], "facts": _facts(found), "log": [log_line(line) for line in found.log]}
    context["left_out"] = list(dict.fromkeys(found.left_out.values()))
    context["rows_repeat"] = found.feed.resource == "broadcasts" and found.feed.connection.vendor_class.split_providers
    return page(request, "clients/run.html", context)


TONES: dict[str, str] = {
    RunState.RUNNING: "",
    RunState.OK: "good",
    RunState.PARTIAL: "look",
    RunState.WAITING: "look",
    RunState.FAILED: "bad",
    RunState.LOST: "look",
}


def for_list(found: QuerySet[Connection]) -> QuerySet[Connection]:
    """With everything that a row of a list of connections shows."""
    scopes = Scope.objects.select_related("client").order_by("client__name", "kind", "value")
    parts = Prefetch("feeds", Feed.objects.with_told()), Prefetch("scopes", scopes)
    return found.select_related("agency").prefetch_related(*parts).order_by("label", "pk")


def everything_last(one: Connection) -> list[Scope]:
    """Its scopes, the one of all that the others leave below them."""
    return sorted(one.scopes.all(), key=lambda scope: scope.kind == ScopeKind.ALL)


def row_of(one: Connection) -> dict[str, Any]:
    clients: dict[int, Client] = {scope.client_id: scope.client for scope in one.scopes.all()}
    names = list(clients.values())
    return {"connection": one, "state": state_of(one), "clients": names[:3], "more": max(0, len(names) - 3)}


def log_line(line: list[Any]) -> dict[str, str]:
    at, level, text = [str(part) for part in [*line, "", "", ""][:3]]
    return {"at": at, "clock": at[11:19], "level": level, "text": text}


def _facts(run: SyncRun) -> list[dict[str, Any]]:
    counts = {
        "pages": run.pages,
        "rows": run.rows,
        "new rows": run.new,
        "changed rows": run.changed,
        "rows as before": run.same,
        "gone rows": run.gone,
    }
    if run.set_aside:
        counts["set aside"] = run.set_aside
    facts: list[dict[str, Any]] = [{"label": name, "value": f"{count:,}"} for name, count in counts.items()]
    seconds = run.seconds
    return [*facts, {"label": "seconds", "value": "–" if seconds is None else f"{seconds:.1f}"}]


def _context(request: AgencyRequest, found: Connection) -> dict[str, Any]:
    runs = SyncRun.objects.filter(feed__connection=found).select_related("feed").defer("log").order_by("-started_at", "-pk")
    listed = Paginator(runs, 20).get_page(request.GET.get("page"))
    writes = request.member.may(Role.MANAGER)
    feeds = sorted(found.feeds.all(), key=_place(found))
    context = row_of(found) | {
        "feeds": feeds,
        "progress": progress_of(found),
        "at_work": at_work(found.feeds.all()),
        "runs": [{"run": one, "tone": TONES[one.state]} for one in listed],
        "page": listed,
        "rows_repeat": found.vendor_class.split_providers,
        "scopes": everything_last(found),
        "refusals": list(found.settings.get(lacking.REFUSED, {}).values()),
        "overlaps": overlaps_of(found) if ScopeKind.WORKSPACE in found.vendor_class.scopes and not found.removed_at else [],
        "same_account": twins.counting_twice(found),
        "absent": [*found.absent, *_left(found)],
        "may_write": writes and not found.removed_at,
        "may_withdraw": writes and found.removed_at,
        "connects": writes and not mailboxes.barred(found),
        "left": None if found.removed_at else pacing.left(found.fingerprint),
    }
    if found.vendor_class.hooks:
        context["standing"] = standing.of(found)
    if context["may_write"]:
        context["remove_form"] = RemoveForm(connection=found)
    return context | _counts(found)


def _left(found: Connection) -> list[tuple[str, str]]:
    """Workspaces that are claimed, and no longer in the group of the key."""
    claimed = [scope.value for scope in found.scopes.all() if scope.kind == ScopeKind.WORKSPACE]
    rows = found.workspaces.filter(external_id__in=claimed).exclude(gone_at=None) if claimed else ()
    return [(str(one), "left the group") for one in rows]


def _counts(found: Connection) -> dict[str, Any]:
    loose = Q(client=None, gone_at=None)
    return Sender.objects.filter(connection=found).aggregate(
        unassigned=Count("pk", filter=loose & Q(conflict=False)), conflicts=Count("pk", filter=loose & Q(conflict=True))
    )


def _place(found: Connection) -> Callable[[Feed], int]:
    order = {name: number for number, name in enumerate(found.vendor_class.feeds)}
    return lambda feed: order.get(feed.resource, len(order))
