"""The Overview as its reader gets it, and what stands on it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from agency.models import User
from clients.models import Client, Connection, Feed
from tests.cast import Cast, connect
from tests.factories import days_ago, mail
from tests.reports.reading import as_user, text
from tests.reports.table import Line, lines


def overview(user: User, query: str = "") -> str:
    return text(as_user(user).get(f"/{query}"))


def account(cast: Cast, client: Client, label: str = "", *, synced: bool = True) -> Connection:
    connection = connect(cast.north, key=f"{client.slug}-{label}" * 8, label=label or f"{client.name} account", client=client)
    if synced:
        Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now() - timedelta(minutes=12))
    return connection


def landed(connection: Connection, client: Client, days: int, inbox: int, spam: int, provider: str = "gmail") -> None:
    mail(connection, client, days_ago(days), {provider: (inbox, 0, spam)})


def row(page: str, name: str) -> Line:
    (found,) = [line for line in lines(page) if line.name == name]
    return found
