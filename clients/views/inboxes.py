"""A mailbox connected at a vendor, and where its owner signs in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from agency.secrets import Unreadable
from clients import mailboxes
from clients.forms.inboxes import NewInboxForm
from clients.models import Connection, Sender
from clients.vendors.errors import VendorError


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = get_object_or_404(Connection.objects.visible_to(request.member).select_related("agency"), uuid=uuid)
    barred = mailboxes.barred(connection)
    form = NewInboxForm(request.POST or None, connection=connection, member=request.member)
    context: dict[str, Any] = {"connection": connection, "form": form, "barred": barred}
    if form.is_bound and form.is_valid() and not barred:
        try:
            made = mailboxes.connect(connection, form.new, request)
        except (VendorError, Unreadable) as error:
            form.refuse(error)
        else:
            if made.sign_in or made.lost:
                return page(request, "clients/inbox_form.html", {**context, "made": made})
            messages.success(request, f"{made.sender.email} is connected.")
            return _onwards(made.sender)
    return page(request, "clients/inbox_form.html", context, status=422 if form.is_bound else 200)


def _onwards(sender: Sender) -> HttpResponse:
    """To its own page, where it is a client's."""
    return (
        redirect("sender", sender.client.slug, sender.uuid) if sender.client else redirect("connection", sender.connection.uuid)
    )
