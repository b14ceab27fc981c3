"""The monthly shuffle of an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.forms import ScheduleForm
from clients.models import Connection, ShuffleSchedule
from clients.shuffles import scheduling, seedbook, wording
from clients.views.shuffles import find_account, order_forms


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def schedule(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = find_account(request, uuid)
    forms = order_forms(ScheduleForm, connection, seedbook.mix(connection), request.POST)
    chosen = next((form for form in forms if form.is_bound), None)
    asked = request.method == "POST" and "preview" not in request.POST
    if asked and chosen and chosen.is_valid():
        made = scheduling.set_up(connection, chosen.cleaned_data["day"], chosen.order, request)
        messages.success(request, f"{connection.label} is shuffled each month; next due on {wording.moment(made.due_at)}.")
        if met := scheduling.outlook(connection, made.due_at):
            messages.warning(request, met)
        return redirect("seed-account", connection.uuid)
    context = {
        "connection": connection,
        "forms": forms,
        "chosen": chosen,
        "served": list(seedbook.served(connection)),
        "schedule": stands(connection),
        "outlook": _outlook(connection, chosen or forms[0]),
    }
    return page(request, "clients/shuffle_schedule.html", context, part="outlook", status=422 if asked else 200)


@require_POST
@member_view(Role.MANAGER)
def stop(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = find_account(request, uuid)
    found = get_object_or_404(ShuffleSchedule.objects.select_related("connection__agency"), connection=connection)
    scheduling.stop(found, request)
    messages.success(request, f"{connection.label} is no longer shuffled by itself.")
    return redirect("seed-account", connection.uuid)


def _outlook(connection: Connection, form: ScheduleForm) -> str:
    """For the day that stands in the form."""
    day = form["day"].initial if not form.is_bound else None if "day" in form.errors else form.cleaned_data["day"]
    return scheduling.outlook(connection, scheduling.following(day, timezone.now())) if day else ""


def stands(connection: Connection) -> dict[str, Any] | None:
    """The account's schedule in words."""
    found = ShuffleSchedule.objects.filter(connection=connection).first()
    if found is None:
        return None
    return {
        "day": found.day,
        "how": wording.how(found.order),
        "who": found.actor,
        "next": wording.moment(found.next_at),
        # One that has been put off says so itself.
        "outlook": scheduling.outlook(connection, found.due_at) if found.due_at == found.next_at else "",
        "last": wording.moment(found.last_at) if found.last_at else "",
        "outcome": found.last_outcome,
    }
