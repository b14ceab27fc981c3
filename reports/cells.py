"""Many rates in a row of a table, as HTML: a template that wrote each part of each cell would take longer than the queries."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe

from reports.stats import NO_CELL, Rate

_CELL = '<td class="rate band-{0.band}" title="{0.title}">{0.text}<span class="sub">{0.sub}</span></td>'


def small_cells(rates: Iterable[Rate | None]) -> SafeString:
    """As templates/parts/rate.html draws one. Numbers and words of ours only: there is nothing in it to escape."""
    return mark_safe("".join(_CELL.format(rate.small_cell) if rate else _NOTHING for rate in rates))  # noqa: S308


_NOTHING = _CELL.format(NO_CELL)
