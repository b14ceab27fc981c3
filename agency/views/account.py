"""Signing in and out, and what a person changes about themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from axes.helpers import get_client_parameters, get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agency import accounts, locking, mail, throttle
from agency.access import client_address
from agency.forms import ProfileForm, ResetForm, SignInForm
from agency.models import User
from agency.pages import page

METHODS = ["get", "head", "options", "post"]  # Django's form views take a PUT for a POST


class SignIn(views.LoginView):
    http_method_names = METHODS
    form_class = SignInForm
    template_name = "agency/sign_in.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not User.objects.exists():
            return redirect("setup")
        return super().get(request, *args, **kwargs)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """What axes shows after too many failed tries: by address or by name, whether or not anybody has that name."""
    context = {"until": _locked_until(request, credentials), "mail_configured": mail.configured()}
    answer = render(request, "agency/locked_out.html", context, status=429)
    answer["Cache-Control"] = "no-store"
    return answer


def _locked_until(request: HttpRequest, credentials: dict[str, Any] | None) -> datetime:
    cool_off = get_cool_off(request)
    since = timezone.now() - cool_off
    name = accounts.tried_name(request, credentials)
    last = []
    for parameters in get_client_parameters(name, client_address(request), "", request, credentials):
        tries = AccessAttempt.objects.filter(**parameters, attempt_time__gte=since)
        found = tries.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        if (found["failures"] or 0) >= locking.limit_of(parameters):
            last.append(found["last"])
    until: datetime = max(last, default=timezone.now()) + cool_off
    return until


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("profile")
    return page(request, "agency/profile.html", {"form": form})


@method_decorator(never_cache, name="dispatch")
class PasswordChange(views.PasswordChangeView):
    http_method_names = METHODS
    template_name = "agency/password_change.html"
    success_url = reverse_lazy("profile")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Your password is changed. Every other session of yours was signed out.")
        return super().form_valid(form)


class PasswordReset(views.PasswordResetView):
    http_method_names = METHODS
    form_class = ResetForm
    template_name = "agency/password_reset.html"
    success_url = reverse_lazy("password-reset-sent")
    extra_context = {"mail_configured": mail.configured}  # noqa: RUF012

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not throttle.allow("password-reset", client_address(request), 20, 3600):
            return render(request, "agency/too_many.html", status=429)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        # Beyond five an hour nothing more is sent to one address, and the page does not say so.
        if not throttle.allow("password-reset-to", form.cleaned_data["email"].lower(), 5, 3600):
            return redirect(str(self.success_url))
        return super().form_valid(form)


class PasswordResetSent(views.PasswordResetDoneView):
    template_name = "agency/password_reset_sent.html"


class PasswordResetConfirm(views.PasswordResetConfirmView):
    http_method_names = METHODS
    template_name = "agency/password_reset_confirm.html"
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        accounts.forgive(form.user)
        messages.success(self.request, "Your password is changed. Sign in with the new one.")
        return response

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (request.method or "").lower() not in METHODS:
            return self.http_method_not_allowed(request)
        response = super().dispatch(request, *args, **kwargs)
        # As for invitations: the address is the key, and the form must still say where it comes from.
        response["Referrer-Policy"] = "strict-origin"
        return response


class SignOut(views.LogoutView):
    """By POST only; the session's row is deleted, so a copied cookie is dead too."""

    next_page = settings.LOGOUT_REDIRECT_URL
