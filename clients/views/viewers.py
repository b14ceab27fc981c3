from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from agency import audit
from agency.access import AgencyRequest, member_view
from agency.models import Membership, Role
from agency.pages import page
from clients import assigning


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def viewer_clients(request: AgencyRequest, membership: uuid.UUID) -> HttpResponse:
    """Which clients one viewer sees, as ticks."""
    viewers = Membership.objects.filter(agency=request.agency, role=Role.VIEWER).select_related("user")
    viewer = get_object_or_404(viewers, uuid=membership)
    if request.method == "POST":
        _assign(request, viewer)
        return redirect("viewer-clients", viewer.uuid)
    search = request.GET.get("search", "").replace("\x00", "").strip()[:120]
    found = assigning.choices(request.member, viewer, search)
    shown = found[: assigning.MOST]
    context = {
        "viewer": viewer,
        "search": search,
        "choices": shown,
        "before": " ".join(str(choice.client.uuid) for choice in shown if choice.chosen),
        "chosen": sum(choice.chosen for choice in shown),
        "more": len(found) - len(shown),
    }
    return page(request, "clients/viewer_clients.html", context)


def _assign(request: AgencyRequest, viewer: Membership) -> None:
    before, ticked = request.POST.get("before", "").split(), request.POST.getlist("client")
    fresh, gone = assigning.assign(request.member, viewer, before, ticked)
    if fresh or gone:
        audit.record(request, "member.clients_changed", viewer.user, after={"now_sees": fresh, "no_longer_sees": gone})
    number = viewer.assigned.filter(archived_at=None).count()
    messages.success(request, f"{viewer.user} sees {number:,} client{'' if number == 1 else 's'} now.")
