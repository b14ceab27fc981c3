"""A sender's placement at each mailbox provider, and in one word how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from clients.models import ALL_PROVIDERS, Client, Sender
from reports.lines import LABELS, Line, line
from reports.queries import sender_placement as queries
from reports.queries.sender_placement import InTests
from reports.scope import Window
from reports.stats import FEW, GOOD, Counts, mails, percent


@dataclass(frozen=True, slots=True)
class Standing:
    """`word`: healthy, problem, few mails, no verdict, silent, untested, no mail. Nothing of the last four is a rate."""

    word: str
    tone: str
    why: str


@dataclass(frozen=True, slots=True)
class Placed:
    standing: Standing
    lines: list[Line]  # of each mailbox provider, and of all where there are several


def placed(sender: Sender, client: Client, window: Window) -> Placed | None:
    """At most three queries; None where the vendor does not tell where mail lands."""
    feeds = {*sender.connection.vendor_class.feeds}
    if not feeds & {"broadcasts", "tests"}:
        return None
    at = queries.placed(sender, client, window)
    whole = at.pop(ALL_PROVIDERS)
    tested = queries.in_tests(sender, client, window) if "tests" in feeds and not whole.received else None
    shown = [line(LABELS[provider], at[provider]) for provider in LABELS if provider in at]
    return Placed(standing(whole, tested), [*shown, *([line("All", whole)] if len(shown) != 1 and shown else [])])


def standing(whole: Counts, tested: InTests | None) -> Standing:
    """`tested` is None where the vendor has no tests, and of no matter where something was received."""
    rate = whole.inboxing
    if rate.n >= FEW:
        bar = f"{rate.title}; the bar is {GOOD * 100:.0f} %"
        return Standing("healthy", "good", bar) if rate.hits >= GOOD * rate.n else Standing("problem", "bad", bar)
    if rate.n:
        return Standing("few mails", "", f"{percent(rate.hits / rate.n)} of {mails(rate.n)}: too few to judge by")
    if whole.undecided:
        return Standing("no verdict", "", f"{mails(whole.undecided).capitalize()} arrived, and where is not told yet")
    if whole.missing:
        return Standing("problem", "bad", f"Not one of {mails(whole.missing)} sent was found in any folder")
    if tested is None:
        return Standing("no mail", "", "None of its mail reached the seeds in these days")
    if tested.over:
        return Standing("silent", "look", "In a test of these days, and no mail of it is known: neither 0 % nor 100 %")
    why = "The tests it is in have brought nothing yet" if tested.number else "In no test of these days"
    return Standing("untested", "", why)
