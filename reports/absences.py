"""Why a client's page has no mail to show, or none of lately: its mail, its key, or nothing read so far."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from django.urls import reverse

from agency.models import Membership, Role
from clients import lacking
from clients.models import Client, Connection, Feed, Health
from reports.ages import short_day, silent_for
from reports.headlines import Banner
from reports.queries.freshness import Account
from reports.scope import Filters


class Unread(NamedTuple):
    """An account that brings nothing, as templates/parts/empty.html says it."""

    title: str
    text: str
    href: str
    action: str
    refused: bool


def unread(accounts: Sequence[Account], member: Membership, appears: str = "its placement appears") -> Unread | None:
    """None where every account has been read and can be: then no mail is no mail."""
    for account in sorted(accounts, key=lambda account: not account.refused):
        name = f"{account.label} ({account.vendor_label})"
        if account.refused:
            before = "Nothing has been read from it" if account.last_ok is None else "What came since then is not known"
            text = f"The key of {name} is refused. {before}: replace the key, and {appears} here."
            return Unread("The key is refused", text, *_way(account, member), refused=True)
        if not account.feeds_done:
            text = f"{appears[0].upper()}{appears[1:]} here once {name} has been read for the first time."
            return Unread("Nothing has been read yet", text, *_way(account, member), refused=False)
    return None


class First(NamedTuple):
    """Of a tab that shows one feed's rows, and has none."""

    unread: Unread | None
    reading: bool  # the first ones are on their way


def first(accounts: Sequence[Account], member: Membership, feed: str, what: str) -> First:
    """`what`: 'tests', as its rows are called. Nothing is promised of what a key or a plan does not let us read."""
    by_pk = {account.pk: account for account in accounts if account.health == Health.OK}
    rows = Feed.objects.filter(connection__in=by_pk, resource=feed).order_by("connection__label", "pk")
    told = list(rows.values_list("connection", "lacks", "last_ok_at"))
    found = unread(accounts, member, f"its {what} appear")
    reading = any(not lacks and last_ok is None for _, lacks, last_ok in told)
    if found is None and not reading:
        found = next((_refused(by_pk[pk], member, what, lacks) for pk, lacks, _ in told if lacks), None)
    return First(found, reading)


def cannot_be_read(client: Client, feed: str) -> str:
    """What the keys or plans of the client's accounts do not let us read of a feed, in words; empty where nothing."""
    serving = Connection.objects.serving(client).present().filter(health=Health.OK)
    return lacking.said(Feed.objects.filter(connection__in=serving.values("pk"), resource=feed).exclude(lacks=""))


def _refused(account: Account, member: Membership, what: str, lacks: str) -> Unread:
    text = f"{account.label} ({account.vendor_label}): {lacks} Inboxdeck asks again once a day."
    return Unread(f"The {what} can’t be read", text, *_way(account, member), refused=True)


def _way(account: Account, member: Membership) -> tuple[str, str]:
    """Viewers do not see connections."""
    return (reverse("connection", args=[account.uuid]), "To its connection") if member.may(Role.ANALYST) else ("", "")


def silence(days: Collection[date], today: date, accounts: Sequence[Account], asked: Filters) -> list[Banner]:
    """`days` with mail, whichever mailbox provider it reached. Said only of a client whose accounts were all just read."""
    narrowed = asked.domain or asked.tag or asked.vendor
    if not days or not accounts or narrowed or not all(account.is_current for account in accounts):
        return []
    last = max(days)
    words = silent_for(last, 0, today)
    text = f"{words.capitalize()}: the last reached the seeds on {short_day(last)}"
    if any(account.failing for account in accounts):
        said = f"{text}, as of the last complete sync."
    else:
        said = f"{text}. Its vendor accounts are read without trouble."
    return [Banner(said, "look", "mail-x")] if words else []
