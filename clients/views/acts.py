"""What one may do to a connection: each a POST that ends where it began."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from agency.access import AgencyRequest, member_view
from agency.models import Role
from clients import connecting, pacing, sync
from clients.forms import RemoveForm
from clients.models import Connection, Health, Mail, Message

#: The class of a notice that promises a sync: the connection's page drops it when the sync has ended.
UNTIL_SYNCED = "until-synced"


@require_POST
@member_view(Role.MANAGER)
def sync_now(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = _present(request, uuid)
    if connection.health == Health.OK:
        pacing.lift(connection.fingerprint)
        for waiting in (Mail.objects, Message.objects):
            waiting.asked_again(connection)
        sync.request(connection)
        messages.success(request, "A sync is on the way.", UNTIL_SYNCED)
    else:
        messages.warning(request, f"{connection.label} is not synced: {connection.get_health_display().lower()}.")
    return redirect("connection", connection.uuid)


@require_POST
@member_view(Role.MANAGER)
def test(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = _present(request, uuid)
    verdict = connecting.test_stored(connection, request)
    say = {True: messages.success, False: messages.error, None: messages.warning}[verdict.good]
    unsure = "The vendor knows the key: " if verdict.plan else "It could not be told whether the key is good: "
    say(request, verdict.text if verdict.good is not None else f"{unsure}{verdict.text}")
    return redirect("connection", connection.uuid)


@require_POST
@member_view(Role.MANAGER)
def pause(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = _present(request, uuid)
    if connection.health != Health.PAUSED:
        connecting.pause(connection, request, f"Paused by {request.user}.")
        messages.success(request, f"{connection.label} is paused: nothing is asked of the vendor until it is resumed.")
    return redirect("connection", connection.uuid)


@require_POST
@member_view(Role.MANAGER)
def resume(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = _present(request, uuid)
    if connection.health == Health.PAUSED:
        connecting.resume(connection, request)
        messages.success(request, f"{connection.label} is resumed, and a sync is on the way.", UNTIL_SYNCED)
    return redirect("connection", connection.uuid)


@require_POST
@member_view(Role.MANAGER)
def remove(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = _present(request, uuid)
    form = RemoveForm(request.POST, connection=connection)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["typed"])))
        return redirect("connection", connection.uuid)
    connecting.remove(connection, request)
    messages.success(request, f"{connection.label} is removed: its key is forgotten, its history is kept.")
    return redirect("connections")


def _present(request: AgencyRequest, uuid: str) -> Connection:
    return get_object_or_404(Connection.objects.visible_to(request.member).present().select_related("agency"), uuid=uuid)
