"""A form that the browser sent without its token, or from elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The usual case is a page left open while somebody signed in again in another tab."""
    return render(request, "403_csrf.html", status=403)
