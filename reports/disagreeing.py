"""Where a client's vendors disagree by more than chance: one rule for every page, and the words and the mark that say so."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from clients.vendors import VENDORS
from reports.lines import LABELS
from reports.stats import FEW, Rate, change

#: Mailbox provider → vendor → inboxing there, in one window.
type Rates = Mapping[str, Mapping[str, Rate]]

#: Mailbox provider → the two vendors that differ most there, the lower first.
type Gaps = dict[str, tuple[str, str]]


def gaps(rates: Rates) -> Gaps:
    """Only of mailbox providers where two differ by more than chance. `rates`: all that a client has, whatever is shown of
    them: a filter must not make vendors agree or disagree."""
    pairs = [
        (provider, *sorted(pair, key=lambda vendor: of[vendor].value or 0.0))
        for provider, of in rates.items()
        for pair in combinations([vendor for vendor, rate in sorted(of.items()) if rate.n >= FEW], 2)
    ]
    found: dict[str, tuple[float, tuple[str, str]]] = {}
    for provider, low, high in pairs:
        # All of them are looked at together: so that the page as a whole does not cry wolf.
        gap = change(rates[provider][high], rates[provider][low], among=len(pairs))
        if gap.clear and (gap.points or 0.0) > found.get(provider, (0.0,))[0]:
            found[provider] = (gap.points or 0.0, (low, high))
    return {provider: pair for provider, (_, pair) in found.items()}


def sentence(provider: str, of: Mapping[str, Rate], pair: tuple[str, str]) -> str:
    low, high = (f"{_whole(of[vendor])}" for vendor in pair)
    where = LABELS.get(provider, provider)
    return f"At {where} {_whose(pair[0])} show {low}, {_whose(pair[1])} {high}: they differ by more than chance."


def plainly(provider: str, of: Mapping[str, Rate], pair: tuple[str, str]) -> str:
    """For a client."""
    (low, below), (high, above) = ((VENDORS[vendor].label, _whole(of[vendor])) for vendor in pair)
    return f"At {LABELS.get(provider, provider)} they do not agree: {low} saw {below} of the mail in the inbox, {high} {above}."


def mark(of: Mapping[str, Rate], pair: tuple[str, str], href: str = "#vendors-heading") -> SafeString:
    """A small sign for a head or a cell, with what it means; `href` leads to both vendors' figures."""
    said = f"{', '.join(f'{VENDORS[vendor].label} {_whole(of[vendor])}' for vendor in pair)}: they disagree"
    return format_html(
        '<a class="disagree" href="{}" title="{}"><span aria-hidden="true">≠</span><span class="visually-hidden">{}</span></a>',
        href, said, said,
    )  # fmt: skip


def _whose(vendor: str) -> str:
    """What a vendor's figures stand on: 'X's broadcasts', 'Y's tests'."""
    feeds = VENDORS[vendor].feeds
    return f"{VENDORS[vendor].label}'s {'broadcasts' if 'broadcasts' in feeds or 'tests' not in feeds else 'tests'}"


def _whole(rate: Rate) -> str:
    low, high = rate.interval or (0.0, 0.0)
    return f"{(rate.value or 0.0) * 100:.0f} % ({low * 100:.0f}–{high * 100:.0f})"
