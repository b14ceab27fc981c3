"""Many rates in a row of a table, as HTML: a template that wrote each part of each cell would take longer than the queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from reports.charts.spark import Spark
from reports.flags import Flag
from reports.stats import NO_CELL, UNMEASURED, Cell, Change, Counts, Rate

_CELL = '<td class="rate band-{0.band}" title="{0.title}">{0.text}<span class="sub">{0.sub}</span></td>'
#: Named, for a screen that is too narrow for heads.
_HEADED = _CELL.replace("<td ", '<td data-head="{1}" ')
_REACH = _HEADED.replace('"rate ', '"rate reach ')


_FIRST = (
    '<td class="rate headline band-{0.band}" title="{0.title}">{0.text}<span class="sub">{0.sub}</span></td>'
    '<td class="change is-{1.tone}" title="{3}{1.title}">{2}</td>'
)
_TREND = '<td class="trend" title="{}">{}</td>'
_SPARK = '<svg class="spark {}" viewBox="0 0 84 22" aria-hidden="true"><path d="{}"/></svg>'


def first_cells(inboxing: Rate, change: Change, spark: Spark) -> SafeString:
    """The rate, its change and its trend. Numbers and words of ours here too."""
    trend = _TREND.format(spark.title, _SPARK.format(change.tone, spark.path)) if spark.path else "<td></td>"
    # Beneath a head that says 'Change'; on one line.
    unclear = change.points is not None and not change.clear
    text, said = ("not clear", f"{change.text}: ") if unclear else (change.text, "")
    return mark_safe(_FIRST.format(inboxing.cell, change, text, said) + trend)  # noqa: S308


def last_cells(senders: int, age: str, *, is_late: bool) -> SafeString:
    """How many senders, and how old the data are. Numbers and words of ours here too."""
    return mark_safe(_LAST.format(f"{senders:,}" if senders else UNMEASURED, "is-look" if is_late else "muted", age))  # noqa: S308


_LAST = '<td class="number" data-head="Senders">{}</td><td class="nowrap {}" data-head="Data">{}</td>'


def flag_cell(flags: Iterable[Flag]) -> SafeString:
    """What they say is of vendors and people: it is escaped."""
    tags = [format_html(_LINK if flag.href else _TAG, **flag._asdict()) for flag in flags]
    return mark_safe(f'<td class="flags"><span class="tags">{"".join(tags)}</span></td>' if tags else "<td></td>")  # noqa: S308


_LINK = '<a class="tag {tone}" href="{href}" title="{title}">{text}</a>'
_TAG = '<span class="tag {tone}" title="{title}">{text}</span>'


def small_cells(rates: Iterable[Rate | None]) -> SafeString:
    """As templates/parts/rate.html draws one. Numbers and words of ours only: there is nothing in it to escape."""
    return mark_safe("".join(_CELL.format(rate.small_cell) if rate else _NOTHING for rate in rates))  # noqa: S308


def interval_cells(rates: Iterable[Rate | None]) -> SafeString:
    """The same with the interval beneath, for whoever can't point at a cell."""
    return mark_safe("".join(_CELL.format(_with_interval(rate)) if rate else _NOTHING for rate in rates))  # noqa: S308


def _with_interval(rate: Rate) -> Cell:
    cell = rate.small_cell
    return cell._replace(sub=f"{cell.sub}<br>{rate.between}") if rate.n else cell


def provider_cells(providers: Mapping[str, str], rates: Mapping[str, Rate], marks: Mapping[str, SafeString]) -> SafeString:
    """The same by mailbox provider, each with its head; a mark, which is HTML, stands before its number."""
    return mark_safe("".join(_marked(head, rates.get(name), marks.get(name)) for name, head in providers.items()))  # noqa: S308


def _marked(head: str, rate: Rate | None, mark: SafeString | None) -> str:
    cell = rate.small_cell if rate else NO_CELL
    return _HEADED.format(cell._replace(text=f"{mark} {cell.text}") if mark else cell, head)


def reach_cells(cells: Iterable[Cell], heads: Iterable[str]) -> SafeString:
    """Outreach, in cells of its own beside the placement. Ours alone here too."""
    return mark_safe("".join(map(_REACH.format, cells, heads)))  # noqa: S308


def placed_cells(counts: Iterable[Counts | None]) -> SafeString:
    """Inboxing of what was received; what is missing, or came without a verdict, is told beside it and never mixed in. Ours alone
    here too."""
    return mark_safe("".join(_CELL.format(_placed(each)) for each in counts))  # noqa: S308


def _placed(counts: Counts | None) -> Cell:
    if counts is None:
        return NO_CELL
    cell, missing, undecided = counts.inboxing.small_cell, counts.missing or 0, counts.undecided or 0
    beside = [f"{missing:,} missing"] if missing else []
    if undecided:
        beside.insert(0, f"{undecided:,} without a verdict")
    if not beside:
        return cell
    if counts.received:
        return cell._replace(title="; ".join([cell.title, *beside]))
    said = ", ".join(beside)
    return Cell(
        cell.text, f"{undecided:,} no verdict" if undecided else said, "none", said if undecided else f"nothing received, {said}"
    )


_NOTHING = _CELL.format(NO_CELL)
