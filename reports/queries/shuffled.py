"""Shuffles on the charts' time axis, those made at the vendor among them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import DateTimeField

from clients.models import Origin, Shuffle
from clients.shuffles.wording import how
from clients.vendors.shuffles import Order
from reports.queries.freshness import Account
from reports.queries.prepared import Given, GivenMany, Prepared
from reports.scope import Window


def shuffled(window: Window, accounts: Iterable[Account]) -> list[tuple[date, str]]:
    """The day of each shuffle of these accounts within the window, and what was done, in words. One query."""
    accounts = list(accounts)
    labels = {account.pk: account.label for account in accounts}
    return [(one.day, _words(one, labels[one.connection])) for one in _happened(window, accounts)]


def told_to_a_client(window: Window, accounts: Iterable[Account]) -> list[tuple[date, str]]:
    """The same for a client's eyes: an account's label may name others. One query."""
    return [(one.day, f"Seeds that receive this mail were replaced: {how(one.order)}") for one in _happened(window, accounts)]


class _Shuffled(NamedTuple):
    day: date
    connection: int
    origin: str
    order: Order


def _happened(window: Window, accounts: Iterable[Account]) -> list[_Shuffled]:
    connections = [account.pk for account in accounts]
    if not connections:
        return []
    start, end = window.times
    rows = _HAPPENED(connections=connections, start=start, end=end)
    return [_Shuffled(then.date(), connection, origin, Order(*order)) for then, connection, origin, *order in rows if then]


_HAPPENED = Prepared(
    Shuffle.objects.happened()
    .filter(connection__id__among=GivenMany("connections"))
    .filter(happened_at__gte=Given("start", DateTimeField()), happened_at__lte=Given("end", DateTimeField()))
    .values_list("happened_at", "connection_id", "origin", "method", "percentage", "shares")
)


def _words(one: _Shuffled, label: str) -> str:
    where = ", made at the vendor" if one.origin == Origin.VENDOR else ""
    return f"Seeds of {label} were shuffled: {how(one.order)}{where}"
