"""What one may do to a placement test that is there. Each call is made once, while the person waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from agency.access import AgencyRequest, member_view
from agency.models import Role
from agency.pages import page
from clients import lacking
from clients.forms.test_edits import EditTestForm
from clients.models import Client, PlacementTest, TestKind
from clients.ordering import automating, choosing, offering, steering


@require_POST
@member_view(Role.MANAGER)
def pause(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    return _turned(request, slug, uuid, steering.pause, "is paused: it sends nothing until it is resumed.")


@require_POST
@member_view(Role.MANAGER)
def resume(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    return _turned(request, slug, uuid, steering.resume, "goes on.")


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def edit(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    client, test = _found(request, slug, uuid)
    automated, vendor = test.kind == TestKind.AUTOMATED, test.connection.vendor_class
    made = vendor.recipe_of(test.raw)
    labels, unread = offering.labels(test.connection, test.workspace, made) if automated else ({}, "")
    known: dict[str, Any] = {"client": client, "vendor": vendor, "test": test, "automated": automated, "labels": labels}
    form = EditTestForm(request.POST or None, made=made, **known)
    if request.method == "POST" and form.is_valid():
        try:
            steering.edit(test, client, form.wanted, "test.edited", request)
        except steering.Meanwhile as error:
            test.refresh_from_db(fields=["name", "raw"])
            made = vendor.recipe_of(test.raw)
            form = EditTestForm(request.POST, made=made, **known)
            if form.is_valid():
                form.refuse(error)
        except steering.TROUBLE as error:
            form.refuse(error)
        else:
            messages.success(request, f"{form.cleaned_data['name']} is saved.")
            return redirect("test", client.slug, test.uuid)
    context = {"form": form, "client": client, "test": test, "barred": _barred(test), "unread": unread}
    context["refused"] = lacking.refused(test.connection, lacking.TESTS)
    context |= {"odd": automated and made.odd, "seen": automating.digest(made)}
    return page(request, "clients/test_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(Role.MANAGER)
def delete(request: AgencyRequest, slug: str, uuid: str) -> HttpResponse:
    client, test = _found(request, slug, uuid)
    trouble = _barred(test)
    if request.method == "POST" and not trouble:
        try:
            steering.delete(test, client, request)
        except steering.TROUBLE as error:
            trouble = str(error)
        else:
            messages.success(request, f"{test} is deleted at the vendor. What it brought is kept here, and counts nowhere.")
            return redirect("client-tests", client.slug)
    others = Client.objects.visible_to(request.member).filter(pk__in=test.parts.values("client")).exclude(pk=client.pk)
    context = {"client": client, "test": test, "trouble": trouble, "others": others.order_by("name")}
    return page(request, "clients/test_delete.html", context, status=422 if request.method == "POST" else 200)


type _Turn = Callable[[PlacementTest, Client, AgencyRequest], None]


def _turned(request: AgencyRequest, slug: str, uuid: str, turn: _Turn, said: str) -> HttpResponse:
    client, test = _found(request, slug, uuid)
    try:
        turn(test, client, request)
    except steering.TROUBLE as error:
        messages.error(request, f"{test}: {error}")
    else:
        messages.success(request, f"{test} {said}")
    if request.POST.get("to") == "list":
        return redirect("client-tests", client.slug)
    return redirect("test", client.slug, test.uuid)


def _found(request: AgencyRequest, slug: str, uuid: str) -> tuple[Client, PlacementTest]:
    client: Client = get_object_or_404(Client.objects.visible_to(request.member), slug=slug)
    tests = PlacementTest.objects.of_client(client).select_related("connection__agency")
    return client, get_object_or_404(tests, uuid=uuid, connection__agency=request.agency)


def _barred(test: PlacementTest) -> str:
    return choosing.barred(test.connection, test.workspace) or ("The vendor has this test no more." if test.gone_at else "")
