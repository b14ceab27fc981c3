"""The Overview as its reader gets it, and what stands on it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from agency.models import User
from clients.models import Client, Connection, Feed
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.reports.reading import as_user, text
from tests.reports.table import Line, lines


def overview(user: User, query: str = "") -> str:
    return text(as_user(user).get(f"/{query}"))


def account(cast: Cast, client: Client, label: str = "", *, synced: bool = True) -> Connection:
    connection = connect(cast.north, key=f"{client.slug}-{label}" * 8, label=label or f"{client.name} account", client=client)
    if synced:
        # Due again in a while: a feed that is overdue costs the page a question more, which a slow machine would ask.
        read = {"last_ok_at": timezone.now() - timedelta(minutes=12), "next_at": timezone.now() + timedelta(minutes=3)}
        Feed.objects.filter(connection=connection).update(**read)
    return connection


def landed(connection: Connection, client: Client, days: int, inbox: int, spam: int, provider: str = "gmail") -> None:
    mail(connection, client, days_ago(days), {provider: (inbox, 0, spam)})


def row(page: str, name: str) -> Line:
    (found,) = [line for line in lines(page) if line.name == name]
    return found


def measured_twice(cast: Cast, client: Client) -> None:
    """Outlook at 41 % with one vendor and at 72 % with the other, Gmail alike."""
    for vendor, outlook in (("inboxally", (410, 0, 590)), ("instantly", (144, 0, 56))):
        made = connect(cast.north, key=f"{vendor} {client.slug}" * 2, label=vendor, client=client, vendor=vendor)
        mail(made, client, days_ago(1), {"outlook": outlook, "gmail": (90, 0, 10)})
        roll_up(made)
