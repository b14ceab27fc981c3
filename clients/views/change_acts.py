"""What one may do to a change: each a POST that ends on a change's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients.changes import asking
from clients.changes.asking import NotNow
from clients.models import Change, ItemState
from clients.views.changes import find

type Act = Callable[[AgencyRequest, Change], Change | None]


def _act(do: Act) -> Callable[..., HttpResponseBase]:
    """A view that finds the change, does it, and leads to the change that `do` returns, or to the same one."""

    @require_POST
    @member_view(Role.MANAGER)
    @wraps(do)
    def view(request: AgencyRequest, uuid: str) -> HttpResponse:
        change = find(request, uuid)
        try:
            change = do(request, change) or change
        except NotNow as error:
            messages.warning(request, str(error))
        return redirect("change", change.uuid)

    return view


@_act
def apply(request: AgencyRequest, change: Change) -> None:
    """Of an undo, with the choice which of the senders that somebody changed since are overwritten, and what it is for."""
    if change.undoes_id:
        asking.choose(change, set(request.POST.getlist("overwrite")), request.POST.get("reason", ""))
    asking.apply(change, request)


@_act
def stop(request: AgencyRequest, change: Change) -> None:
    asking.stop(change, request)
    messages.success(request, "Stopped: at most the calls that are on their way are still made.")


@_act
def retry(request: AgencyRequest, change: Change) -> None:
    """The failed ones, or with `what=stopped` those that a stop left out."""
    state = ItemState.STOPPED if request.POST.get("what") == ItemState.STOPPED else ItemState.FAILED
    asking.retry(change, request, state)


@_act
def undo(request: AgencyRequest, change: Change) -> Change:
    return asking.undo(change, request)


@_act
def drop(request: AgencyRequest, change: Change) -> None:
    asking.drop(change)


@_act
def again(request: AgencyRequest, change: Change) -> Change:
    return asking.again(change, request)
