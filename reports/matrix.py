"""A test's run as a matrix: each sender at each mailbox provider. Silent senders and missing mails stay apart from rates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from clients.models import MailboxProvider
from reports.cells import placed_cells
from reports.listing.accounts import HEADS
from reports.stats import UNMEASURED, Cell, Counts, Rate

NONE = Rate(0, 0)
OTHER = MailboxProvider.OTHER
NAMED = 6  # columns for mailbox providers that we have no word for, those of most mails

#: Sender → mailbox provider → counts.
type Placed = Mapping[str, Mapping[str, Counts]]


@dataclass(frozen=True, slots=True)
class Row:
    email: str
    state: str  # 'silent', or why nothing is known; empty where there are mails
    cells: SafeString
    all: Cell
    of_sent: Cell
    missing: str


@dataclass(frozen=True, slots=True)
class Matrix:
    heads: list[str]
    rows: list[Row]  # worst first; silent ones last
    total: Row
    counts: Counts
    silent: int


def matrix(senders: Iterable[str], placed: Placed, *, named: Placed | None = None, unknown: str = "") -> Matrix:
    """`senders` are the client's in the test; those that `placed` doesn't know are silent, or what `unknown` says. `named`: what
    `placed` has at other mailbox providers, by the vendor's names of them, which then have columns of their own."""
    columns, shown = _columns(placed, named or {})
    state = unknown or "silent"
    ordered = sorted({*senders, *placed}, key=lambda email: _worst_first(_sum(placed.get(email, {}).values()), email))
    rows = [_row(email, placed.get(email), [at.get(email) for at in columns], state) for email in ordered]
    whole = {email: _sum(at.values()) for email, at in placed.items()}
    return Matrix(
        shown,
        rows,
        _row("All senders", whole, [_sum(at.values()) for at in columns], ""),
        _sum(whole.values()),
        0 if unknown else sum(not placed.get(email) for email in ordered),
    )


def _columns(placed: Placed, named: Placed) -> tuple[list[dict[str, Counts]], list[str]]:
    """Each as sender → counts, and their heads. What has no name, or is one name too many, stands as 'Other'."""
    seen = {provider for at in placed.values() for provider in at}
    sizes: Counter[str] = Counter()
    for at in named.values():
        sizes.update({name: counts.received + (counts.missing or 0) for name, counts in at.items() if name})
    own = sorted(name for name, _ in sizes.most_common(NAMED))
    shown = [provider for provider in MailboxProvider.values if provider in seen and (provider != OTHER or not own)]
    found = [{email: at[provider] for email, at in placed.items() if provider in at} for provider in shown]
    found += [{email: at[name] for email, at in named.items() if name in at} for name in own]
    heads = [*(HEADS[provider] for provider in shown), *own]
    rest = {email: [counts for name, counts in at.items() if name not in own] for email, at in named.items()} if own else {}
    if others := {email: _sum(some) for email, some in rest.items() if some}:
        return [*found, others], [*heads, HEADS[OTHER]]
    return found, heads


def of_sent(counts: Counts) -> Rate:
    """Inboxing of all that was sent; of nothing where the vendor doesn't say how much that was, and as long as mails that came
    may be anywhere. `reports.exports.placement_tests` keeps the same rule."""
    known = counts.missing is not None and not counts.undecided
    return Rate(counts.inboxing.hits, sent(counts)) if known else NONE


def sent(counts: Counts) -> int:
    """Where that is known."""
    return counts.received + (counts.undecided or 0) + (counts.missing or 0)


def of_sent_cell(counts: Counts) -> Cell:
    return of_sent(counts).cell._replace(title=without_verdict(counts)) if counts.undecided else of_sent(counts).cell


def without_verdict(counts: Counts) -> str:
    """Why nothing of `of_sent` is told: 'not known: 3,150 have no verdict'."""
    return f"not known: {counts.undecided:,} {'has' if counts.undecided == 1 else 'have'} no verdict"


def number(missing: int | None) -> str:
    return UNMEASURED if missing is None else f"{missing:,}"


def _row(email: str, at: Mapping[str, Counts] | None, cells: Iterable[Counts | None], state: str) -> Row:
    whole = _sum((at or {}).values())
    return Row(email, "" if at else state, placed_cells(cells), whole.inboxing.cell, of_sent_cell(whole), number(whole.missing))


def _worst_first(whole: Counts, email: str) -> tuple[int, float, str]:
    return (0 if whole.received or whole.undecided or whole.missing else 1), whole.inboxing.value or 0.0, email


def _sum(parts: Iterable[Counts]) -> Counts:
    return sum(parts, Counts())
