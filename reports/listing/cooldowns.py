"""When an account was last shuffled and when it may be again, in words."""

from __future__ import annotations

import math
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from clients.models import Connection, SeedBook
from clients.shuffles import seedbook
from clients.shuffles.hindering import cooldown_until
from clients.shuffles.wording import moment
from reports.ages import short_day
from reports.stats import UNMEASURED


class Next(NamedTuple):
    """`tone` is good where it may be shuffled now. `under_way`: the shuffle that is at it."""

    last: str
    text: str
    title: str = ""
    tone: str = ""
    under_way: str = ""


def following(connection: Connection, book: SeedBook | None, under_way: UUID | None, now: datetime) -> Next:
    if not seedbook.can_shuffle(connection):
        return Next(UNMEASURED, UNMEASURED, "Its vendor offers no shuffles")
    last = _day(book.last_shuffle_at, now) if book and book.last_shuffle_at else UNMEASURED
    if under_way:
        return Next(last, "under way", under_way=str(under_way))
    if book is None or book.asked_at is None:
        return Next(last, "not known yet", book.trouble if book else "")
    until = cooldown_until(book)
    if until:
        return Next(last, _countdown(until, now), f"In cooldown until {moment(until)}")
    return Next(last, "now", f"Asked {moment(book.asked_at)}", "good")


def _countdown(until: datetime, now: datetime) -> str:
    days = math.ceil((until - now).total_seconds() / 86400)
    return f"in {days} day{'' if days == 1 else 's'}, {short_day(until.date())}"


def _day(then: datetime, now: datetime) -> str:
    return short_day(then.date()) if then.year == now.year else f"{short_day(then.date())} {then.year}"
