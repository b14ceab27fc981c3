"""Outreach from its roll-up: of many clients at once, and of one by day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import Case, DateField, Exists, Min, OuterRef, Q, When

from clients.models import Client, OutreachDay
from clients.outreach_days import COUNTS, RATED
from reports.queries.outreach import NOTHING, Reach
from reports.queries.plain import Mails
from reports.queries.prepared import Given, GivenMany, Prepared
from reports.scope import Window

_OF = tuple(f"{name}_of" for name in RATED)
_TOLD = tuple(name for name in COUNTS if name not in ("sent", *RATED))  # their mail is not in the roll-up
_SHOWN = ("sent", *RATED)  # of many clients


class Halves(NamedTuple):
    """In the window and in the one before. `since`: of the one before, the first day with mail whose bounces are known."""

    now: Reach = NOTHING
    before: Reach = NOTHING
    since: date | None = None


def of_clients(clients: Collection[int], window: Window) -> dict[int, Halves]:
    """Of those with outreach. One query."""
    found: dict[int, Halves] = {}
    for client, now, since, *row in _HALVES(clients=clients, start=window.before.first, first=window.first, last=window.last):
        reach, of_both = _reach(_SHOWN, row), found.get(client, Halves())
        found[client] = of_both._replace(now=reach) if now else of_both._replace(before=reach, since=since)
    return found


def new_to_outreach(clients: Collection[int], window: Window) -> set[int]:
    """Those without mail whose bounces are known on any day before `window.before`. One query, none without clients."""
    if not clients:
        return set()
    earlier = OutreachDay.objects.filter(client=OuterRef("pk"), bounced_of__gt=0, day__lt=window.before.first)
    return set(Client.objects.filter(~Exists(earlier), id__among=clients).values_list("pk", flat=True))


_START, _FIRST, _LAST = (Given(name, DateField()) for name in ("start", "first", "last"))
#: Halves are groups: a filter on each of the sums costs more than to run them.
_HALVES = Prepared(
    OutreachDay.objects.filter(client__id__among=GivenMany("clients"), day__gte=_START, day__lte=_LAST)
    .order_by()
    .annotate(now=Case(When(day__gte=_FIRST, then=1), default=0))
    .values_list("client_id", "now")
    .annotate(since=Min("day", filter=Q(bounced_of__gt=0)), **{f"sum_{name}": Mails(name) for name in (*_SHOWN, *_OF)})
)


def days_of_client(client: Client, window: Window) -> dict[date, Reach]:
    """Of all its senders: each of them counts its bounces. One query."""
    rows = OutreachDay.objects.filter(client=client, day__range=(window.first, window.last)).order_by()
    sums = {f"sum_{name}": Mails(name) for name in (*COUNTS, *_OF)}
    # Whether it is delivered or hard is told by a vendor or not, so by all of an account or by none.
    sums |= {f"sum_{name}_of": Mails("sent", filter=Q(**{f"{name}__isnull": False})) for name in _TOLD}
    return {day: _reach(COUNTS, row, (*RATED, *_TOLD)) for day, *row in rows.values_list("day").annotate(**sums)}


def _reach(names: Sequence[str], row: Sequence[int | None], rated: Sequence[str] = RATED) -> Reach:
    """`row`: a sum for each of the names, then for each of `rated` the mail that it is of."""
    if all(count is None for count in row):
        return NOTHING
    return Reach(dict(zip(names, row, strict=False)), dict(zip(rated, row[len(names) :], strict=True)))
