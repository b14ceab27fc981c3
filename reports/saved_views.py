"""A page's filters, kept by a member under a name: `@with_saved_views("senders")` over a view is all that a page needs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import BigIntegerField, CharField
from django.db.models.functions import Lower
from django.http import HttpResponseBase, HttpResponseRedirect, QueryDict

from agency.access import AgencyRequest
from agency.models import Membership
from agency.pages import is_for_part
from reports.models import SavedView
from reports.queries.prepared import Given, Prepared
from reports.scope import WINDOWS, Filters

MOST = 50  # of one member on one page
LONGEST = 2000  # of a query string
_SORT = re.compile(r"-?[a-z_]{1,30}")


@dataclass(frozen=True)
class Page:
    label: str
    filters: tuple[str, ...]  # of `Filters`, besides `sort`
    window: int = 0  # days without being asked; 0 for a page that has none


#: URL name → the page. Those of a client's tab hold for every client's.
PAGES = {
    "overview": Page("Overview", ("tag", "manager", "look"), 7),
    "clients": Page("Clients", ("search", "tag", "manager", "status")),
    "senders": Page("Senders", ("search", "client", "vendor", "domain", "tag", "preset", "status", "health")),
    "client-broadcasts": Page("Broadcasts of a client", ("search", "mailbox_provider", "domain", "tag", "vendor"), 30),
    "client-tests": Page("Tests of a client", ("search", "status", "kind", "domain"), 30),
    "client-conversations": Page("Conversations of a client", ("search", "vendor", "kind", "status", "tag", "who")),
}


def with_saved_views(page: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Puts `request.saved_views` there, which parts/filters.html shows; a visit without any query opens with the default."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def inner(request: AgencyRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            beside = Beside(request, page)
            if not request.GET and not beside.is_part and (default := beside.default):
                return _not_kept(HttpResponseRedirect(f"{request.path}?{default.query}"))
            request.saved_views = beside  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return inner

    return decorate


def _not_kept(response: HttpResponseBase) -> HttpResponseBase:
    """Another view may be the default by the next visit."""
    response["Cache-Control"] = "private, no-store"
    return response


class Shown(NamedTuple):
    name: str
    query: str
    is_default: bool


class Beside:
    """A page's saved views as they stand beside its filters. Asked of the database once, by whole pages alone."""

    def __init__(self, request: AgencyRequest, page: str) -> None:
        self.request, self.page = request, page
        self.is_part = is_for_part(request)

    @cached_property
    def query(self) -> str:
        """What is shown now, as it would be saved."""
        return cleaned(self.page, self.request.GET)

    @property
    def plain(self) -> str:
        """The page without a filter, whatever it opens with."""
        return f"{self.request.path}?view=all"

    @cached_property
    def rows(self) -> list[Shown]:
        return _of_member(self.request.member.pk, self.page)

    @property
    def default(self) -> Shown | None:
        return next((row for row in self.rows if row.is_default), None)

    @property
    def current(self) -> Shown | None:
        return next((row for row in self.rows if row.query == self.query), None)


def _of_member(member: int, page: str) -> list[Shown]:
    return [Shown(*row) for row in _ROWS(member=member, page=page)]


_ROWS = Prepared(
    SavedView.objects.filter(membership=Given("member", BigIntegerField()), page=Given("page", CharField()))
    .order_by(Lower("name"), "pk")
    .values_list("name", "query", "is_default")
)


def cleaned(page: str, query: QueryDict) -> str:
    """The page's own filters in one order, so that equal questions are equal text; empty when nothing is asked."""
    known, asked = PAGES[page], Filters.read({name: str(value) for name, value in query.dict().items() if _is_typed(str(value))})
    kept: dict[str, str | int] = {name: value for name in known.filters if (value := getattr(asked, name))}
    if known.window:
        window = str(query.get("window", ""))
        kept["window"] = int(window) if window in map(str, WINDOWS) else known.window
    if _SORT.fullmatch(asked.sort):
        kept["sort"] = asked.sort
    return urlencode(kept)


def _is_typed(value: str) -> bool:
    return not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in value)


class Refused(Exception):
    """In words for the member."""


class Taken(Refused):
    """Another view of this page has the name."""


@transaction.atomic
def save(member: Membership, page: str, name: str, query: str, *, replace: bool = False) -> None:
    """Raises Refused; Taken for a name in use, unless told to replace that view's filters."""
    mine = _mine(member).filter(page=page)
    if not query:
        raise Refused("No filter is set, so there is nothing to save. Choose one first.")
    if len(query) > LONGEST:
        raise Refused("These filters are too long to be saved.")
    if found := mine.filter(name=name).first():
        if not replace:
            raise Taken(f"You have a view “{name}” here already. Replace it, or choose another name.")
        found.query = query
        found.save(update_fields=["query"])
        return
    if mine.count() >= MOST:
        raise Refused(f"You have {MOST} saved views here, which is the most there can be. Delete one first.")
    SavedView.objects.create(membership=member, page=page, name=name, query=query)


@transaction.atomic
def rename(view: SavedView, name: str) -> None:
    """Raises Taken."""
    mine = _mine(view.membership).filter(page=view.page)
    if mine.filter(name=name).exclude(pk=view.pk).exists():
        raise Taken(f"You have a view “{name}” there already. Choose another name.")
    mine.filter(pk=view.pk).update(name=name)


@transaction.atomic
def open_with(view: SavedView, *, wanted: bool) -> None:
    """The page opens with this one, or, not `wanted`, no longer."""
    mine = _mine(view.membership).filter(page=view.page)
    if wanted:
        mine.update(is_default=False)
    mine.filter(pk=view.pk).update(is_default=wanted)


def _mine(member: Membership) -> Any:
    """One act of a member at a time: what two tabs do at once is done one after the other."""
    Membership.objects.select_for_update().get(pk=member.pk)
    return SavedView.objects.filter(membership=member)
