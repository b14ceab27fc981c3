"""A shuffle that has happened, without a vendor: seeds that stayed, went and came, at each mailbox provider."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from clients.models import Connection, Seed, SeedBook, SeedSpell, Shuffle
from clients.shuffles import seedbook


def rotated(connection: Connection, seeds: Mapping[str, tuple[int, int, int]], *, ago: timedelta = timedelta(days=3)) -> Shuffle:
    """`seeds`: mailbox provider → how many stayed, went and came. The account has been watched for ten days."""
    then, begun = timezone.now() - ago, timezone.now() - timedelta(days=10)
    for provider, numbers in seeds.items():
        for kind, number in zip(("stayed", "went", "came"), numbers, strict=True):
            for index in range(number):
                _seed(connection, provider, f"{kind}{index}@{provider}.example", kind, begun, then)
    SeedBook.objects.update_or_create(connection=connection, defaults={"begun_at": begun, "read_at": timezone.now()})
    made = Shuffle.objects.create(
        connection=connection, state="done", method="in_place", percentage=50, actor="Mo", sent_at=then, happened_at=then,
        external_id=f"shf-{then:%H%M%S%f}", finished_at=then,
    )  # fmt: skip
    made.clients.set(seedbook.served(connection))
    return made


def _seed(connection: Connection, provider: str, email: str, kind: str, begun: datetime, then: datetime) -> None:
    later = then + timedelta(minutes=1)
    since = later if kind == "came" else begun - timedelta(days=1)
    status = "inactive" if kind == "went" else "active"
    seed = Seed.objects.create(connection=connection, email=email, mailbox_provider=provider, status=status, first_seen=since)
    SeedSpell.objects.create(connection=connection, seed=seed, since=since, until=later if kind == "went" else None)
