"""Shuffles on the charts' time axis, those made at the vendor among them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from clients.models import Origin, Shuffle
from clients.shuffles.wording import how
from reports.queries.freshness import Account
from reports.scope import Window


def shuffled(window: Window, accounts: Iterable[Account]) -> list[tuple[date, str]]:
    """The day of each shuffle of these accounts within the window, and what was done, in words. One query."""
    accounts = list(accounts)
    labels = {account.pk: account.label for account in accounts}
    return [(day, _words(row, labels[row.connection_id])) for day, row in _happened(window, accounts)]


def told_to_a_client(window: Window, accounts: Iterable[Account]) -> list[tuple[date, str]]:
    """The same for a client's eyes: an account's label may name others. One query."""
    return [(day, f"Seeds that receive this mail were replaced: {how(row.order)}") for day, row in _happened(window, accounts)]


def _happened(window: Window, accounts: Iterable[Account]) -> list[tuple[date, Shuffle]]:
    times = datetime.combine(window.first, time.min, UTC), datetime.combine(window.last, time.max, UTC)
    rows = Shuffle.objects.happened().filter(connection__in=[account.pk for account in accounts], happened_at__range=times)
    return [(row.happened_at.date(), row) for row in rows if row.happened_at]


def _words(row: Shuffle, label: str) -> str:
    where = ", made at the vendor" if row.origin == Origin.VENDOR else ""
    return f"Seeds of {label} were shuffled: {how(row.order)}{where}"
