"""What changed before the drop: the largest fall by mailbox provider, when it began, which domains carry it, in plain words.

Whether there was a fall is asked of windows fixed beforehand (the page's against the one before, the last seven days against
the seven before); only then the day it began is looked for. Looking for the best day first would find falls in noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from math import log
from typing import NamedTuple

from clients.models import ALL_PROVIDERS
from reports.ages import day_span, short_day
from reports.queries.marks import Mark
from reports.queries.placement import Days, Domain, Fall
from reports.scope import Window
from reports.stats import FEW, Counts, Rate, change


def total(days: Mapping[date, Counts], window: Window) -> Counts:
    return sum((counts for day, counts in days.items() if window.first <= day <= window.last), Counts())


def largest(days: Days, window: Window, only: str = "") -> Fall | None:
    """The mailbox provider whose inboxing fell most, and the day that parts before from after best."""
    falls = {}
    for provider, of_days in days.items():
        if provider != ALL_PROVIDERS and only in ("", provider) and (points := _fell(of_days, window)):
            falls[provider] = points
    span = Window(window.before.first, window.last)
    for provider in sorted(falls, key=lambda name: (falls[name], name)):
        begun = _began(days[provider], span)
        if begun and _is_sizeable(fall := Fall(provider, begun), days, span):
            return fall
    return None


def _is_sizeable(fall: Fall, days: Days, span: Window) -> bool:
    """A clear wobble of two points among good days is no story."""
    until, since = _sides(days[fall.mailbox_provider], fall, span)
    return change(since, until).dropped


def _fell(days: Mapping[date, Counts], window: Window) -> float:
    """In points, negative; 0 when the test says nothing."""
    week = Window.of(7, last=window.last)
    found = [change(total(days, now).inboxing, total(days, now.before).inboxing) for now in (window, week)]
    return min((moved.points or 0.0 for moved in found if moved.fell), default=0.0)


def _began(days: Mapping[date, Counts], span: Window) -> date | None:
    """Of all days that leave enough mails on both sides and a lower rate after, the likeliest."""
    ordered = sorted((day, counts.inboxing) for day, counts in days.items() if span.first <= day <= span.last)
    whole = _of([rate for _, rate in ordered])
    best, begun, hits, n = 0.0, None, 0, 0
    for (_, rate), (day, _) in pairwise(ordered):
        hits, n = hits + rate.hits, n + rate.n
        before, since = Rate(hits, n), Rate(whole.hits - hits, whole.n - n)
        if min(before.n, since.n) < FEW or (before.value or 0) <= (since.value or 0):
            continue
        gain = _likelihood(before) + _likelihood(since) - _likelihood(whole)
        if gain > best:
            best, begun = gain, day
    return begun


def _likelihood(rate: Rate) -> float:
    """The logarithm of it, at the rate itself."""
    hits, misses = rate.hits, rate.n - rate.hits
    return sum(k * log(k / rate.n) for k in (hits, misses) if k)


class Piece(NamedTuple):
    """Of a sentence. Names are set in bold by the template, so that no markup of ours meets text of a vendor."""

    text: str
    is_name: bool = False


def story(
    fall: Fall,
    days: Days,
    window: Window,
    domains: Iterable[Domain],
    happened: Iterable[Mark],
    labels: Mapping[str, str],
    bounces: Mapping[date, Rate],
    bounces_there: Mapping[date, Rate],
) -> list[Piece]:
    span = Window(window.before.first, window.last)
    until, since = _sides(days[fall.mailbox_provider], fall, span)
    return [
        Piece(labels[fall.mailbox_provider], is_name=True),
        Piece(f" fell from {_whole(until)} ({_days_until(fall, span)}) to {_whole(since)} from {short_day(fall.day)} on"),
        Piece(_others(fall, days, window, labels)),
        *(carried := _carried(fall, list(domains), labels[fall.mailbox_provider])),
        Piece(_bounces_there(fall, bounces_there, labels[fall.mailbox_provider]) or _bounces(fall, bounces)),
        Piece(_week_before(fall, happened, [piece.text for piece in carried if piece.is_name])),
    ]


def _sides(days: Mapping[date, Counts], fall: Fall, span: Window) -> tuple[Rate, Rate]:
    eve = fall.day - timedelta(days=1)
    return total(days, Window(span.first, eve)).inboxing, total(days, Window(fall.day, span.last)).inboxing


def _days_until(fall: Fall, span: Window) -> str:
    eve = fall.day - timedelta(days=1)
    return short_day(eve) if eve == span.first else day_span(span.first, eve)


def _others(fall: Fall, days: Days, window: Window, labels: Mapping[str, str]) -> str:
    """Many are looked at for a day found at another: each must fall clearly for so many, and as the page's windows have it."""
    span = Window(window.before.first, window.last)
    sides = {name: _sides(days[name], fall, span) for name in sorted(days) if name not in (ALL_PROVIDERS, fall.mailbox_provider)}
    sides = {name: (until, since) for name, (until, since) in sides.items() if until.n and since.n}
    moved = {name: change(since, until, among=len(sides)) for name, (until, since) in sides.items()}
    if fell := [labels[name] for name in moved if moved[name].dropped and _fell(days[name], window)]:
        return f"; {_and(fell)} fell too. "
    if any(moved[name].fell or _fell(days[name], window) for name in moved):
        return "; no other mailbox provider fell as clearly. "
    return "; the other mailbox providers did not fall. " if sides else ". "


def _carried(fall: Fall, domains: list[Domain], provider: str) -> list[Piece]:
    """Which domain's mail the fall is in, where one does clearly worse there than the others."""
    involved = [domain for domain in domains if domain.since_fall.received >= FEW]
    if len(involved) < 2:
        return [Piece(f"Its mail comes from {involved[0].name} alone.")] if involved and involved[0].name else []
    worst = max(involved, key=lambda domain: domain.since_fall.spam - _expected_spam(domain))
    others = sum((domain.since_fall for domain in domains if domain is not worst), Counts())
    if not change(worst.since_fall.inboxing, others.inboxing).fell:
        return [Piece("It is spread over its sending domains alike.")]
    share = Rate(worst.since_fall.received, worst.since_fall.received + others.received)
    landed = f"{_whole(worst.since_fall.inboxing)} of it reaches the inbox, {_whole(others.inboxing)} of the other domains'."
    return [
        Piece(worst.name or "Mail without a domain", is_name=True),
        Piece(f"{_begun(worst, fall)} carries {_whole(share)} of {provider}'s mail since then: {landed}"),
    ]


def _bounces_there(fall: Fall, bounces: Mapping[date, Rate], provider: str) -> str:
    """Of the mail sent to the mailbox provider that fell, where events tell it."""
    until, since = _bounced(fall, bounces)
    if not change(since, until).rose:
        return ""
    return (
        f" Placement fell and bounces rose at the same mailbox provider: of the mail sent to {provider}, "
        f"{until.text} bounced until then and {since.text} since."
    )


def _bounces(fall: Fall, bounces: Mapping[date, Rate]) -> str:
    """Of all mail sent: where it bounced is not told. The day comes from the placement, so none was looked for in these."""
    until, since = _bounced(fall, bounces)
    if not change(since, until).rose:
        return ""
    return f" Bounces rose with it, from {until.text} to {since.text} of the mail sent, at whichever mailbox provider."


def _bounced(fall: Fall, bounces: Mapping[date, Rate]) -> tuple[Rate, Rate]:
    """Until the day of the fall, and since. What bounces may have been sent before: a share over everything is none."""
    sides = [_of([rate for day, rate in bounces.items() if (day >= fall.day) is after]) for after in (False, True)]
    until, since = (rate if rate.hits <= rate.n else Rate(0, 0) for rate in sides)
    return until, since


def _of(rates: list[Rate]) -> Rate:
    return Rate(sum(rate.hits for rate in rates), sum(rate.n for rate in rates))


def _begun(domain: Domain, fall: Fall) -> str:
    fresh = not domain.until_fall.received or domain.first >= fall.day - timedelta(days=8)
    return f" began to send on {short_day(domain.first)}; it" if fresh else ""


def _week_before(fall: Fall, happened: Iterable[Mark], told: list[str]) -> str:
    near = [mark for mark in happened if fall.day - timedelta(days=7) <= mark.day <= fall.day]
    said = [f"{text} ({mark.when})" for mark in near for text in mark.texts if not text.startswith(tuple(told))]
    if not said:
        return "" if near else " Nothing is on record for the seven days before."
    return f" In the seven days before: {'; '.join(said)}."


def _expected_spam(domain: Domain) -> float:
    before = domain.until_fall
    return domain.since_fall.received * (before.spam / before.received) if before.received else 0.0


def _whole(rate: Rate) -> str:
    return f"{(rate.value or 0) * 100:.0f} %"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
