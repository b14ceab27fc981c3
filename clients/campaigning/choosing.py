"""Where a client's campaigns can be made, and from which of its senders."""

from __future__ import annotations

from django.db.models import QuerySet

from clients.changes.planning import barred_from
from clients.models import Client, Connection, Sender
from clients.vendors import VENDORS

MAKERS = [slug for slug, vendor in VENDORS.items() if "campaigning" in vendor.can]
SENDS = "active"


def accounts(client: Client) -> list[Connection]:
    found = Connection.objects.serving(client).present().filter(vendor__in=MAKERS).select_related("agency")
    return list(found.order_by("label", "pk").distinct())


def barred(connection: Connection, client: Client) -> str:
    """Why none can be made there; empty where one can."""
    return f"{client} is archived." if client.is_archived else barred_from(connection)


def senders(client: Client, connection: Connection) -> QuerySet[Sender]:
    """Those that send now: the vendor takes no others."""
    rows = Sender.objects.filter(client=client, connection=connection, gone_at=None, workspace="", status=SENDS)
    return rows.order_by("domain", "email")
