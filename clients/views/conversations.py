"""One conversation: what was said in it and where it stands, read at the vendor as somebody looks; and what is done in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import is_for_part, page
from clients.forms.conversations import ReplyForm, StandingForm
from clients.models import Client, Conversation, Message, MessageState
from clients.sending import threads
from clients.talking import asking, editing, reading, wording
from clients.talking.editing import Meanwhile
from clients.talking.reading import Names, Standing
from clients.vendors.conversations import Edit

TEMPLATE = "clients/conversation.html"
MOST_CURSOR = 4000
MOST_MAILS = 20
#: So long an ended message is told of above the others.
LATELY = timedelta(minutes=30)


@require_safe
@member_view()
def show(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    """`?older=` leads to older messages; of htmx's request for it only those are answered."""
    client, row = found(request, slug, uuid)
    older = request.GET.get("older", "")[:MOST_CURSOR]
    return _page(request, client, row, part="lines" if older else "said", older=older)


@require_POST
@member_view(Role.MANAGER)
def reply(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    client, row = found(request, slug, uuid)
    form = ReplyForm(request.POST, limit=row.connection.vendor_class.message_limit)
    if form.is_valid():
        try:
            asking.reply(row, client, form.cleaned_data["text"], form.cleaned_data["nonce"], request)
        except asking.NotNow as error:
            form.add_error(None, str(error))
    if form.errors:
        return _page(request, client, row, part="reply", status=422, form=form)
    return _page(request, client, row, part="reply") if request.htmx else redirect("conversation", client.slug, row.uuid)


@require_POST
@member_view(Role.MANAGER)
def edit(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    """Who is assigned, status, tags, value and notes: what was changed of them, in one step."""
    client, row = found(request, slug, uuid)
    names = Names.of(row.connection)
    form = StandingForm(request.POST, vendor=row.connection.vendor_class, names=names)
    if not form.is_valid():
        return _unsaved(request, client, row, form, "Nothing was saved yet.")
    if not form.changed_data:
        return _done(request, client, row, None, "Nothing was changed.")
    try:
        now = editing.edit(row, client, form.wanted, request, notes_before=form.notes_before)
    except Meanwhile as error:
        theirs = f"{error} They say now: {error.notes}" if error.notes else f"{error} They are empty now."
        form.add_error("notes", theirs)
        return _unsaved(request, client, row, form, "Nothing was saved yet.")
    except editing.TROUBLE as error:
        form.add_error(None, str(error))
        return _unsaved(request, client, row, form, "Not saved, or not all of it.")
    return _done(request, client, row, now, "Saved.")


@require_POST
@member_view(Role.MANAGER)
def done(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    client, row = found(request, slug, uuid)
    over = request.POST.get("done") == "true"
    try:
        now = editing.edit(row, client, Edit(done=over), request)
    except editing.TROUBLE as error:
        messages.error(request, str(error))
        return _answer(request, client, row, None)
    return _done(request, client, row, now, "It is archived." if over else "It is open again.")


def found(request: AgencyRequest, slug: str, uuid: str) -> tuple[Client, Conversation]:
    client: Client = get_object_or_404(Client.objects.visible_to(request.member).select_related("agency"), slug=slug)
    return client, get_object_or_404(reading.of_client(client), uuid=uuid)


def _unsaved(request: AgencyRequest, client: Client, row: Conversation, form: StandingForm, said: str) -> HttpResponse:
    # Above a part that is put in place of another, an older 'Saved' would stand.
    messages.error(request, said)
    return _page(request, client, row, part="facts", status=422, standing_form=form)


def _done(request: AgencyRequest, client: Client, row: Conversation, now: Standing | None, said: str) -> HttpResponse:
    messages.success(request, said)
    return _answer(request, client, row, now)


def _answer(request: AgencyRequest, client: Client, row: Conversation, now: Standing | None) -> HttpResponse:
    if not request.htmx:
        return redirect("conversation", client.slug, row.uuid)
    return _page(request, client, row, part="facts", standing=now)


def _page(
    request: AgencyRequest,
    client: Client,
    row: Conversation,
    *,
    part: str,
    status: int = 200,
    standing: Standing | None = None,
    form: ReplyForm | None = None,
    standing_form: StandingForm | None = None,
    older: str = "",
) -> HttpResponse:
    """A part that needs nothing of the vendor is answered without asking it."""
    names, vendor = Names.of(row.connection), row.connection.vendor_class
    alone = bool(request.htmx) and (part == "reply" or standing is not None or standing_form is not None)
    opened = reading.Opened(standing or reading.kept(row)) if alone else reading.opened(row, names, older)
    now = opened.standing
    may = request.member.may(Role.MANAGER) and not client.is_archived
    unread = now.notes is None and "notes" in vendor.conversation_acts
    editable = may and vendor.conversation_acts & set(StandingForm.base_fields)
    if editable and standing_form is None and not (opened.trouble or older or unread):
        standing_form = StandingForm(vendor=vendor, names=names, standing=now)
    inbound = not opened.said[0].ours if opened.said and not older else row.last_inbound
    place, tone = wording.place(now.done, now.is_request, inbound)
    context: dict[str, Any] = {
        "client": client,
        "talk": row,
        "opened": opened,
        "now": now,
        "older": older,
        "place": place,
        "tone": tone,
        # What was said may say so anew; the whole page has it once.
        "beside": part == "said" and is_for_part(request),
        "facts": wording.facts(row, now, names, brief=standing_form is not None),
        "may_reply": may and not reading.barred(row.connection, "reply"),
        "signed_out": reading.signed_out(row.sender, row.connection),
        "may_end": may and not reading.barred(row.connection, "done"),
        "reply_form": form or ReplyForm(limit=vendor.message_limit),
        "standing_form": standing_form,
        "outbox": (outbox := _outbox(client, row) if may else None),
        "said_of_it": wording.outbox(outbox) if outbox else {},
    }
    return page(request, TEMPLATE, context | _by_mail(request, client, row), part=part, status=status)


def _outbox(client: Client, row: Conversation) -> Message | None:
    """The newest one that was written here, as long as there is something to say of it."""
    last: Message | None = (
        Message.objects.filter(conversation=row, client=client).select_related("connection").order_by("-pk").first()
    )
    if last is None or last.state == MessageState.CANCELLED:
        return None
    fresh = last.finished_at is None or last.finished_at > timezone.now() - LATELY
    return last if fresh or last.state in (MessageState.FAILED, MessageState.UNCLEAR) else None


def _by_mail(request: AgencyRequest, client: Client, row: Conversation) -> dict[str, Any]:
    """Of a vendor that sends: an answer is a mail of the identity's."""
    if "sending" not in row.connection.vendor_class.can:
        return {}
    may = request.member.may(Role.MANAGER) and not client.is_archived and not row.connection.removed_at
    return {"may_mail": may and threads.of_conversation(row) is not None, "mails": threads.on_their_way(row)[:MOST_MAILS]}
