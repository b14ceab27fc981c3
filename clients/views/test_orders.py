"""A new placement test from the form through its preview to the vendor: real mail, so nothing is sent before it was shown."""

from __future__ import annotations

from itertools import count
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients import lacking
from clients.forms.tests import NewTestForm
from clients.models import Client, OrderState, PlacementTest, TestOrder
from clients.ordering import amounts, asking, choosing, recipes, wording
from clients.ordering.choosing import Place
from clients.ordering.offering import Offer, offer
from clients.progress import untaken


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def new(request: AgencyRequest, slug: str) -> HttpResponse:
    """`?at=` names the account and workspace, `?again=` a test that is made again, `?order=` one that was refused."""
    client: Client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    order, again = _order(request, client), _again(request, client)
    places = choosing.places(client)
    place = _place(places, request, order, again)
    context: dict[str, Any] = {"client": client, "places": places, "place": place, "again": again}
    if place is None:
        return page(request, "clients/test_form.html", context)
    asked = request.POST if request.method == "POST" else None
    looks = bool(asked and "look" in asked)
    # Of the part that is swapped nothing hangs on what the vendor offers.
    offered = Offer() if looks and request.htmx else offer(place, again.external_id if again else "")
    initial = _initial(client, place, order, again, offered.again)
    form = NewTestForm(asked, client=client, place=place, offer=offered, initial=initial)
    if looks:
        form.look()
    elif form.is_bound and form.is_valid():
        made = asking.plan(client, place, form.wanted, request)
        return redirect("test-order", made.uuid)
    if order and not form.is_bound and order.state == OrderState.FAILED:
        form.refuse(order.refusals, order.outcome)
    context["refused"] = lacking.refused(place.connection, lacking.TESTS)
    context |= {"form": form, "offer": offered, "barred": choosing.barred(place.connection, place.workspace) or _archived(client)}
    return page(request, "clients/test_form.html", context, status=422 if form.is_bound and not looks else 200)


@require_safe
@member_view(Role.MANAGER)
def show(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    return redirect(url) if (url := _onwards(found)) else _page(request, found)


@require_safe
@member_view(Role.MANAGER)
def progress(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    if not request.htmx:
        return redirect("test-order", found.uuid)
    if url := _onwards(found):
        return HttpResponseClientRedirect(url)
    return page(request, "clients/test_order.html", _context(found), part="status")


@require_POST
@member_view(Role.MANAGER)
def confirm(request: AgencyRequest, uuid: str) -> HttpResponse:
    found = _found(request, uuid)
    try:
        asking.confirm(found, request)
    except asking.NotNow as error:
        found.refresh_from_db()
        if found.state == OrderState.PLANNED:
            return _page(request, found, refused=str(error), status=422)
        # Pressed twice: the second answer is the one that is seen, and the test is on its way.
    return redirect("test-order", found.uuid)


def _order(request: AgencyRequest, client: Client) -> TestOrder | None:
    orders = TestOrder.objects.visible_to(request.member).filter(client=client).select_related("connection")
    return orders.exclude(state=OrderState.MADE).filter(uuid=_asked(request, "order")).first()


def _again(request: AgencyRequest, client: Client) -> PlacementTest | None:
    tests = PlacementTest.objects.of_client(client).filter(connection__agency=request.agency).select_related("connection")
    return tests.filter(uuid=_asked(request, "again")).first()


def _asked(request: AgencyRequest, name: str) -> UUID:
    """What is no uuid becomes one that nobody has."""
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError:
        return UUID(int=0)


def _place(places: list[Place], request: AgencyRequest, order: TestOrder | None, again: PlacementTest | None) -> Place | None:
    """The only one is chosen without a question."""
    from_row = order or again
    meant = f"{from_row.connection.uuid}:{from_row.workspace}" if from_row else ""
    key = request.POST.get("at") or request.GET.get("at") or meant
    if len(places) == 1 and not key:
        return places[0]
    return next((place for place in places if place.key == key), None)


def _initial(client: Client, place: Place, order: TestOrder | None, again: PlacementTest | None, made: Any) -> dict[str, Any]:
    if order:
        return dict(order.wanted)
    if not again:
        return {"name": _name(client)}
    mine = choosing.own(client, place.connection, place.workspace).filter(email__in=again.senders)
    known = recipes.asked_again(made) if made else {"name": again.name, "subject": again.subject, "kind": again.kind}
    return {**known, "senders": [str(uuid) for uuid in mine.values_list("uuid", flat=True)]}


def _name(client: Client) -> str:
    """The client's and the day's, with a number where a test of today has it already."""
    name = f"{client.name}, {timezone.now():%-d %b %Y}"
    tests = PlacementTest.objects.of_client(client).filter(name__startswith=name).values_list("name", flat=True)
    orders = TestOrder.objects.filter(client=client, wanted__name__startswith=name).values_list("wanted__name", flat=True)
    taken = {*tests, *orders}
    numbered = (f"{name}, {number}" for number in count(2))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _archived(client: Client) -> str:
    return f"{client} is archived: nothing is sent for it." if client.is_archived else ""


def _found(request: AgencyRequest, uuid: str) -> TestOrder:
    rows = TestOrder.objects.visible_to(request.member).select_related("connection__agency", "client", "test")
    found: TestOrder = get_object_or_404(rows, uuid=uuid)
    return found


def _onwards(order: TestOrder) -> str:
    """Where one that is through is looked at: the test itself, or the form with the vendor's words at its fields."""
    if order.state == OrderState.MADE and order.test:
        return reverse("test", args=[order.client.slug, order.test.uuid])
    if order.state == OrderState.FAILED and order.refusals:
        return reverse("test-new", args=[order.client.slug], query={"order": order.uuid})
    return ""


def _page(request: AgencyRequest, order: TestOrder, *, refused: str = "", status: int = 200) -> HttpResponse:
    return page(request, "clients/test_order.html", {**_context(order), "refused": refused}, status=status)


def _context(order: TestOrder) -> dict[str, Any]:
    groups = [recipes.group(key) for key in order.wanted["groups"]]
    chosen = choosing.choose(order.client, order.connection, order.workspace, order.wanted)
    amount = amounts.seeds(order.connection, order.workspace, groups)
    return {
        "order": order,
        "client": order.client,
        "told": wording.told(order, groups, amount),
        "cost": wording.cost(order, amount),
        "groups": groups,
        "unfilled": wording.unfilled(order),
        "left_out": chosen.left_out,
        "stale": asking.stale(order) if order.state == OrderState.PLANNED else "",
        "unattended": untaken(order, order.next_at) if order.is_on_its_way else "",
    }
