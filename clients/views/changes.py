"""Changes: asked for, looked at before they happen, watched while they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.changes import calls, payloads, planning, selecting, wording
from clients.forms.changes import ChangeForm
from clients.models import UNSETTLED, Change, ChangeItem, ChangeState, Client, ItemState

#: In the table, what somebody must look at comes first.
_ORDER = (
    ItemState.FAILED, ItemState.STOPPED, ItemState.SENDING, ItemState.PLANNED, ItemState.QUEUED, ItemState.SENT, ItemState.DONE,
    ItemState.SKIPPED,
)  # fmt: skip
ROWS = 100


@require_safe
@member_view(Role.MANAGER)
def changes(request: AgencyRequest) -> HttpResponse:
    found = Change.objects.of(request.agency).select_related("client", "made_by", "applied_by", "undoes")
    counted = found.annotate(
        senders=Count("items", filter=~Q(items__state__in=(ItemState.NOOP, ItemState.SKIPPED))),
        done=Count("items", filter=Q(items__state=ItemState.DONE)),
        failed=Count("items", filter=Q(items__state=ItemState.FAILED)),
    ).order_by("-created_at", "-pk")
    rows = Paginator(counted, 50).get_page(request.GET.get("page"))
    clients = _clients(request)
    return page(request, "clients/changes.html", {"page": rows, "rows": [_row(one, clients) for one in rows]})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest) -> HttpResponse:
    posted = request.method == "POST"
    asked: QueryDict = request.POST if posted else request.GET
    shown = {name: asked[name] for name in ("client", "domain", "tag") if name in asked}
    form = ChangeForm(request.POST if posted else None, member=request.member, asked=asked, initial=shown)
    if form.picked and not form.matching.exists():
        raise Http404
    if posted and form.is_valid():
        change = planning.ask(request.agency, form.selector, form.edit, request.user, form.cleaned_data["reason"])
        return redirect("change", change.uuid)
    context = {
        "form": form,
        "whom": selecting.said(form.selector, _clients(request)) if form.names_somebody else "",
        "none_ticked": "ticked" in request.GET and not form.picked,
        "number": form.matching.count() if form.names_somebody else 0,
    }
    return page(request, "clients/change_form.html", context, status=422 if posted else 200)


@require_safe
@member_view(Role.MANAGER)
def change(request: AgencyRequest, uuid: str) -> HttpResponse:
    return page(request, "clients/change.html", _context(request, find(request, uuid)))


@require_safe
@member_view(Role.MANAGER)
def progress(request: AgencyRequest, uuid: str) -> HttpResponse:
    """The bar and what moves with it; when it has come to rest, the whole status in its place."""
    found = find(request, uuid)
    if not request.htmx:
        return redirect("change", found.uuid)
    context = _context(request, found)
    if context["moves"]:
        return page(request, "clients/change.html", context | {"out_of_band": True}, part="moving")
    response = page(request, "clients/change.html", context, part="status")
    response["HX-Retarget"] = "#change-status"
    return response


def find(request: AgencyRequest, uuid: str) -> Change:
    found = Change.objects.of(request.agency).select_related("agency", "client", "made_by", "applied_by", "undoes")
    return get_object_or_404(found, uuid=uuid)


def _clients(request: AgencyRequest) -> dict[str, str]:
    """Their names by their slugs."""
    return dict(Client.objects.of(request.agency).values_list("slug", "name"))


def _row(one: Change, clients: Mapping[str, str]) -> dict[str, Any]:
    whom = selecting.said(one.selector, clients)
    return {"change": one, "what": wording.what(one), "whom": whom, "tone": wording.TONES.get(one.state, "")}


def _context(request: AgencyRequest, found: Change) -> dict[str, Any]:
    counts = dict(found.items.order_by().values_list("state").annotate(Count("pk")))
    total = sum(number for state, number in counts.items() if state not in (ItemState.NOOP, ItemState.SKIPPED))
    left = sum(counts.get(state, 0) for state in (*UNSETTLED, ItemState.PLANNED))
    rows = Paginator(_items(found, drifted=False), ROWS).get_page(request.GET.get("page"))
    return _row(found, _clients(request)) | {
        "moves": found.state in (ChangeState.PLANNING, ChangeState.APPLYING, ChangeState.WAITING),
        "total": total,
        "settled": total - left,
        "note": f"{total - left:,} of {total:,}",
        "facts": _facts(found, counts, total),
        "page": rows,
        "rows": [item_line(item) for item in rows],
        "drifted": [item_line(item) for item in _items(found, drifted=True)] if found.undoes_id else [],
        "same": counts.get(ItemState.NOOP, 0),
        "failed": counts.get(ItemState.FAILED, 0),
        "stopped": counts.get(ItemState.STOPPED, 0),
        "done": counts.get(ItemState.DONE, 0),
        "todo": counts.get(ItemState.PLANNED, 0),
        "undone_by": found.undone_by.order_by("pk"),
    }


def _facts(found: Change, counts: dict[str, int], total: int) -> list[dict[str, Any]]:
    facts = [
        {"label": "to change" if found.state == ChangeState.PLANNED else "changed", "value": f"{total:,}"},
        {"label": "so already", "value": f"{counts.get(ItemState.NOOP, 0):,}"},
        {"label": "skipped", "value": f"{counts.get(ItemState.SKIPPED, 0):,}"},
        {"label": "calls to the vendor", "value": f"{calls.number_of(found.calls):,}"},
    ]
    if found.state != ChangeState.PLANNED:
        failed = counts.get(ItemState.FAILED, 0)
        facts[0] = {"label": "done", "value": f"{counts.get(ItemState.DONE, 0):,}", "note": f"of {total:,}"}
        facts.insert(1, {"label": "failed", "value": f"{failed:,}", "band": "bad" if failed else ""})
    return facts


def _items(found: Change, *, drifted: bool) -> QuerySet[ChangeItem]:
    places = [When(state=state, then=Value(place)) for place, state in enumerate(_ORDER)]
    place = Case(*places, default=Value(len(_ORDER)), output_field=IntegerField())
    shown = found.items.exclude(state=ItemState.NOOP)
    if found.state == ChangeState.PLANNED:
        shown = shown.filter(drifted=drifted)
    elif drifted:
        shown = shown.none()
    return shown.select_related("client", "connection").annotate(place=place).order_by("place", "email", "pk")


def item_line(item: ChangeItem) -> dict[str, Any]:
    return {
        "item": item,
        "before": payloads.said(item.before, item.after) if item.after else "",
        "after": payloads.said(item.after, item.after) if item.after else "",
        "percent": payloads.percentages(item.before) if "preset" in item.after else "",
        "percent_found": payloads.percentages(item.found) if "preset" in item.after else "",
        "found": payloads.said(item.found, item.after) if item.found and item.after else "",
        "tone": wording.ITEM_TONES.get(item.state, ""),
    }
