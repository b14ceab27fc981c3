"""A message that somebody here wrote: what becomes of it, taken back, tried again; and the first one to somebody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.forms.conversations import FirstForm
from clients.models import Client, Conversation, Message, MessageState
from clients.talking import asking, beginning, wording
from clients.talking.beginning import Found
from clients.talking.editing import TROUBLE

TEMPLATE = "clients/message.html"


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest, slug: str) -> HttpResponse:
    """Written, then shown with whom it reaches, then sent: three looks at one address, the second and third by POST."""
    client: Client = get_object_or_404(Client.objects.visible_to(request.member).select_related("agency"), slug=slug)
    accounts = beginning.accounts(client)
    kinds, limit = beginning.kinds(accounts), beginning.limit(accounts)
    asked = request.POST if request.method == "POST" else None
    form = FirstForm(asked, accounts=accounts, kinds=kinds, limit=limit)
    context: dict[str, Any] = {"client": client, "form": form, "accounts": accounts}
    if form.is_valid() and "edit" not in request.POST:
        reached = _reached(form)
        if reached and "confirm" in request.POST:
            if url := _sent(request, client, form, reached):
                return redirect(url)
        elif reached:
            context["reached"] = reached
    return page(request, "clients/message_form.html", context, status=422 if form.is_bound and form.errors else 200)


@require_safe
@member_view(Role.MANAGER)
def show(request: AgencyRequest, uuid: str) -> HttpResponse:
    message = _found(request, uuid)
    return redirect(url) if (url := _talk(message)) else page(request, TEMPLATE, _context(message))


@require_safe
@member_view(Role.MANAGER)
def progress(request: AgencyRequest, uuid: str) -> HttpResponse:
    message = _found(request, uuid)
    if not request.htmx:
        return redirect("message", message.uuid)
    if message.kind and (url := _talk(message)):
        return HttpResponseClientRedirect(url)
    answer = page(request, TEMPLATE, _context(message), part="outbox")
    # What was said has one more line then.
    return answer if message.is_on_its_way else trigger_client_event(answer, "said")


@require_POST
@member_view(Role.MANAGER)
def cancel(request: AgencyRequest, uuid: str) -> HttpResponse:
    message = _found(request, uuid)
    try:
        asking.cancel(message, request)
    except asking.NotNow as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"The message to {message.to} is taken back: it is not sent.")
    return redirect("message", message.uuid)


@require_POST
@member_view(Role.MANAGER)
def again(request: AgencyRequest, uuid: str) -> HttpResponse:
    message = _found(request, uuid)
    try:
        asking.again(message, request)
    except asking.NotNow as error:
        messages.error(request, str(error))
    return redirect("message", message.uuid)


def _found(request: AgencyRequest, uuid: str) -> Message:
    rows = Message.objects.visible_to(request.member).select_related(
        "client__agency", "connection", "conversation", "sender", "user"
    )
    found: Message = get_object_or_404(rows, uuid=uuid)
    return found


def _talk(message: Message) -> str:
    """The page of its conversation, which for a first message is there when it was sent."""
    row = message.conversation
    if row is None and message.state == MessageState.SENT:
        rows = Conversation.objects.filter(connection=message.connection, external_id=message.thread)
        row = rows.select_related("sender").first()
    if row is None or row.gone_at or row.sender is None or row.sender.client_id != message.client_id:
        return ""
    return reverse("conversation", args=[message.client.slug, row.uuid])


def _context(message: Message) -> dict[str, Any]:
    return {"outbox": message, "client": message.client, "said_of_it": wording.outbox(message)}


def _reached(form: FirstForm) -> Found | None:
    """Whom it reaches; None with the reason in the form."""
    given = form.cleaned_data
    try:
        return beginning.find(form.sender, given["kind"], given["person"])
    except beginning.Nobody as error:
        form.add_error("person", str(error))
    except TROUBLE as error:
        form.add_error(None, str(error))
    return None


def _sent(request: AgencyRequest, client: Client, form: FirstForm, reached: Found) -> str:
    """Where it can be looked at; '' with the reason in the form."""
    given = form.cleaned_data
    try:
        message = beginning.ask(client, form.sender, reached, given["text"], given["nonce"], request)
    except asking.NotNow as error:
        form.add_error(None, str(error))
        return ""
    return reverse("message", args=[message.uuid])
