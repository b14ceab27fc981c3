"""Broadcasts as a page shows them: every figure already words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from clients.models import Broadcast, Client, MailboxProvider, Placement
from reports.listing.broadcasts import Account
from reports.listing.heads import Column
from reports.stats import UNMEASURED, Cell, Counts

OUTCOMES = ("primary", "promotions", "spam")

_ACCOUNT = Column("Account", title="The vendor account that it was read from")
_WHICH = [
    Column("Day", "day", best_first=True),
    Column("Subject"),
    Column("From"),
    Column("Domain"),
]
_LANDED = [
    Column("Received", "received", number=True, best_first=True),
    Column("Primary", number=True),
    Column("Promotions", number=True),
    Column("Spam", "spam", number=True, best_first=True),
    Column("Inboxing", "inboxing", number=True, title="Primary and promotions of all received, with the 95 % interval"),
]

#: An account by its key; empty unless there are several.
type Accounts = Mapping[int, Account]


def columns(accounts: Accounts) -> list[Column]:
    return [*_WHICH, *([_ACCOUNT] if accounts else []), *_LANDED]


def several(accounts: Accounts) -> Accounts:
    """With the vendor's name only where they are of several."""
    vendors = {account.vendor for account in accounts.values()}
    if len(accounts) < 2:
        return {}
    return accounts if len(vendors) > 1 else {key: account._replace(vendor="") for key, account in accounts.items()}


@dataclass(frozen=True, slots=True)
class Line:
    url: str
    day: str
    iso: str
    subject: str
    from_email: str
    domain: str
    received: str
    primary: str
    promotions: str
    spam: str
    inboxing: Cell
    account: str  # empty where all are of one
    vendor: str  # the same
    test: str  # address of the placement test that it was worked out from


def lines(client: Client, rows: Iterable[Broadcast], accounts: Accounts) -> list[Line]:
    """`rows` carry the counts of `reports.listing.broadcasts` and the uuid of their test."""
    base, tests = _base("broadcast", client), _base("test", client)
    return [_line(base, tests, row, accounts.get(row.connection_id, _NO_ACCOUNT)) for row in rows]


def _base(name: str, client: Client) -> str:
    """The address up to the uuid."""
    return reverse(name, args=[client.slug, UUID(int=0)]).removesuffix(f"{UUID(int=0)}/")


_NO_ACCOUNT = Account("", "")


def _line(base: str, tests: str, row: Broadcast, account: Account) -> Line:
    counts = counted(row)
    test = row.test_uuid  # type: ignore[attr-defined]
    return Line(
        f"{base}{row.uuid}/",
        f"{row.day:%-d %b %Y}",
        row.day.isoformat(),
        row.subject or "(no subject)",
        row.from_email or UNMEASURED,
        row.domain or UNMEASURED,
        f"{counts.received:,}",
        f"{counts.primary:,}",
        f"{counts.promotions:,}",
        f"{counts.spam:,}",
        counts.inboxing.cell,
        *account,
        f"{tests}{test}/" if test else "",
    )


def counted(row: Broadcast) -> Counts:
    return Counts(row.n, row.n_primary, row.n_promotions, row.n_spam, row.n_missing)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class SplitLine:
    """One mailbox provider's part of a broadcast."""

    name: str
    n: str
    inboxing: Cell
    interval: str
    primary: str
    promotions: str
    spam: str
    missing: str


def split_lines(placements: Iterable[Placement]) -> list[SplitLine]:
    return [split_line(MailboxProvider(row.mailbox_provider).label, counts_of(row)) for row in in_order(placements)]


def in_order(placements: Iterable[Placement]) -> list[Placement]:
    order = list(MailboxProvider.values)
    return sorted(placements, key=lambda row: order.index(row.mailbox_provider))


def counts_of(row: Broadcast | Placement) -> Counts:
    return Counts(row.received, row.primary, row.promotions, row.spam, row.missing)


def split_line(name: str, counts: Counts) -> SplitLine:
    return SplitLine(
        name,
        f"{counts.received:,}",
        counts.inboxing.cell._replace(sub=""),
        counts.inboxing.between or UNMEASURED,
        _count_and_share(counts, "primary"),
        _count_and_share(counts, "promotions"),
        _count_and_share(counts, "spam"),
        UNMEASURED if counts.missing is None else f"{counts.missing:,}",
    )


def _count_and_share(counts: Counts, outcome: str) -> str:
    return f"{getattr(counts, outcome):,} · {counts.share(outcome).text}" if counts.received else UNMEASURED


def doubt(broadcast: Broadcast, placements: Iterable[Placement]) -> str:
    """What the reader must know about the split; empty when it is there and sums to the totals."""
    parts = [counts_of(row) for row in placements]
    if not parts:
        return "Not measured yet: the vendor has given this broadcast's totals, and not yet where it landed by mailbox provider."
    both = []
    total = counts_of(broadcast)
    summed = sum(parts, Counts())
    for outcome in ("received", "primary", "promotions", "spam"):
        said, found = getattr(total, outcome), getattr(summed, outcome)
        if said != found:
            both.append(f"{outcome} {said:,} against {found:,}")
    if both:
        return f"The totals and the split disagree: {', '.join(both)}. Both are kept as the vendor gave them."
    return "Its counts have changed since the split was read; the next sync reads it again." if broadcast.split_stale else ""


def facts(total: Counts) -> list[dict[str, str]]:
    inboxing = total.inboxing
    return [
        {
            "value": inboxing.text,
            "label": "inboxing",
            "note": inboxing.between,
            "band": "bad" if inboxing.band == "bad" else "",
            "title": inboxing.title,
        },
        *({"value": total.share(name).text, "label": name, "note": f"{getattr(total, name):,}"} for name in OUTCOMES),
        {"value": f"{total.received:,}", "label": "mails received", "note": _missing(total)},
    ]


def _missing(total: Counts) -> str:
    return "" if total.missing is None else f"{total.missing:,} missing"
