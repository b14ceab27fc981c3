"""The first page of a new installation: whoever opens it makes the first agency. Gone as soon as there is a user."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from agency import accounts
from agency.forms import SetupForm
from agency.models import User


@sensitive_post_parameters()
@sensitive_variables()
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    if User.objects.exists():
        raise Http404
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _begin(request, form)
    return render(request, "agency/setup.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_variables()
def _begin(request: HttpRequest, form: SetupForm) -> HttpResponse:
    asked = form.cleaned_data
    try:
        agency = accounts.begin(asked["agency"], owner_email=asked["email"], password=asked["password"], owner_name=asked["name"])
    except accounts.AlreadyBegun:
        raise Http404 from None
    login(request, agency.memberships.get().user, backend="agency.backends.MemberBackend")
    return redirect("overview")
