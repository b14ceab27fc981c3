"""One conversation: what was said in it, and where it stands. Read at the vendor as somebody looks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.models import Client, Conversation
from clients.sending import threads
from clients.talking import reading, wording
from clients.talking.reading import Names, Opened

TEMPLATE = "clients/conversation.html"
MOST_CURSOR = 4000
MOST_MAILS = 20


@require_safe
@member_view()
def show(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    """`?older=` leads to older messages; of htmx's request for it only those are answered."""
    client, row = found(request, slug, uuid)
    names = Names.of(row.connection)
    older = request.GET.get("older", "")[:MOST_CURSOR]
    opened = reading.opened(row, names, older)
    context = _context(client, row, names, opened) | {"older": older} | _by_mail(request, client, row)
    return page(request, TEMPLATE, context, part="lines" if older else "said")


def found(request: AgencyRequest, slug: str, uuid: str) -> tuple[Client, Conversation]:
    client: Client = get_object_or_404(Client.objects.visible_to(request.member).select_related("agency"), slug=slug)
    return client, get_object_or_404(reading.of_client(client), uuid=uuid)


def _context(client: Client, row: Conversation, names: Names, opened: Opened) -> dict[str, Any]:
    now = opened.standing
    place, tone = wording.place(now.done, now.is_request, row.last_inbound)
    return {
        "client": client,
        "talk": row,
        "opened": opened,
        "place": place,
        "tone": tone,
        "facts": wording.facts(row, now, names),
    }


def _by_mail(request: AgencyRequest, client: Client, row: Conversation) -> dict[str, Any]:
    """Of a vendor that sends: an answer is a mail of the identity's."""
    if "sending" not in row.connection.vendor_class.can:
        return {}
    may = request.member.may(Role.MANAGER) and not client.is_archived and not row.connection.removed_at
    return {"may_mail": may and threads.of_conversation(row) is not None, "mails": threads.on_their_way(row)[:MOST_MAILS]}
