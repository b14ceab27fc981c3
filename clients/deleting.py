"""A client's row deleted from a shell: its broadcasts are nobody's from then on, and the sums say so in the same transaction.

No page deletes a client; they are archived.
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, pre_delete
from django.dispatch import receiver

from clients import rollups
from clients.models import Client, Connection, PlacementDay


@receiver(pre_delete, sender=Client)
def remember_its_connections(instance: Client, origin: Any, **_: Any) -> None:
    # With an agency go its connections as well: there is nothing left to sum.
    alone = isinstance(origin, Client) or getattr(origin, "model", None) is Client
    rows = PlacementDay.objects.filter(client=instance) if alone else PlacementDay.objects.none()
    instance._connections = list(rows.values_list("connection_id", flat=True).distinct())  # type: ignore[attr-defined]


@receiver(post_delete, sender=Client)
def sum_again(instance: Client, **_: Any) -> None:
    for connection in Connection.objects.filter(pk__in=instance._connections).order_by("pk"):  # type: ignore[attr-defined]
        rollups.rebuild(connection)
