"""The report links of a client: made, turned, closed. A token is shown once, right after it is made."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from agency import once
from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients.models import Client
from reports import sharing
from reports.forms import LinkForm
from reports.frame import client_page, find_client
from reports.models import ReportLink

#: In the session, between the act and the page that shows it once.
FRESH = "fresh-report-link"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_view()
def links(request: AgencyRequest, slug: str) -> HttpResponse:
    client = find_client(request, slug)
    if request.method == "POST":
        if not request.member.may(Role.MANAGER):
            raise PermissionDenied
        return _make(request, client)
    return _page(request, client, LinkForm(client=client))


@require_POST
@member_view(Role.MANAGER)
@sensitive_variables()
def rotate(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    link = _link(request, slug, uuid)
    if sharing.state(link) == "open":
        _show_once(request, link, sharing.rotate(link, request))
        messages.success(request, f"The link for {link.name} is new: the old one is closed.")
    return redirect("client-reports", slug)


@require_POST
@member_view(Role.MANAGER)
def revoke(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    link = _link(request, slug, uuid)
    if not link.revoked_at:
        sharing.revoke(link, request)
        messages.success(request, f"The link for {link.name} is revoked: it opens nothing any more.")
    return redirect("client-reports", slug)


@sensitive_variables()
def _make(request: AgencyRequest, client: Client) -> HttpResponse:
    form = LinkForm(request.POST, client=client)
    if client.is_archived:
        form.add_error(None, "This client is archived: its report links are closed. Restore it first.")
    if not form.is_valid():
        return _page(request, client, form, status=422)
    try:
        link, token = sharing.make(client, form.cleaned_data["name"], form.days, int(form.cleaned_data["window"]), request)
    except once.SentTwice:
        # The session stays as it is: it may hold the first one's address, which nobody has seen yet.
        messages.info(request, f"That was sent twice: one link for {form.cleaned_data['name']} was made.")
        return redirect("client-reports", client.slug)
    _show_once(request, link, token)
    return redirect("client-reports", client.slug)


def _page(request: AgencyRequest, client: Client, form: LinkForm, *, status: int = 200) -> HttpResponse:
    links = ReportLink.objects.filter(client=client).select_related("client", "created_by").order_by("-created_at", "-pk")
    rows = [{"link": link, "state": sharing.state(link)} for link in links]
    context = {"form": form, "rows": rows, "fresh": _shown_once(request, links)}
    response = client_page(request, client, "reports/links.html", context, tab="client-reports")
    response.status_code = status
    return response


@sensitive_variables()
def _show_once(request: AgencyRequest, link: ReportLink, token: str) -> None:
    once.keep(request, FRESH, str(link.uuid), reverse("report", args=[token]))


def _shown_once(request: AgencyRequest, links: Iterable[ReportLink]) -> dict[str, str] | None:
    """The link just made for this client, with its address; it is forgotten by being shown."""
    names = {str(link.uuid): link.name for link in links}
    fresh = once.shown(request, FRESH, set(names))
    return {"name": names[fresh[0]], "address": fresh[1]} if fresh else None


def _link(request: AgencyRequest, slug: str, uuid: str) -> ReportLink:
    links = ReportLink.objects.filter(client=find_client(request, slug)).select_related("client__agency")
    return get_object_or_404(links, uuid=uuid)
