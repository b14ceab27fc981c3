"""What events told of a client's single mails: at which mailbox provider their recipients read, and what became of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet, Subquery, Sum

from clients.models import Client, EventDay, Fate
from reports.queries.outreach import Reach
from reports.scope import Window

_KINDS = (Fate.BOUNCED, Fate.BOUNCED_HARD, Fate.BOUNCED_SOFT)

type _Counts = Counter[str]


class Told(NamedTuple):
    """`days`: mailbox provider → day. `since`: the first day that events told of. `began`, as `Window.began`: the day since
    which all accounts that tell what was sent do so. `beside`: bounces of the window that are not in `days`, since their accounts
    did not tell what was sent while others did."""

    since: date
    began: date | None
    days: Mapping[str, Mapping[date, Reach]]
    beside: int


def told(client: Client, window: Window) -> Told | None:
    """Of the window and the one before. None where events told of no mail in them. One query; another where the days leave open
    whether an account tells of the window before as well."""
    of_client = EventDay.objects.filter(client=client).exclude(what=Fate.ANSWERED)
    rows = of_client.filter(day__range=(window.before.first, window.last)).order_by()
    first = Subquery(of_client.order_by("day").values("day")[:1])
    found = rows.values_list("connection_id", "day", "mailbox_provider", "what").annotate(n=Sum("count"), since=first)
    cells = [(_Cell(*cell), since) for *cell, since in found]
    if not cells:
        return None
    sending = _sending(cell for cell, _ in cells)
    days: dict[str, dict[date, _Counts]] = defaultdict(lambda: defaultdict(Counter))
    beside = 0
    for cell, _ in cells:
        if not sending or sending.get(cell.connection, date.max) <= cell.day:
            days[cell.provider][cell.day][cell.what] += cell.number
        elif cell.what in _KINDS and cell.day >= window.first:
            beside += cell.number
    reaches = {provider: {day: _reach(counts, bool(sending)) for day, counts in of.items()} for provider, of in days.items()}
    return Told(cells[0][1], _began(of_client, sending, window), reaches, beside)


def words(client: Client, window: Window) -> QuerySet[EventDay, tuple[str, str, int]]:
    """(Soft bounce or answer, the vendor's word, how many), the most frequent first. One query."""
    rows = EventDay.objects.filter(client=client, day__range=(window.first, window.last))
    rows = rows.filter(what__in=(Fate.BOUNCED_SOFT, Fate.ANSWERED)).order_by()
    return rows.values_list("what", "word").annotate(n=Sum("count")).order_by("what", "-n", "word")


class _Cell(NamedTuple):
    connection: int
    day: date
    provider: str
    what: str
    number: int


def _sending(cells: Iterable[_Cell]) -> dict[int, date]:
    """By account: since when it tells what was sent. A subscription may leave that out, or begin with it later."""
    found: dict[int, date] = {}
    for cell in cells:
        if cell.what == Fate.SENT:
            found[cell.connection] = min(cell.day, found.get(cell.connection, cell.day))
    return found


def _began(of_client: QuerySet[EventDay], sending: Mapping[int, date], window: Window) -> date | None:
    """Mail of an account that joined within the two windows stands in one of them only."""
    start = window.before.first
    late = {account: day for account, day in sending.items() if day > start}
    if not late:
        return None
    earlier = of_client.filter(connection__in=late, what=Fate.SENT, day__lt=start)
    known = set(earlier.order_by().values_list("connection_id", flat=True).distinct())
    return max((day for account, day in late.items() if account not in known), default=None)


def _reach(counts: _Counts, rated: bool) -> Reach:
    """Where what was sent is told, a day without a bounce is one of 0; and where not, a bounce is of nothing known."""
    bounced, kinds = sum(counts[kind] for kind in _KINDS), counts[Fate.BOUNCED_HARD] + counts[Fate.BOUNCED_SOFT]
    by_kind = kinds or not bounced
    found = {
        "sent": counts[Fate.SENT] if rated else None,
        "delivered": counts.get(Fate.DELIVERED),
        "bounced": bounced if rated or bounced else None,
        "bounced_hard": counts[Fate.BOUNCED_HARD] if by_kind else None,
        "bounced_soft": counts[Fate.BOUNCED_SOFT] if by_kind else None,
    }
    return Reach(found, dict.fromkeys(found, counts[Fate.SENT] if rated else None))
