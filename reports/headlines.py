"""The Overview's strip of facts and its banners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from agency.models import Membership, Role
from clients.ages import ago
from reports.ages import SILENT_DAYS
from reports.flags import why_failing
from reports.looks import NEEDED, Looks, Ranked
from reports.queries.freshness import Account, FeedAtWork, Outage, outages
from reports.queries.overview import Senders
from reports.scope import Scope
from reports.stats import Rate, change


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the strip, as templates/parts/facts.html draws it."""

    value: str
    label: str
    band: str = ""
    delta: str = ""
    delta_band: str = ""
    note: str = ""
    href: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    text: str
    kind: str = ""
    icon: str = ""
    href: str = ""
    action: str = ""


def facts(
    scope: Scope, ranked: Sequence[Ranked], looks: Looks, accounts: Sequence[Account], *, filtered: bool = False
) -> list[Fact]:
    """Of the clients that a tag and a manager leave and the accounts that serve them; `filtered` where those are not all."""
    # Who may not see what is nobody's may not see every client either.
    whose = "these" if filtered else "all" if scope.sees_unassigned else "your"
    label = f"inboxing, {whose} clients"
    is_part = any(account.in_first_sync for account in accounts)
    inboxing = _so_far(ranked, label) if is_part else _inboxing(ranked, label)
    return [inboxing, _needing_a_look(looks, scope), _late(accounts), _refused(accounts)]


def _so_far(ranked: Sequence[Ranked], label: str) -> Fact:
    """Without a verdict: a first sync has brought a part of the mail only."""
    now = _sum(row.now for row in ranked)
    return Fact(now.text, label, "", "so far", "muted", title=f"{now.title}; a first sync is still under way")


def _inboxing(ranked: Sequence[Ranked], label: str) -> Fact:
    now = _sum(row.now for row in ranked)
    covered = [row for row in ranked if not row.change.began]
    moved = change(_sum(row.now for row in covered), _sum(row.before for row in covered))
    fresh = len(ranked) - len(covered)
    begin = "whose data begin since the window before did"
    compared = f"{moved.title}; compared without {fresh} {begin}" if fresh else moved.title
    if fresh and moved.points is None:
        compared = f"nothing to compare: without {fresh} {begin}, there is no mail in one of the two windows"
    band = "bad" if now.band == "bad" else ""
    return Fact(
        now.text,
        label,
        band,
        "" if moved.points is None else moved.text,
        moved.tone,
        title=f"{now.title}; {compared}",
    )


def _sum(rates: Iterable[Rate]) -> Rate:
    rates = list(rates)
    return Rate(sum(rate.hits for rate in rates), sum(rate.n for rate in rates))


def _needing_a_look(looks: Looks, scope: Scope) -> Fact:
    """Leads to those that it counts."""
    number = len(looks.clients)
    said = [f"{many} {words}" for words, many in looks.why.items() if many]
    if not looks.places_known:
        said.append("one mailbox provider not counted")
    label = "client needs a look" if number == 1 else "clients need a look"
    title = (
        f"Below 70 % inboxing, a clear fall, {SILENT_DAYS} days or more of silence though its accounts are read, a refused key"
    )
    place = ", or a fall or less than 70 % at one mailbox provider" if looks.places_known else ""
    href = f"{reverse('overview')}?{scope.narrowed(look=NEEDED).querystring()}" if number else ""
    return Fact(f"{number}", label, note=" · ".join(said), href=href, title=f"{title}{place}")


def _late(accounts: Sequence[Account]) -> Fact:
    """Feeds that are late, and those that fail before they are: one that never succeeded has its first hours to be late."""
    behind = [account for account in accounts if account.late or account.failing_in_time]
    late, failing = (sum(getattr(account, name) for account in behind) for name in ("late", "failing_in_time"))
    words = "late or failing" if late and failing else "failing" if failing else "late"
    label = f"feed {words}" if late + failing == 1 else f"feeds {words}"
    href = _to_feeds(behind, "" if late and failing else words)
    return Fact(f"{late + failing}", label, "look" if behind else "", note=_named(behind), href=href)


def _refused(accounts: Sequence[Account]) -> Fact:
    refused = [account for account in accounts if account.refused]
    label = "key refused" if len(refused) == 1 else "keys refused"
    return Fact(f"{len(refused)}", label, "bad" if refused else "", note=_named(refused), href=_to(refused))


def _named(accounts: Sequence[Account], at_most: int = 2) -> str:
    names = [f"{account.label} · {account.vendor_label}" for account in accounts[:at_most]]
    more = len(accounts) - at_most
    return ", ".join([*names, f"{more} more"] if more > 0 else names)


def _to(accounts: Sequence[Account]) -> str:
    if not accounts:
        return ""
    return reverse("connection", args=[accounts[0].uuid]) if len(accounts) == 1 else f"{reverse('connections')}?health=refused"


def _to_feeds(accounts: Sequence[Account], status: str) -> str:
    """`status`: what all of them are; '' where they differ."""
    return reverse("feeds") + (f"?status={status}" if status else "") if len(accounts) > 1 else _to(accounts)


def banners(
    member: Membership, accounts: Sequence[Account], feeds: Sequence[FeedAtWork], senders: Senders, now: datetime
) -> list[Banner]:
    found = [_down(outage, now) for outage in outages(accounts, feeds)]
    if senders.unclaimed or senders.twice:
        does = "Assign" if senders.unclaimed else "Settle it"
        way = does if member.may(Role.MANAGER) else "See which"
        found.append(Banner(_nobodys(senders), "", "circle-question-mark", reverse("unassigned"), way))
    return found


def _nobodys(senders: Senders) -> str:
    number = senders.unclaimed + senders.twice
    words = "1 sender belongs" if number == 1 else f"{number:,} senders belong"
    if senders.unclaimed and senders.twice:
        is_twice = f"{senders.twice:,} {'is' if senders.twice == 1 else 'are'}"
        return f"{words} to no client yet: {is_twice} claimed for two clients, {senders.unclaimed:,} by no scope of an account."
    it, is_claimed = ("it", "it is") if number == 1 else ("them", "they are")
    why = f"{is_claimed} claimed for two clients" if senders.twice else f"no scope of an account claims {it}"
    return f"{words} to no client yet: {why}."


def _down(outage: Outage, now: datetime) -> Banner:
    which = "its account fails" if outage.of == 1 else f"{outage.failing} of its {outage.of} accounts fail"
    said = f" {outage.outcome}" if outage.outcome else ""
    since = _since(outage.last_ok, now)
    text = f"{outage.vendor} brings nothing new: {which} to sync{since}.{said} What was read before is still shown."
    return Banner(text, "look", "cloud-off")


def client_banners(accounts: Sequence[Account], now: datetime) -> list[Banner]:
    """What keeps one client's figures from being current."""
    found = []
    for account in accounts:
        name, href = f"{account.vendor_label}, {account.label}", reverse("connection", args=[account.uuid])
        if account.refused:
            text = f"{name}: the key was refused {ago(account.since, now)}. {account.reason}"
            found.append(Banner(text, "bad", "key-round", href, "Look at it"))
        elif account.paused:
            text = f"{name} is paused since {account.since:%-d %b %Y, %H:%M} UTC: nothing new is read. {account.reason}".strip()
            found.append(Banner(text, "look", "circle-pause", href, "Look at it"))
        elif account.late and account.feeds_done:
            why = f"{why_failing(account)} " if account.failing else ""
            text = f"{name} is late{_since(account.last_ok, now)}. {why}What was read before is shown."
            found.append(Banner(text, "look", "clock", href, "Look at it"))
        elif account.failing:
            text = f"{name}: a sync failed{_since(account.last_ok, now)}. {why_failing(account)}"
            found.append(Banner(text, "look", "cloud-off", href, "Look at it"))
        if account.lacking and not (account.refused or account.paused):
            text = f"{name}: part of it can’t be read with its key or its plan. What can be is shown."
            found.append(Banner(text, "look", "cloud-off", href, "Why"))
    return found


def _since(last_ok: datetime | None, now: datetime) -> str:
    return f", last good answer {ago(last_ok, now)}" if last_ok else ""


def updated(accounts: Sequence[Account], now: datetime) -> str:
    """Of the account read last; each row says its own."""
    newest = max((account.last_ok for account in accounts if account.last_ok), default=None)
    return f"Updated {ago(newest, now)}" if newest else ""
