"""A member's saved views: kept, and looked after, by nobody else."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods, require_POST

from agency.access import AgencyRequest, member_view
from agency.pages import page
from reports import saved_views as keeping
from reports.forms import ViewForm
from reports.models import SavedView
from reports.view_words import groups


@require_http_methods(["GET", "HEAD", "POST"])
@member_view()
def views(request: AgencyRequest) -> HttpResponse:
    if request.method == "POST":
        return _save(request)
    mine = SavedView.objects.filter(membership=request.member)
    return page(request, "reports/saved_views.html", {"groups": groups(request.agency, mine)})


def _save(request: AgencyRequest) -> HttpResponse:
    """`at`: the path of the page whose filters they are; back there afterwards."""
    at = request.POST.get("at", "")
    name_of_page = _page_of(at)
    form, taken = ViewForm(request.POST), ""
    query = keeping.cleaned(name_of_page, QueryDict(request.POST.get("query", "")[: 4 * keeping.LONGEST]))
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            keeping.save(request.member, name_of_page, name, query, replace=request.POST.get("replace") == name)
        except keeping.Refused as refused:
            form.add_error(None, str(refused))
            taken = name if isinstance(refused, keeping.Taken) else ""
        else:
            messages.success(request, f"Saved as “{name}”. Only you see it.")
            return redirect(f"{at}?{query}")
    context = {"form": form, "at": at, "query": query, "taken": taken, "label": keeping.PAGES[name_of_page].label}
    return page(request, "reports/saved_view_form.html", context, status=422)


@require_POST
@member_view()
def rename(request: AgencyRequest, uuid: UUID) -> HttpResponse:
    view, form = _view(request, uuid), ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("saved-views")
    try:
        keeping.rename(view, form.cleaned_data["name"])
    except keeping.Refused as refused:
        messages.error(request, str(refused))
    return redirect("saved-views")


@require_POST
@member_view()
def open_with(request: AgencyRequest, uuid: UUID) -> HttpResponse:
    keeping.open_with(_view(request, uuid), wanted=request.POST.get("wanted") != "no")
    return redirect("saved-views")


@require_POST
@member_view()
def delete(request: AgencyRequest, uuid: UUID) -> HttpResponse:
    view = _view(request, uuid)
    view.delete()
    messages.success(request, f"“{view.name}” is deleted.")
    return redirect("saved-views")


def _view(request: AgencyRequest, uuid: UUID) -> SavedView:
    return get_object_or_404(SavedView, uuid=uuid, membership=request.member)


def _page_of(path: str) -> str:
    """By the routes of this house, so that a redirect to it leads nowhere else. Raises Http404."""
    try:
        name = resolve(path).url_name or ""
    except Resolver404 as unknown:
        raise Http404 from unknown
    if name not in keeping.PAGES:
        raise Http404
    return name
