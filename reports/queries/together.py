"""What a client's outreach and its placement have in common: their days."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from clients.models import ActivityDay, Client, ClientDay, Grain
from reports.queries.outreach import Reach, summed
from reports.queries.plain import Mails
from reports.scope import Window
from reports.stats import Rate


def days_of_client(client: Client, window: Window) -> dict[date, Reach]:
    """Of all its senders: each of them counts its bounces. One query."""
    rows = ActivityDay.objects.by(Grain.SENDER).of_client(client)
    return dict(summed(rows.filter(day__range=(window.first, window.last)), "day"))


def landed(client: Client, window: Window) -> dict[tuple[str, date], Rate]:
    """(Mailbox provider or ALL_PROVIDERS, day) → inboxing. One query."""
    rows = ClientDay.objects.filter(client=client, day__range=(window.first, window.last)).order_by()
    sums = rows.values_list("mailbox_provider", "day").annotate(hits=Mails(F("primary") + F("promotions")), n=Mails("received"))
    return {(provider, day): Rate(hits, n) for provider, day, hits, n in sums if n}
