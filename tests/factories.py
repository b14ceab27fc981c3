"""Fill-ins around the cast: clients, senders, and mail that landed where the test says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import factory
from django.db.models import QuerySet
from django.utils import timezone

from agency.models import AuditEntry
from clients import rollups
from clients.models import Broadcast, Client, Connection, Placement, Sender, SenderTag

_numbers = count(1)


class ClientFactory(factory.django.DjangoModelFactory[Client]):
    class Meta:
        model = Client

    name = factory.Sequence(lambda n: f"Client {n}")
    slug = factory.Sequence(lambda n: f"client-{n}")


class SenderFactory(factory.django.DjangoModelFactory[Sender]):
    class Meta:
        model = Sender
        skip_postgeneration_save = True

    external_id = factory.Sequence(lambda n: f"sender-{n}")
    email = factory.Sequence(lambda n: f"news{n}@acme.example")
    domain = factory.LazyAttribute(lambda sender: sender.email.partition("@")[2])

    @factory.post_generation
    def tagged(self, create: bool, names: Any, **_: Any) -> None:
        SenderTag.objects.bulk_create(SenderTag(sender=self, name=name) for name in names or ())


def days_ago(days: int) -> date:
    return timezone.now().date() - timedelta(days=days)


def mail(
    connection: Connection,
    client: Client | None,
    day: date,
    landed: Mapping[str, tuple[int, int, int]],
    *,
    domain: str = "acme.example",
    **fields: Any,
) -> Broadcast:
    """One broadcast: mailbox provider → (primary, promotions, spam). Its totals are their sums; `roll_up` shows it on pages."""
    primary, promotions, spam = (sum(counts[at] for counts in landed.values()) for at in range(3))
    broadcast = Broadcast.objects.create(
        connection=connection,
        client=client,
        external_id=f"broadcast-{next(_numbers)}",
        day=day,
        domain=domain,
        from_email=fields.pop("from_email", f"news@{domain}"),
        received=primary + promotions + spam,
        primary=primary,
        promotions=promotions,
        spam=spam,
        **fields,
    )
    Placement.objects.bulk_create(
        Placement(
            broadcast=broadcast,
            mailbox_provider=provider,
            received=sum(counts),
            primary=counts[0],
            promotions=counts[1],
            spam=counts[2],
        )
        for provider, counts in landed.items()
    )
    return broadcast


def roll_up(*connections: Connection) -> None:
    for connection in connections:
        rollups.rebuild(connection)


def written(entries: QuerySet[AuditEntry], at: datetime) -> None:
    """As if these had been written then: the log itself lets nobody edit them."""
    AuditEntry._base_manager.filter(pk__in=entries.values("pk")).update(at=at)
