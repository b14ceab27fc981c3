"""Outreach beside placement where there is a row for each client: what was sent, what of it bounced, what was answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.safestring import SafeString

from clients.vendors import VENDORS
from reports.cells import reach_cells
from reports.exports.making import Row, inboxing
from reports.flags import Flag
from reports.queries.freshness import Account
from reports.queries.outreach import NOTHING, Reach
from reports.queries.outreach_board import Halves, new_to_outreach, of_clients
from reports.scope import Window
from reports.stats import NO_CELL, UNMEASURED, Cell, Change, Rate, change, wilson

HEADS = ("Sent", "Bounced", "Replied")
_CELLS = ("bounced", "bounced_of", "bounce_rate", "bounce_low", "bounce_high")
COLUMNS = ("sent", *_CELLS, *(name.replace("bounced", "replied").replace("bounce_", "reply_") for name in _CELLS))


@dataclass(frozen=True, slots=True)
class Reached:
    """Of one client. `told`: some vendor account of its tells what was sent; `unread`: but has not been read yet. `began`: the
    first day with mail whose bounces are known, where that keeps them from being compared."""

    now: Reach = NOTHING
    before: Reach = NOTHING
    told: bool = False
    unread: bool = False
    began: date | None = None

    @property
    def cells(self) -> SafeString:
        return reach_cells((self._sent, self._rate("bounced"), self._rate("replied")))

    @property
    def row(self) -> Row:
        """As CSV, by `COLUMNS`."""
        sent = (self.now["sent"] or 0) if self._known else ""
        return (sent, *self._numbers("bounced"), *self._numbers("replied"))

    @property
    def bounces(self) -> Change:
        return change(_of(self.now, "bounced"), _of(self.before, "bounced"), began=self.began)

    def flags(self, inboxing: Change, url: str) -> list[Flag]:
        """Where placement fell and bounces rose in the same days, both beyond chance. `url`: the client's page."""
        if not (inboxing.fell and self.bounces.rose):
            return []
        title = f"Bounces rose from {self.bounces.before.text} to {self.bounces.now.text} of the mail sent, while inboxing fell"
        return [Flag("bounces rose", "look", title, url)]

    @property
    def _known(self) -> bool:
        return self.now is not NOTHING or (self.told and not self.unread)

    @property
    def _sent(self) -> Cell:
        if not self._known:
            return NO_CELL._replace(title="not read yet") if self.unread else NO_CELL
        sent = self.now["sent"] or 0
        return Cell(f"{sent:,}", "", "none" if not sent else "", "mails sent in the window, by the client’s senders")

    def _rate(self, name: str) -> Cell:
        rate, hits = _of(self.now, name), self.now[name]
        if hits is None:
            return NO_CELL._replace(title="no mail sent") if self._known and not self.now["sent"] else NO_CELL
        if not rate.n:
            return Cell(f"{hits:,}" if hits else UNMEASURED, "", "none", f"{hits:,}, of mail sent before these days")
        said = f"{name}: {rate.hits:,} of {rate.n:,}; {rate.title}"
        if name == "bounced" and (moved := self.bounces).rose:
            return Cell(f"{rate.text} ▲", f"{rate.n:,}", "look", f"{said}; {moved.title}")
        return Cell(rate.text, f"{rate.n:,}", "few" if rate.band == "few" else "", said)

    def _numbers(self, name: str) -> Row:
        rate, hits = _of(self.now, name), self.now[name]
        if hits is None:
            return ("", "", "", "", "")
        ends = [f"{end:.4f}" for end in wilson(*rate)] if rate.n else ["", ""]
        return (hits, self.now.of.get(name) or 0, inboxing(rate), *ends)


NOBODY = Reached()
_NO_MAIL = Halves()


def reached(
    clients: Collection[int], serving: Mapping[int, Sequence[Account]], accounts: Iterable[Account], window: Window
) -> dict[int, Reached]:
    """Of each of `clients`, in one query; another where bounces rose, and their first days leave open whether those before are
    covered. Empty, and nothing is asked, where none of the `accounts` tells what was sent."""
    if not any(map(tells, accounts)):
        return {}
    sums, found = of_clients(clients, window), {}
    for client in clients:
        telling = [account for account in serving.get(client, ()) if tells(account)]
        unread = bool(telling) and all(account.in_first_sync for account in telling)
        now, before, _ = sums.get(client, _NO_MAIL)
        found[client] = Reached(now, before, told=bool(telling), unread=unread)
    start = window.before.first
    rose = [client for client, one in found.items() if one.bounces.rose and (sums[client].since or start) > start]
    return found | {client: replace(found[client], began=sums[client].since) for client in new_to_outreach(rose, window)}


def tells(account: Account) -> bool:
    return VENDORS[account.vendor].tells_days()


def _of(reach: Reach, name: str) -> Rate:
    """Who replies today may have been written to before: a share over everything is none."""
    hits, n = reach[name] or 0, reach.of.get(name) or 0
    return Rate(hits, n) if hits <= n else Rate(0, 0)
