"""A client's placement by day, for what stands beside its outreach."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from clients.models import Client, ClientDay
from reports.queries.plain import Mails
from reports.scope import Window
from reports.stats import Rate


def landed(client: Client, window: Window) -> dict[tuple[str, date], Rate]:
    """(Mailbox provider or ALL_PROVIDERS, day) → inboxing. One query."""
    rows = ClientDay.objects.filter(client=client, day__range=(window.first, window.last)).order_by()
    sums = rows.values_list("mailbox_provider", "day").annotate(hits=Mails(F("primary") + F("promotions")), n=Mails("received"))
    return {(provider, day): Rate(hits, n) for provider, day, hits, n in sums if n}
