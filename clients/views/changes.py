"""Changes: asked for, looked at before they happen, watched while they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.changes import calls, drifting, listing, payloads, planning, putting_back, selecting, undoing, wording
from clients.forms.campaign_changes import CampaignChangeForm
from clients.forms.changes import ChangeForm
from clients.models import UNSETTLED, Change, ChangeItem, ChangeState, Client, ItemState
from clients.models.changes import FRESH

ROWS = 100


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest) -> HttpResponse:
    posted = request.method == "POST"
    asked: QueryDict = request.POST if posted else request.GET
    if asked.get("ticked") == selecting.CAMPAIGNS and "campaign" not in asked:
        messages.warning(request, "No campaign was ticked.")
        return redirect(
            "client-campaigns", get_object_or_404(Client.objects.visible_to(request.member), slug=asked.get("client")).slug
        )
    if "campaign" in asked or asked.get("all") == selecting.CAMPAIGNS:
        return _new_of_campaigns(request, asked)
    shown = {name: asked[name] for name in ("client", "domain", "tag") if name in asked}
    form = ChangeForm(request.POST if posted else None, member=request.member, asked=asked, initial=shown)
    if form.picked and not form.matching.exists():
        raise Http404
    if posted and form.is_valid():
        change = planning.ask(request.agency, form.selector, form.edit, request.user, form.cleaned_data["reason"])
        return redirect("change", change.uuid)
    context = {
        "form": form,
        "whats": form.whats,
        "whom": selecting.said(form.selector, _clients(request)) if form.names_somebody else "",
        "none_ticked": "ticked" in request.GET and not form.picked,
        "number": form.matching.count() if form.names_somebody else 0,
        "changeable": selecting.changeable(form.matching).count() if form.names_somebody else 0,
    }
    return page(request, "clients/change_form.html", context, status=422 if posted else 200)


def _new_of_campaigns(request: AgencyRequest, asked: QueryDict) -> HttpResponse:
    posted = request.method == "POST"
    form = CampaignChangeForm(request.POST if posted else None, member=request.member, asked=asked)
    rows = list(form.matching.select_related("client", "connection").order_by("name", "pk")[:ROWS])
    if not rows:
        raise Http404
    if posted and form.is_valid():
        made = planning.ask(request.agency, form.selector, form.edit, request.user, form.cleaned_data["reason"])
        return redirect("change", made.uuid)
    lines = [{"name": str(row), "status": row.get_status_display(), "client": row.client} for row in rows]
    context = {
        "form": form,
        "lines": lines,
        "more": form.matching.count() - len(rows) if len(rows) == ROWS else 0,
        "whom": selecting.said(form.selector, _clients(request)) if form.filters else "",
    }
    return page(request, "clients/campaign_change_form.html", context, status=422 if posted else 200)


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
    if found.undoes_id and found.state == ChangeState.PLANNED:
        # Only now it is known what is put back: the heading and the words beneath it say so.
        return HttpResponse(headers={"HX-Refresh": "true"})
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
    back = putting_back.told([one]).get(one.pk)
    whom = back.whom if back else selecting.said(one.selector, clients)
    said = {
        "back": back,
        "noun": selecting.noun(one.selector),
        "nouns": f"{selecting.noun(one.selector)}s",
        "settled_label": f"{selecting.noun(one.selector).capitalize()}s settled",
        "what": f"Undo: back to {back.what}" if back else wording.what(one),
        "percentages": wording.percentages(one),
        "state": wording.state(one),
        "told": wording.told(one, timezone.now()),
        "tone": wording.TONES.get(one.state, ""),
    }
    return {"change": one, "whom": whom, **said}


def _context(request: AgencyRequest, found: Change) -> dict[str, Any]:
    counts = dict(found.items.order_by().values_list("state").annotate(Count("pk")))
    total = sum(number for state, number in counts.items() if state not in (ItemState.NOOP, ItemState.SKIPPED))
    left = sum(counts.get(state, 0) for state in (*UNSETTLED, ItemState.PLANNED))
    drifted = list(_items(found, drifted=True)) if found.undoes_id else []
    by_us = drifting.by_us(found, drifted)
    ticked = sum(item.state == ItemState.PLANNED for item in drifted)
    rows = Paginator(_items(found, drifted=False), ROWS).get_page(request.GET.get("page"))
    return _row(found, _clients(request)) | {
        "moves": found.state in (ChangeState.PLANNING, ChangeState.APPLYING, ChangeState.WAITING),
        "total": total,
        "settled": total - left,
        "note": f"{total - left:,} of {total:,}",
        "doing": _doing(counts, total - left, selecting.noun(found.selector)),
        "facts": _facts(found, counts, total, ticked if drifted else None, one_call_each=_one_call_each(drifted)),
        "page": rows,
        "rows": [item_line(item) for item in rows],
        "drifted": [item_line(item) | {"ours": by_us.get(item.pk)} for item in drifted],
        "same": counts.get(ItemState.NOOP, 0),
        "failed": counts.get(ItemState.FAILED, 0),
        "stopped": counts.get(ItemState.STOPPED, 0),
        "done": counts.get(ItemState.DONE, 0),
        "todo": counts.get(ItemState.PLANNED, 0) - ticked,
        "reach": _reach(found) if found.state == ChangeState.PLANNED and not drifted else "",
        "undone_by": undoing.standing(found),
        "is_over": undoing.is_over(found),
        "bars_retry": undoing.bars_a_retry(found),
        "undo_waits": found.undone_by.filter(state=ChangeState.PLANNED, planned_at__gte=timezone.now() - FRESH).last(),
    }


def _doing(counts: dict[str, int], settled: int, noun: str) -> str:
    """What happens just now to a change that is being applied; before the first result there is no share to show."""
    if settled:
        return f"{noun.capitalize()}s settled"
    if counts.get(ItemState.SENT):
        return "Sending, and asking the vendor what came of it"
    return "Sending" if counts.get(ItemState.SENDING) else "Asking the vendor how they are now"


def _reach(found: Change) -> str:
    """' of 7 clients on 5 accounts', where the plan goes beyond one; empty where it does not."""
    planned = found.items.filter(state=ItemState.PLANNED)
    number = planned.aggregate(clients=Count("client", distinct=True), accounts=Count("connection", distinct=True))
    clients = f" of {number['clients']:,} clients" if number["clients"] > 1 else ""
    return f"{clients} on {number['accounts']:,} accounts" if number["accounts"] > 1 else clients


def _one_call_each(drifted: list[ChangeItem]) -> bool:
    return all(item.connection.vendor_class.at_once(payloads.order(item.after)) == 1 for item in drifted)


def _facts(found: Change, counts: dict[str, int], total: int, ticked: int | None, *, one_call_each: bool) -> list[dict[str, Any]]:
    """`ticked`: so many of the senders that somebody changed since are overwritten; None where there is no such choice.

    What moves with that choice says by how much (`moves`), so that the page can count along.
    """
    number = calls.number_of(found.calls)
    facts: list[dict[str, Any]] = [
        {"label": "to change" if found.state == ChangeState.PLANNED else "changed", "value": f"{total:,}"},
        {"label": "so already", "value": f"{counts.get(ItemState.NOOP, 0):,}"},
        {"label": "skipped", "value": f"{counts.get(ItemState.SKIPPED, 0):,}"},
        {"label": "call planned" if number == 1 else "calls planned", "value": f"{number:,}"},
    ]
    if ticked is not None and found.state == ChangeState.PLANNED:
        for fact, moves in ((facts[0], 1), (facts[2], -1), *([(facts[3], 1)] if one_call_each else [])):
            fact |= {"moves": moves, "note": "and one for each ticked" if moves > 0 and not ticked else ""}
    if found.state != ChangeState.PLANNED:
        failed = counts.get(ItemState.FAILED, 0)
        facts[0] = {"label": "done", "value": f"{counts.get(ItemState.DONE, 0):,}", "note": f"of {total:,}"}
        facts.insert(1, {"label": "failed", "value": f"{failed:,}", "band": "bad" if failed else ""})
    return facts


def _items(found: Change, *, drifted: bool) -> QuerySet[ChangeItem]:
    shown = listing.items(found).exclude(state=ItemState.NOOP)
    if found.state == ChangeState.PLANNED:
        shown = shown.filter(drifted=drifted)
    elif drifted:
        shown = shown.none()
    return shown


def item_line(item: ChangeItem) -> dict[str, Any]:
    before, after = payloads.compared(item.before, item.after) if item.after else ("", "")
    return {
        "item": item,
        "before": before,
        "after": after,
        "percent": payloads.percentages(item.before) if "preset" in item.after else "",
        "percent_found": payloads.percentages(item.found) if "preset" in item.after else "",
        "found": _found(item) if item.found and item.after else "",
        "tone": wording.ITEM_TONES.get(item.state, ""),
    }


def _found(item: ChangeItem) -> str:
    """Seven percentages that stand beside it need not be told twice."""
    custom = item.after.get("preset") == payloads.CUSTOM
    return "as asked" if custom and payloads.meets(item.found, item.after) else payloads.said(item.found, item.after)
