"""How a page answers: whole, or the one part that HTMX asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers

from agency.models import Membership, Role


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, part: str = "", status: int = 200
) -> HttpResponse:
    """Renders `template`; for a request by HTMX that is not a history restore, its partial named `part` if one is given.

    A part brings waiting messages along, out of band, into base.html's place for them.

    Views of long pages pack them (`gzip_page`). The one secret in such a page is the CSRF token, which Django masks anew in each
    answer, and the packing adds a random length: whoever has words of their own shown beside it learns nothing (BREACH). Pages
    that show a link or an invitation are not packed.
    """
    wants_part = bool(part) and is_for_part(request)
    name = f"{template}#{part}" if wants_part else template
    response = render(request, name, context or {}, status=status)
    if wants_part and len(get_messages(request)):
        response.write(render_to_string("parts/messages.html", {"out_of_band": True}, request))
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


def is_for_part(request: HttpRequest) -> bool:
    """Whether `page` answers with a part where one is named."""
    htmx = getattr(request, "htmx", None)
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)


def frame(request: HttpRequest) -> dict[str, Any]:
    """What base.html shows around every page of a member; worked out only where a template asks."""
    return {
        "member": getattr(request, "member", None),
        "navigation": partial(_navigation, request),
        "other_agencies": partial(_other_agencies, request),
    }


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    current: str  # for aria-current: 'page' there, 'true' below it


_SECTIONS = {
    "overview": ("Overview", Role.VIEWER),
    "clients": ("Clients", Role.VIEWER),
    "senders": ("Senders", Role.VIEWER),
    "seeds": ("Seeds", Role.VIEWER),
    "changes": ("Changes", Role.MANAGER),
    "connections": ("Connections", Role.ANALYST),
}
#: Pages that belong to a section, though their addresses do not begin with its own.
_BELOW = {"connections": ("/unassigned/", "/feeds/", "/runs/"), "seeds": ("/shuffles/",), "clients": ("/tests/",)}


def _navigation(request: HttpRequest) -> list[Link]:
    member: Membership = request.member  # type: ignore[attr-defined]
    open_to = [(name, label) for name, (label, role) in _SECTIONS.items() if member.may(role)]
    return [Link(label, url := reverse(name), _current(request.path, url, _BELOW.get(name, ()))) for name, label in open_to]


def _current(path: str, url: str, below: tuple[str, ...]) -> str:
    if path == url:
        return "page"
    return "true" if path.startswith(below if url == "/" else (url, *below)) else ""


def _other_agencies(request: HttpRequest) -> list[Membership]:
    member: Membership = request.member  # type: ignore[attr-defined]
    # Read together with the member's own, by the middleware.
    others = [other for other in request.memberships if other.pk != member.pk]  # type: ignore[attr-defined]
    return sorted(others, key=lambda other: other.agency.name)
