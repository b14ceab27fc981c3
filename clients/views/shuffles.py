"""A shuffle from the plan to its result. It touches the account, so every client served is named before it is confirmed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients.forms import ConfirmForm, OrderForm
from clients.models import Client, Connection, MailboxProvider, Shuffle, ShuffleState
from clients.progress import untaken
from clients.shuffles import asking, hindering, mixing, rotating, seedbook, wording
from clients.shuffles.mixing import Step


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest, uuid: str) -> HttpResponse:
    """The three methods, each a form of its own; each shows what would become of the mix before anything is planned."""
    connection = find_account(request, uuid)
    mix = seedbook.mix(connection)
    forms = order_forms(OrderForm, connection, mix, request.POST)
    chosen = next((form for form in forms if form.is_bound), None)
    planned = request.method == "POST" and "preview" not in request.POST
    if planned and chosen and chosen.is_valid():
        if seedbook.may_be_asked(connection):
            seedbook.ask(connection, foreground=True)
        if not hindering.hindrance(connection, seedbook.book_of(connection)):
            made = asking.plan(connection, chosen.order, request, reason=chosen.cleaned_data["reason"])
            return redirect("shuffle", made.uuid)
    context = {
        "connection": connection,
        "forms": forms,
        "chosen": chosen,
        "hindrance": hindering.hindrance(connection, seedbook.book_of(connection)),
        "total": sum(mix.values()),
        "steps": steps(chosen.run.steps) if chosen and chosen.is_valid() and chosen.run else [],
    }
    return page(request, "clients/shuffle_form.html", context, part="dry", status=422 if planned else 200)


@require_safe
@member_view(Role.ANALYST)
def show(request: AgencyRequest, uuid: str) -> HttpResponse:
    return _page(request, _found(request, uuid))


@require_safe
@member_view(Role.ANALYST)
def progress(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    if not request.htmx:
        return redirect("shuffle", found.uuid)
    return page(request, "clients/shuffle.html", _context(request, found), part="status")


@require_POST
@member_view(Role.MANAGER)
def confirm(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    form = ConfirmForm(request.POST, shuffle=found, served=seedbook.served(found.connection))
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        asking.confirm(found, request)
    except asking.NotNow as error:
        found.refresh_from_db()
        if found.state == ShuffleState.PLANNED:
            form.add_error(None, str(error))
            return _page(request, found, form, status=422)
        # Pressed twice: the second answer is the one that is seen, and the shuffle is on its way.
    return redirect("shuffle", found.uuid)


@require_POST
@member_view(Role.MANAGER)
def rotation(request: AgencyRequest, uuid: str, slug: str) -> HttpResponse:
    """A person says that a client's ESP is up to date, or takes it back."""
    found = _found(request, uuid)
    client = get_object_or_404(Client.objects.visible_to(request.member).filter(shuffles=found), slug=slug)
    if request.POST.get("done") == "no":
        rotating.untick(found, client, request)
        messages.success(request, f"{client}'s ESP is open again.")
    else:
        rotating.tick(found, client, request)
        messages.success(request, f"{client}'s ESP is done.")
    return redirect("seed-account", found.connection.uuid)


def find_account(request: AgencyRequest, uuid: str) -> Connection:
    """The account among those this member may see, or 404; one whose vendor shuffles nothing is none."""
    found = Connection.objects.visible_to(request.member).present().select_related("agency")
    connection: Connection = get_object_or_404(found, uuid=uuid)
    if not seedbook.can_shuffle(connection):
        raise Http404
    return connection


def order_forms[F: OrderForm](form: type[F], connection: Connection, mix: dict[str, int], asked: Any) -> list[F]:
    """One for each method the vendor has; the one that `asked` names is bound to it."""
    method = asked.get("method", "")
    return [
        form(asked if one == method else None, method=one, connection=connection, mix=mix)
        for one in connection.vendor_class.shuffle_methods
    ]


def steps(found: tuple[Step, ...]) -> list[dict[str, Any]]:
    """A dry run in words, and its sum."""
    rows = [_step(str(MailboxProvider(one.provider).label), one) for one in found]
    sums = (sum(getattr(one, name) for one in found) for name in ("before", "after", "fewest", "most"))
    return [*rows, {**_step("All", Step("", *sums)), "sum": True}]


def _step(name: str, one: Step) -> dict[str, Any]:
    moved = one.after - one.before
    return {
        "name": name,
        "before": f"{one.before:,}",
        "leave": f"{one.most:,}" if one.is_sure else f"{one.fewest:,} to {one.most:,}",
        "after": f"{one.after:,}",
        "change": f"{'+' if moved > 0 else '−'}{abs(moved):,}" if moved else "",
    }


def _found(request: AgencyRequest, uuid: str) -> Shuffle:
    found = Shuffle.objects.visible_to(request.member).filter(connection__removed_at=None)
    shuffle: Shuffle = get_object_or_404(found.select_related("connection__agency"), uuid=uuid)
    return shuffle


def _page(request: AgencyRequest, found: Shuffle, form: ConfirmForm | None = None, *, status: int = 200) -> HttpResponse:
    return page(request, "clients/shuffle.html", _context(request, found, form), status=status)


def _context(request: AgencyRequest, found: Shuffle, form: ConfirmForm | None = None) -> dict[str, Any]:
    planned = found.state == ShuffleState.PLANNED
    context: dict[str, Any] = {
        "shuffle": found,
        "connection": found.connection,
        "told": wording.told(found),
        "who": wording.who(found),
        "tone": wording.TONES.get(found.state, ""),
        "may_write": request.member.may(Role.MANAGER),
        "unattended": untaken(found, found.next_at) if found.is_under_way else "",
        "steps": [],
    }
    if planned:
        served = list(seedbook.served(found.connection))
        context |= {"served": served, "stale": asking.stale(found), "form": form or ConfirmForm(shuffle=found, served=served)}
        context["hindrance"] = hindering.hindrance(found.connection, seedbook.book_of(found.connection))
    else:
        context["served"] = list(found.clients.order_by("name", "pk"))
    if found.mix_before:
        context["steps"] = steps(mixing.dry_run(found.order, found.mix_before).steps)
    return context
