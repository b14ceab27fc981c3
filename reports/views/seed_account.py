"""One account's seeds: the mix, its shuffles, and the files for its clients' ESPs."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.models import Client, Connection, SeedFileDownload, Shuffle
from clients.models.accounts import ClientQuerySet
from clients.shuffles import rotating, seedbook
from clients.shuffles.rotating import CURRENT, FILES
from clients.views.schedules import stands
from reports.exports.esp import LAYOUTS
from reports.listing import accounts, cooldowns
from reports.listing import seed_account as listing
from reports.listing.seed_account import SinceForm


@require_safe
@member_view()
def show(request: AgencyRequest, uuid: str) -> HttpResponse:
    connection = _account(request, uuid)
    return page(request, "reports/seed_account.html", _context(request, connection), part="files")


@require_POST
@member_view(Role.MANAGER)
def file(request: AgencyRequest, uuid: str) -> HttpResponse:
    """A file for one client's ESP; that it was taken is written down, so it is a POST."""
    connection = _account(request, uuid)
    client = get_object_or_404(_served(request, connection), slug=request.POST.get("client", ""))
    which, _, slug = request.POST.get("file", "").partition(":")
    since = listing.read_moment(request.POST.get("since", ""))
    if which not in FILES or slug not in LAYOUTS or (since is None and which != CURRENT):
        raise Http404
    lines = rotating.files(connection, since).of(which)
    if lines is None:
        raise Http404
    layout = LAYOUTS[slug]
    response = HttpResponse(layout.body(lines), content_type=layout.content_type)
    name = "-".join(("seeds", slugify(client.slug), which, slug, timezone.now().date().isoformat()))
    response["Content-Disposition"] = f'attachment; filename="{name}.{layout.ending}"'
    response["Cache-Control"] = "private, no-store"
    rotating.take(connection, client, which, (slug, layout.label), since, len(lines), request)
    return response


def _account(request: AgencyRequest, uuid: str) -> Connection:
    found = Connection.objects.visible_to(request.member).present().select_related("agency")
    connection: Connection = get_object_or_404(found, uuid=uuid)
    return connection


def _served(request: AgencyRequest, connection: Connection) -> ClientQuerySet:
    visible: ClientQuerySet = Client.objects.visible_to(request.member).filter(scopes__connection=connection).distinct()
    return visible


def _context(request: AgencyRequest, connection: Connection) -> dict[str, Any]:
    now, mix = timezone.now(), seedbook.mix(connection)
    book, last = seedbook.book_of(connection), rotating.last_known(connection)
    under_way = Shuffle.objects.filter(connection=connection).under_way().values_list("uuid", flat=True).first()
    following = cooldowns.following(connection, book, under_way, now)
    served = list(_served(request, connection))
    since = SinceForm(request.GET, connection, last, served)
    moment = since.moment
    found = rotating.files(connection, moment)
    past = Paginator(listing.past_shuffles(connection), 20).get_page(request.GET.get("page"))
    return {
        "connection": connection,
        "served": accounts.served(served, [connection])[connection.pk],
        "facts": listing.facts(mix, following),
        "mix": listing.shares(mix),
        "book": book,
        "under_way": under_way,
        "schedule": stands(connection),
        "can_shuffle": seedbook.can_shuffle(connection),
        "may_write": request.member.may(Role.MANAGER),
        "may_see_accounts": request.member.may(Role.ANALYST),
        "since": since,
        "moment": moment,
        "moment_iso": listing.iso(moment) if moment else "",
        "left_out": found.left_out,
        "files": listing.file_rows(found),
        "choices": [client for client in served if not client.is_archived],
        "taken": _taken(connection, served),
        "miles": listing.miles(connection, served),
        "page": past,
        "history": listing.history(past),
    }


def _taken(connection: Connection, visible: list[Client]) -> list[dict[str, Any]]:
    rows = SeedFileDownload.objects.filter(connection=connection, client__in=visible).select_related("client")
    layouts = {slug: layout.label for slug, layout in LAYOUTS.items()}
    return [
        {"row": row, "which": FILES.get(row.which, row.which), "layout": layouts.get(row.layout, row.layout)}
        for row in rows.order_by("-at", "-pk")[:20]
    ]
