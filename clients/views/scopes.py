"""Which part of a connection is whose, and what nobody claims yet."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients import claiming, giving, ledgers, overlaps, trying
from clients.forms import ClaimForm
from clients.models import Client, Connection, Scope, Sender
from clients.views.connections import everything_last, for_list, row_of


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def scopes(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = get_object_or_404(for_list(Connection.objects.visible_to(request.member).present()), uuid=uuid)
    asked = {name: request.GET[name] for name in ("client", "kind", "values") if name in request.GET}
    form = ClaimForm(request.POST or None, agency=request.agency, connection=connection, initial=asked)
    if request.method == "POST" and form.is_valid():
        form.refuse_parts(trying.unknown(connection, form.cleaned_data["claims"]))
    if request.method == "POST" and form.is_valid():
        form.ask_first(giving.clash(connection, form.cleaned_data["client"], form.cleaned_data["claims"]))
    if request.method == "POST" and form.is_valid():
        _claim_all(request, connection, form.cleaned_data["client"], form.cleaned_data["claims"])
        return redirect("connection-scopes", connection.uuid)
    context = row_of(connection) | {"claim_form": form, "scopes": everything_last(connection)}
    context["conflicts"] = claiming.conflicts(Connection.objects.filter(pk=connection.pk))
    return page(request, "clients/scopes.html", context, status=422 if form.is_bound else 200)


@require_POST
@member_view(Role.MANAGER)
def remove(request: AgencyRequest, uuid: str) -> HttpResponse:
    """Of a removed account too: its history is taken from whom it would count for twice."""
    visible = Scope.objects.filter(connection__in=Connection.objects.visible_to(request.member))
    scope = get_object_or_404(visible.select_related("connection__agency", "client"), uuid=uuid)
    said, connection = f"{capfirst(str(scope))} is no longer {scope.client}'s.", scope.connection
    claiming.release(scope, request)
    messages.success(request, said)
    return redirect("connection" if connection.removed_at else "connection-scopes", connection.uuid)


@gzip_page
@require_safe
@member_view(Role.ANALYST)
def unassigned(request: AgencyRequest) -> HttpResponse:
    visible = Connection.objects.visible_to(request.member)
    rows = claiming.unclaimed(visible)
    context = {
        "domains": [row for row in rows if row.kind == "domain"],
        "tags": [row for row in rows if row.kind == "tag"],
        "workspaces": [row for row in rows if row.kind == "workspace"],
        "handles": [row for row in rows if row.kind == "handle"],
        "conflicts": claiming.conflicts(visible),
        "being_read": claiming.being_read(visible),
        "clients": Client.objects.visible_to(request.member).active(),
        "may_write": request.member.may(Role.MANAGER),
    }
    return page(request, "clients/unassigned.html", context)


@require_POST
@member_view(Role.MANAGER)
def claim(request: AgencyRequest) -> HttpResponse:
    """One domain, tag or workspace of one connection, for one client, in one step."""
    connection = get_object_or_404(for_list(Connection.objects.visible_to(request.member).present()), uuid=_uuid(request))
    form = ClaimForm(request.POST, agency=request.agency, connection=connection)
    if form.is_valid() and (clash := giving.clash(connection, form.cleaned_data["client"], form.cleaned_data["claims"])):
        messages.warning(request, f"Nothing was given. {clash} Remove the other claim first, or give it all the same below.")
        asked = {"client": form["client"].value(), "kind": form["kind"].value(), "values": form["values"].value()}
        return redirect(reverse("connection-scopes", args=[connection.uuid], query=asked))
    if form.is_valid():
        _claim_all(request, connection, form.cleaned_data["client"], form.cleaned_data["claims"])
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("unassigned")


def _claim_all(request: AgencyRequest, connection: Connection, client: Client, claims: Iterable[tuple[str, str]]) -> None:
    twice = Sender.objects.filter(connection=connection, conflict=True, gone_at=None)
    for kind, value in claims:
        before = twice.count()
        try:
            given = giving.give(connection, client, kind, value, request)
        except claiming.Taken as error:
            messages.error(request, f"{error} Remove that claim first.")
            continue
        except overlaps.ReadTwice as error:
            messages.error(request, str(error))
            continue
        except ledgers.Mixed as error:
            messages.error(request, str(error))
            return
        tell = messages.warning if given.in_vain else messages.success
        tell(request, str(given))
        if more := twice.count() - before:
            whose = "1 sender that another claim names as well belongs"
            whose = whose if more == 1 else f"{more:,} senders that another claim names as well belong"
            messages.warning(request, f"{whose} to nobody now: Unassigned shows which. Remove one of the claims to settle it.")


def _uuid(request: AgencyRequest) -> str:
    try:
        return str(uuids.UUID(request.POST.get("connection", "")))
    except ValueError:
        raise Http404 from None
