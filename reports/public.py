"""Report pages, for people without a sign-in: they open with a link and show one client, nothing else."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agency import throttle
from agency.access import client_address, is_signed_in_at
from agency.branding import brand
from reports import sharing
from reports.models import ReportLink
from reports.report import report as report_of
from reports.scope import Scope, Window


@require_safe
def report(request: HttpRequest, token: str) -> HttpResponse:
    link = sharing.find(token)
    response = _closed(request) if link is None else _page(request, link)
    if link and request.method == "GET" and not is_signed_in_at(request, link.client.agency):
        sharing.count_opening(link)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store, private"
    return response


def _page(request: HttpRequest, link: ReportLink) -> HttpResponse:
    scope = replace(Scope.of_client(link.client), window=Window.of(link.window))
    context = {"client": link.client, "brand": brand(link.client.agency), "report": report_of(scope), "now": timezone.now()}
    return render(request, "reports/public/report.html", context)


def _closed(request: HttpRequest) -> HttpResponse:
    """One answer for mistyped, expired, revoked and archived: none of them is told apart, and guesses are counted."""
    if throttle.allow("report", client_address(request), sharing.GUESSES, sharing.GUESS_SECONDS):
        return render(request, "reports/public/closed.html", status=404)
    response = render(request, "reports/public/throttled.html", status=429)
    response["Retry-After"] = str(sharing.GUESS_SECONDS)
    return response
