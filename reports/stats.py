"""Rates that say how sure they are: counts, Wilson intervals, bands, and what may be called a change."""

from __future__ import annotations

from datetime import date
from functools import cache
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

FEW = 20  # mails; below it a rate is greyed
GOOD, BAD = 0.80, 0.70
DROP = 5.0  # percentage points
_BANDS = ("bad", "look", "good")  # of rates of enough mails
Z = 1.959963984540054  # the standard normal's 97.5 % point

UNMEASURED = "–"


class Counts(NamedTuple):
    """Mails. `missing` is None where no vendor knows it: never zero, never spam. `undecided` came, and nobody has said where:
    in no other count."""

    received: int = 0
    primary: int = 0
    promotions: int = 0
    spam: int = 0
    missing: int | None = None
    undecided: int | None = None

    def __add__(self, other: Counts) -> Counts:  # type: ignore[override]  # tuples would be joined
        return Counts(
            self.received + other.received,
            self.primary + other.primary,
            self.promotions + other.promotions,
            self.spam + other.spam,
            _both(self.missing, other.missing),
            _both(self.undecided, other.undecided),
        )

    @property
    def inboxing(self) -> Rate:
        return Rate(self.primary + self.promotions, self.received)

    def share(self, outcome: str) -> Rate:
        """Of the mails received, those in `primary`, `promotions` or `spam`."""
        return Rate(getattr(self, outcome), self.received)


def _both(one: int | None, other: int | None) -> int | None:
    return one if other is None else other if one is None else one + other


class Cell(NamedTuple):
    """A rate as a page shows it. `band`: good, look, bad, few, none."""

    text: str
    sub: str
    band: str
    title: str


NO_CELL = Cell(UNMEASURED, "", "none", "not measured")


class Rate(NamedTuple):
    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        return wilson(self.hits, self.n) if self.n else None

    @property
    def band(self) -> str:
        """Of an inboxing rate, as it is printed: what reads 80.0 % is as good as 80 %."""
        if self.n < FEW:
            return "few" if self.n else "none"
        return _band(self.printed)

    @property
    def printed(self) -> float:
        """In percent, with the decimal that `text` has. `n` is at least 1."""
        return round(self.hits / self.n * 100, 1)

    @property
    def text(self) -> str:
        return percent(self.hits / self.n) if self.n else UNMEASURED

    @property
    def whole(self) -> str:
        """In whole percents; with a decimal where these would read as another band."""
        percents = self.hits / self.n * 100
        return f"{percents:.0f}" if _band(round(percents)) == _band(self.printed) else f"{percents:.1f}"

    @property
    def between(self) -> str:
        """'69.9–72.7 %'; 100 and 0 are written so only where the interval ends there."""
        if not self.n:
            return ""
        low, high = wilson(self.hits, self.n)
        return f"{_end(low)}–{_end(high)} %"

    @property
    def title(self) -> str:
        """What hovering tells: the rate, its n and its interval."""
        if not self.n:
            return "not measured"
        few = "few mails: " if self.n < FEW else ""
        return f"{few}{percent(self.hits / self.n)} of {mails(self.n)}, 95 % interval {self.between}"

    @property
    def cell(self) -> Cell:
        """With one decimal and its interval, as in a column of its own."""
        return Cell(self.text, self.between, self.band, self.title) if self.n else NO_CELL

    @property
    def small_cell(self) -> Cell:
        """Whole percents over n, as in a grid of mailbox providers."""
        return Cell(self.whole, f"{self.n:,}", self.band, self.title) if self.n else NO_CELL


def _band(percents: float) -> str:
    return "good" if percents >= GOOD * 100 else "look" if percents >= BAD * 100 else "bad"


def wilson(hits: int, n: int, z: float = Z) -> tuple[float, float]:
    """The Wilson score interval, at 95 % where `z` says nothing else; both ends within 0…1. `n` is at least 1."""
    share = hits / n
    spread = z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # At 0 and at n hits the end is exact; rounding must not leave the share outside.
    return (max(0.0, centre - half) if hits else 0.0), (min(1.0, centre + half) if hits < n else 1.0)


def difference(now: Rate, before: Rate, z: float = Z) -> tuple[float, float]:
    """Newcombe's 95 % interval of `now - before` (hybrid score, method 10): the two-proportion test of this house.

    Both n are at least 1. It is built from the two Wilson intervals that the page shows, and unlike the pooled z-test it
    keeps its level with few mails and near 0 and 100 %.
    """
    low1, high1 = wilson(*now, z)
    low2, high2 = wilson(*before, z)
    share1, share2 = now.hits / now.n, before.hits / before.n
    gap = share1 - share2
    below, above = sqrt((share1 - low1) ** 2 + (high2 - share2) ** 2), sqrt((high1 - share1) ** 2 + (share2 - low2) ** 2)
    return gap - below, gap + above


class Change(NamedTuple):
    """`points` in percentage points, the difference of the two rates as they are printed; None without mail on both sides.
    `clear`: the difference's interval leaves out zero.
    `began`: the data's first day, where that keeps the two from being compared."""

    points: float | None
    clear: bool
    now: Rate
    before: Rate
    began: date | None = None

    @property
    def fell(self) -> bool:
        return self.clear and self.points is not None and self.points < 0

    @property
    def dropped(self) -> bool:
        """A fall worth a story: of `DROP` points or more, or out of its band."""
        return self.fell and ((self.points or 0.0) <= -DROP or _BANDS.index(self.now.band) < _BANDS.index(self.before.band))

    @property
    def rose(self) -> bool:
        return self.clear and self.points is not None and self.points > 0

    @property
    def place(self) -> tuple[int, float] | None:
        """Where it stands among others: falls, what is not clear, rises; None where there is nothing to compare."""
        return None if self.points is None else (self.rose - self.fell, self.points)

    @property
    def text(self) -> str:
        if self.points is None:
            return UNMEASURED
        return f"{'▼' if self.points < 0 else '▲'} {abs(self.points):.1f} pp" if self.clear else "no clear change"

    @property
    def title(self) -> str:
        """What hovering tells; worked out where it is shown only."""
        if self.began:
            return f"nothing to compare: data begin on {self.began.day} {self.began:%b}, so the window before is not whole"
        if self.points is None:
            return "nothing to compare: no mail in one of the two windows"
        low, high = difference(self.now, self.before)
        interval = f"95 % interval {low * 100:+.1f} to {high * 100:+.1f}"
        return f"{self.before.text} of {self.before.n:,} before; difference {self.points:+.1f} pp, {interval}".replace("-", "−")

    @property
    def tone(self) -> str:
        """good, bad or muted."""
        return "bad" if self.fell else "good" if self.rose else "muted"


def change(now: Rate, before: Rate, among: int = 1, *, began: date | None = None) -> Change:
    """A change only when both windows hold enough mails, the test says so, and it shows in the printed decimals.

    `among`: how many such pairs are looked at together; each is asked for the more (Bonferroni), so that all of them
    together cry wolf no more often than one alone. `began`: `Window.began`; what is not whole is not compared with.
    """
    if began or not now.n or not before.n:
        return Change(None, False, now, before, began)
    # Whoever subtracts the two figures on the page finds this one.
    points = round(now.printed - before.printed, 1)
    clear = now.n >= FEW and before.n >= FEW and points != 0 and _leaves_out_zero(difference(now, before, _z(among)))
    return Change(points, clear, now, before)


@cache
def _z(among: int) -> float:
    return Z if among <= 1 else NormalDist().inv_cdf(1 - 0.025 / among)


def _leaves_out_zero(interval: tuple[float, float]) -> bool:
    low, high = interval
    return low > 0 or high < 0


def _end(share: float) -> str:
    return f"{share * 100:.0f}" if share in (0, 1) else f"{share * 100:.1f}"


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def mails(n: int) -> str:
    return "1 mail" if n == 1 else f"{n:,} mails"
