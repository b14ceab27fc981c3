"""'Process again', of one event or of all that failed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients.models import Event, EventState
from clients.webhooks import working


@require_POST
@member_view(Role.MANAGER)
def again(request: AgencyRequest, uuid: str) -> HttpResponse:
    event = get_object_or_404(Event.objects.visible_to(request.member), uuid=uuid)
    if working.again(Event.objects.filter(pk=event.pk)):
        messages.success(request, "It is processed again.")
    else:
        messages.error(request, "It is no longer kept word for word, and can't be processed again.")
    return redirect("event", event.uuid)


@require_POST
@member_view(Role.MANAGER)
def failed(request: AgencyRequest) -> HttpResponse:
    count = working.again(Event.objects.visible_to(request.member).filter(state=EventState.FAILED))
    messages.success(
        request, f"{count:,} failed event{'' if count == 1 else 's'} are processed again." if count else "None has failed."
    )
    return redirect("events")
