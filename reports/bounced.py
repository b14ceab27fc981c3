"""Where mail bounced: by the recipients' mailbox provider, beside where mail landed there. Only events of single mails say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from clients.models import Client
from clients.vendors import VENDORS
from reports.ages import short_day
from reports.falls import total
from reports.lines import LABELS, Points
from reports.outreach import summed
from reports.queries import event_days
from reports.queries.event_days import Told
from reports.queries.freshness import Account
from reports.queries.outreach import Reach
from reports.queries.placement import Days
from reports.scope import Scope, Window
from reports.stats import Cell, Change, Counts, Rate, change
from reports.together import Together, beneath, bounces


@dataclass(frozen=True, slots=True)
class BouncedLine:
    """At one mailbox provider, in the window and against the one before. `both`: placement fell there and bounces rose."""

    slug: str
    name: str
    counts: list[str]
    cell: Cell
    bounced: Change
    inboxing: Change

    @property
    def tone(self) -> str:
        """More of them is worse."""
        return "bad" if self.bounced.rose else "good" if self.bounced.fell else "muted"

    @property
    def both(self) -> bool:
        return self.bounced.rose and self.inboxing.fell


@dataclass(frozen=True, slots=True)
class Bounced:
    lines: list[BouncedLine]
    heads: list[str]
    since: str
    began: str  # the day since which all the accounts tell, where that keeps the two windows from being compared
    beside: int
    rated: bool  # it is told what was sent; else there are counts alone


def told(client: Client, scope: Scope, accounts: Sequence[Account]) -> Told | None:
    """Of one domain's or one tag's mail nothing is known. One query, none where no account's events name recipients."""
    if scope.filters.domain or scope.filters.tag or not any(VENDORS[one.vendor].tells_recipients for one in accounts):
        return None
    return event_days.told(client, scope.window)


def by_provider(found: Told | None, days: Days, window: Window) -> Bounced | None:
    """None where nothing was told of in the window."""
    if found is None:
        return None
    sums = {name: _sides(of, window) for name, of in found.days.items()}
    shown = [name for name in LABELS if name in sums and sums[name][0].counts]
    if not shown:
        return None
    names = [name for name in _HEADS if any(sums[one][0][name] is not None for one in shown)]
    lines = [_line(one, sums[one], found.began, names, _landed(days.get(one, {}), window)) for one in shown]
    rated = any(line.bounced.now.n for line in lines)
    began = short_day(found.began) if found.began else ""
    return Bounced(lines, [_HEADS[name] for name in names], short_day(found.since), began, found.beside, rated)


def beneath_at(found: Told | None, provider: str, points: Points, window: Window) -> Together | None:
    """What stands under the trend of one mailbox provider: the mail to it. None where nothing is told of that."""
    return beneath(points, found.days.get(provider, {}), window) if found and provider else None


def at(found: Told | None, provider: str) -> dict[date, Rate]:
    """To be compared: empty where events do not cover the days before."""
    return bounces(found.days.get(provider, {})) if found and not found.began else {}


_HEADS = {"sent": "Sent", "delivered": "Delivered", "bounced_hard": "Hard", "bounced_soft": "Soft"}


def _line(slug: str, sums: tuple[Reach, Reach], began: date | None, names: Sequence[str], landed: Change) -> BouncedLine:
    now, before = sums
    moved = change(_rate(now), _rate(before), began=began)
    return BouncedLine(slug, LABELS[slug], [now.text(name) for name in names], now.cell("bounced"), moved, landed)


def _sides(days: Mapping[date, Reach], window: Window) -> tuple[Reach, Reach]:
    return summed(days, window), summed(days, window.before)


def _landed(days: Mapping[date, Counts], window: Window) -> Change:
    return change(total(days, window).inboxing, total(days, window.before).inboxing, began=window.began)


def _rate(reach: Reach) -> Rate:
    """Mail that bounces today may have been sent last week: a share over everything is none."""
    hits, n = reach["bounced"] or 0, reach.of.get("bounced") or 0
    return Rate(hits, n) if hits <= n else Rate(0, 0)
