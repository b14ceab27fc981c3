"""What of a request is believed, before anything else reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError

from agency.access import is_trusted

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
type _Next = Callable[[HttpRequest], HttpResponseBase]


class ForwardedMiddleware:
    """Forgets what a proxy would say of the visitor where it is not a proxy named in TRUSTED_PROXIES that says it."""

    def __init__(self, get_response: _Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_trusted(str(request.META.get("REMOTE_ADDR", ""))):
            for name in _FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)


class NulSent(BadRequest):
    """`fields`: of the form, those that hold one."""

    def __init__(self, fields: Sequence[str] = ()) -> None:
        super().__init__("A NUL in the query, a cookie or the form")
        self.fields = fields


class NulMiddleware:
    """400 for a NUL in query, cookies or form: PostgreSQL takes none, and nobody types one."""

    def __init__(self, get_response: _Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if any("\0" in text for text in [*_texts(request.GET), *request.COOKIES.values()]):
            raise NulSent
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        # One that broke off is the view's affair: from here on it reads as empty.
        with suppress(UnreadablePostError):
            if any("\0" in text for text in _texts(request.POST)):
                raise NulSent([name for name, values in request.POST.lists() if any("\0" in str(text) for text in values)])


def _texts(given: Any) -> list[str]:
    return [text for name, values in given.lists() for text in (name, *values)]
