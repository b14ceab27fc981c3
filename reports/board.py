"""The Overview as a page shows it: clients worst first, every figure already words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from clients.ages import age
from clients.models import MailboxProvider
from reports.cells import first_cells, flag_cell, last_cells, provider_cells
from reports.charts import spark
from reports.disagreeing import gaps, mark
from reports.flags import flags
from reports.lines import SHORT
from reports.looks import NEEDED, Looks, Ranked, looks, worst_place
from reports.queries import overview as queries
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine, Detail
from reports.ranking import rank
from reports.reached import HEADS, NOBODY, Reached, reached
from reports.scope import Scope, Window

PAGE_SIZE = 50

#: In their order: the main ones always, the others where there is mail.
COLUMNS = (
    MailboxProvider.GMAIL,
    MailboxProvider.GOOGLE_WORKSPACE,
    MailboxProvider.YAHOO,
    MailboxProvider.HOTMAIL,
    MailboxProvider.OUTLOOK,
    MailboxProvider.MICROSOFT_365,
)
MORE_COLUMNS = (MailboxProvider.WEB_DE, MailboxProvider.LIBERO, MailboxProvider.OTHER)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    test_mail: bool
    url: str
    cells: SafeString


@dataclass(frozen=True, slots=True)
class Board:
    page: Page[Ranked]
    columns: list[str]
    outreach: Sequence[str]  # heads of what stands beside; none where no account tells of any
    rows: list[Row]
    senders: queries.Senders


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the tag and the manager leave, in order. `details`: of all of them where they stand on one page, else of none."""

    ranked: list[Ranked]
    details: dict[int, Detail]
    looks: Looks

    def shown(self, look: str) -> list[Ranked]:
        """What `?look=` leaves of them; an unknown word matches nothing."""
        if not look:
            return self.ranked
        return [row for row in self.ranked if row.client.pk in self.looks.clients] if look == NEEDED else []


def standing(scope: Scope, lines: Sequence[ClientLine], serving: Mapping[int, Sequence[Account]]) -> Standing:
    """In one query, or in another two: whose data are young is looked up, and the details are read of a page's length only."""
    ranked = rank(lines, queries.inboxing(scope), serving, scope.window.last, scope.filters.sort)
    details = queries.details(scope, [line.pk for line in lines]) if 0 < len(lines) <= PAGE_SIZE else {}
    return Standing(ranked, details, looks(ranked, details))


def board(
    scope: Scope,
    standing: Standing,
    serving: dict[int, list[Account]],
    accounts: Sequence[Account],
    number: str,
    now: datetime,
) -> Board:
    """The page `number` of the ranked clients, in two queries, and one for the details that `standing` has not read."""
    page = Paginator(standing.shown(scope.filters.look), PAGE_SIZE).get_page(number)
    shown = list(page.object_list)
    ids = [row.client.pk for row in shown]
    details, senders = standing.details or queries.details(scope, ids), queries.sender_counts(scope, ids)
    outreach = reached(ids, serving, accounts, scope.window)
    providers = _columns(details[pk] for pk in ids)
    dress = _Dresser(scope, providers, outreach, now)
    rows = [dress(row, details[row.client.pk], senders.of.get(row.client.pk, 0), serving.get(row.client.pk, [])) for row in shown]
    heads = HEADS if outreach else ()
    return Board(page, list(providers.values()), heads, rows, senders)


def serving(lines: Iterable[ClientLine], accounts: Iterable[Account]) -> dict[int, list[Account]]:
    """Client → those of `accounts` that serve it. One query."""
    by_pk = {account.pk: account for account in accounts}
    found = queries.connections_of([line.pk for line in lines])
    return {client: [by_pk[pk] for pk in pks if pk in by_pk] for client, pks in found.items()}


def _columns(details: Iterable[Detail]) -> dict[str, str]:
    seen = {provider for detail in details for provider in detail.providers}
    shown = (*COLUMNS, *(provider for provider in MORE_COLUMNS if provider in seen))
    return {str(provider): SHORT[provider] for provider in shown}


class _Dresser:
    def __init__(self, scope: Scope, providers: dict[str, str], outreach: dict[int, Reached], now: datetime) -> None:
        self.outreach = outreach
        self.trend = Window(queries.trend_start(scope), scope.window.last)
        self.providers, self.now = providers, now
        self.url = f"{reverse('client', args=['SLUG'])}?window={scope.window.days}"

    def __call__(self, row: Ranked, detail: Detail, senders: int, accounts: list[Account]) -> Row:
        url = self.url.replace("SLUG", row.client.slug)
        beside = self.outreach.get(row.client.pk, NOBODY)
        place = worst_place(detail, row.change.began)
        flagged = [*flags(row, detail, place, accounts, self.trend, url), *beside.flags(row.change, url)]
        cells = (
            first_cells(row.now, row.change, spark.drawn(detail.days, self.trend.first, self.trend.last)),
            provider_cells(self.providers, detail.providers, _marks(detail, url)),
            beside.cells if self.outreach else "",
            last_cells(senders, _age(accounts, self.now), is_late=any(map(_is_late, accounts))),
            flag_cell(flagged),
        )
        return Row(row.client.name, row.client.test_mail, url, mark_safe("".join(cells)))  # noqa: S308


def _marks(detail: Detail, url: str) -> dict[str, SafeString]:
    """Mailbox provider → that the client's vendors disagree there."""
    found = gaps(detail.vendors)
    return {name: mark(detail.vendors[name], pair, f"{url}#vendors-heading") for name, pair in found.items()}


def _is_late(account: Account) -> bool:
    return bool(account.late or account.refused or account.failing)


def _age(accounts: list[Account], now: datetime) -> str:
    if accounts and all(account.in_first_sync for account in accounts):
        return "first sync"
    oldest = min((account.last_ok for account in accounts if account.last_ok), default=None)
    return age(oldest, now) or "–"
