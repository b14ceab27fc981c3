"""Pages of requests that are not looked at, or could not be answered."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.template import loader
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

from agency.incoming import NulSent


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that the browser sent without its token, or from elsewhere. The usual case is a page left open while somebody
    signed in again in another tab."""
    return render(request, "403_csrf.html", status=403)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """In place of Django's own, which tells nobody that less would have been taken."""
    fields = exception.fields if isinstance(exception, NulSent) else ()
    context = {"too_large": _too_large(exception), "fields": [name.replace("\0", "").replace("_", " ")[:60] for name in fields]}
    return HttpResponseBadRequest(loader.render_to_string("400.html", context, request))


def broken(request: HttpRequest) -> HttpResponse:
    """Who waits for the database is told so, and may come again; all else is a fault of ours."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return server_error(request)
    return HttpResponse(loader.render_to_string("503.html"), status=503, headers={"Retry-After": "30"})


def _too_large(exception: Exception) -> str:
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        return f"at most {most / 1_000_000:g} MB are taken at once"
    if isinstance(exception, TooManyFieldsSent):
        return f"at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields are taken at once"
    return "there are too many files in it" if isinstance(exception, TooManyFilesSent) else ""


class MethodMiddleware:
    """A page in place of Django's empty answer for whoever opens an address that only takes a form: by the browser's bar or
    history, or after a sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        reads = request.method == "GET" and request.accepts("text/html")
        if not (isinstance(response, HttpResponseNotAllowed) and reads and not response.content):
            return response
        shown = render(request, "405.html", {"belongs_to": _page_above(request.path)}, status=405)
        shown["Allow"], shown["Cache-Control"] = response["Allow"], "private, no-store"
        return shown


def _page_above(path: str) -> str:
    """/settings/team/invite/ → /settings/team/: the nearest address above that there is, whoever may see it."""
    parts = path.strip("/").split("/")
    above = ("".join(f"/{part}" for part in parts[:length]) + "/" for length in range(len(parts) - 1, 0, -1))
    return next((address for address in above if _is_known(address)), "/")


def _is_known(path: str) -> bool:
    try:
        return bool(resolve(path))
    except Resolver404:
        return False
