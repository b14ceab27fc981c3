"""What one may do to a change: each a POST that ends on a change's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients.changes import asking
from clients.changes.asking import NotNow
from clients.models import ItemState
from clients.views.changes import find


@require_POST
@member_view(Role.MANAGER)
def apply(request: AgencyRequest, uuid: str) -> HttpResponse:
    """Of an undo, with the choice which of the senders that somebody changed since are overwritten."""
    change = find(request, uuid)
    try:
        if change.undoes_id:
            asking.choose(change, set(request.POST.getlist("overwrite")))
        asking.apply(change, request)
    except NotNow as error:
        messages.warning(request, str(error))
    return redirect("change", change.uuid)


@require_POST
@member_view(Role.MANAGER)
def stop(request: AgencyRequest, uuid: str) -> HttpResponse:
    change = find(request, uuid)
    try:
        asking.stop(change, request)
        messages.success(request, "It is being stopped: at most the calls that are on their way are still made.")
    except NotNow as error:
        messages.warning(request, str(error))
    return redirect("change", change.uuid)


@require_POST
@member_view(Role.MANAGER)
def retry(request: AgencyRequest, uuid: str) -> HttpResponse:
    """The failed ones, or with `what=stopped` those that a stop left out."""
    change = find(request, uuid)
    state = ItemState.STOPPED if request.POST.get("what") == ItemState.STOPPED else ItemState.FAILED
    try:
        asking.retry(change, request, state)
    except NotNow as error:
        messages.warning(request, str(error))
    return redirect("change", change.uuid)


@require_POST
@member_view(Role.MANAGER)
def undo(request: AgencyRequest, uuid: str) -> HttpResponse:
    change = find(request, uuid)
    try:
        return redirect("change", asking.undo(change, request).uuid)
    except NotNow as error:
        messages.warning(request, str(error))
    return redirect("change", change.uuid)


@require_POST
@member_view(Role.MANAGER)
def again(request: AgencyRequest, uuid: str) -> HttpResponse:
    return redirect("change", asking.again(find(request, uuid), request).uuid)
