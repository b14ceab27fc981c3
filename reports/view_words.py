"""Saved views in words, by their pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from django.urls import NoReverseMatch, reverse

from agency.models import Agency, Membership
from reports.models import SavedView
from reports.saved_views import PAGES


class Line(NamedTuple):
    view: SavedView
    href: str  # empty where the page is one of a client's
    filters: str


def groups(agency: Agency, views: Iterable[SavedView]) -> list[tuple[str, list[Line]]]:
    """Each page's label with its views, in the order of PAGES."""
    kept = sorted(views, key=lambda view: view.name.lower())
    managers = _names(agency) if any("manager=" in view.query for view in kept) else {}
    by_page = {page: [_line(view, managers) for view in kept if view.page == page] for page in PAGES}
    return [(PAGES[page].label, lines) for page, lines in by_page.items() if lines]


def _line(view: SavedView, managers: Mapping[str, str]) -> Line:
    return Line(view, _href(view), " · ".join(_words(view.query, managers)))


def _words(query: str, managers: Mapping[str, str]) -> Iterator[str]:
    for name, value in parse_qsl(query):
        if name == "window":
            yield "last year" if value == "365" else f"last {value} days"
        elif name == "manager":
            yield f"manager {managers.get(value, 'who has left')}"
        elif name == "sort":
            yield f"by {value.removeprefix('-').replace('_', ' ')}"
        else:
            yield f"{name.replace('_', ' ')} {value}"


def _names(agency: Agency) -> dict[str, str]:
    members = Membership.objects.filter(agency=agency).select_related("user")
    return {str(member.uuid): str(member.user) for member in members}


def _href(view: SavedView) -> str:
    try:
        return f"{reverse(view.page)}?{view.query}"
    except NoReverseMatch:
        return ""
