"""Planning, confirming and running shuffles, and what the vendor saw of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from clients import sync
from clients.models import Connection, Seed, Shuffle
from clients.shuffles import asking, seedbook, working
from clients.vendors.shuffles import IN_PLACE, Order
from sandbox.log import Asked
from sandbox.server import Sandbox

#: The product's clock is the machine's, so the vendor's data end on the same day.
TODAY = datetime.now(UTC).date()
ACCOUNT = "northwind"  # 240 seeds
HALF = Order(IN_PLACE, percentage=50)


def read_seeds(connection: Connection) -> None:
    """A complete pass, and the book with it."""
    run = sync.run(connection.feeds.get(resource="seeds").pk)
    assert run is not None
    assert run.state == "ok", run.outcome
    seedbook.keep(connection)


def confirmed(connection: Connection, order: Order = HALF) -> Shuffle:
    made = asking.plan(connection, order, None)
    asking.confirm(made, None)
    return made


def go_on(shuffle: Shuffle) -> Shuffle:
    """What the next worker makes of it, however soon."""
    Shuffle.objects.filter(pk=shuffle.pk).update(next_at=timezone.now())
    working.run(shuffle.pk)
    shuffle.refresh_from_db()
    return shuffle


def to_its_end(shuffle: Shuffle) -> Shuffle:
    """With the sync that it asks for on the way."""
    go_on(shuffle)
    if shuffle.state == "reading":
        read_seeds(shuffle.connection)
        go_on(shuffle)
    return shuffle


def died(shuffle: Shuffle) -> None:
    """As if the lease of the worker that died had ended."""
    Shuffle.objects.filter(pk=shuffle.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def sent(box: Sandbox) -> list[Asked]:
    return box.requests.to("/v3/seeds/shuffle", "POST")


def addresses(connection: Connection) -> set[str]:
    return set(seedbook.in_use(connection).values_list("email", flat=True))


def at_the_vendor(box: Sandbox, account: str = ACCOUNT) -> set[str]:
    return {seed.email for seed in box.world.account(account).active_seeds()}


def everything(connection: Connection) -> int:
    return Seed.objects.filter(connection=connection).count()


def by_hand(account: Connection, order: Order = HALF) -> None:
    """Somebody shuffles in the vendor's own app."""
    with seedbook.open_vendor(account) as vendor:
        vendor.shuffle(order)
