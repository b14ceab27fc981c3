"""What is known of an account beside its rows of now: which seeds were in use when, and when it may be shuffled.

A seed is in use while the vendor lists it as active. `keep` holds the rows against the spells after each pass of seeds;
`ask` brings home what the vendor says about shuffles, those made elsewhere among it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from agency.secrets import Unreadable
from clients.calling import open_vendor
from clients.models import (
    Client,
    Connection,
    Feed,
    Health,
    Origin,
    Seed,
    SeedBook,
    SeedSpell,
    Shuffle,
    ShuffleState,
)
from clients.vendors import VENDORS
from clients.vendors.errors import Busy, VendorError
from clients.vendors.shuffles import COMPLETED, Cooldown, ShuffleRecord

#: The vendor's words for 'in use'; one that gives no word for it lists nothing else.
IN_USE = ("active", "")
ASKED_EVERY = timedelta(hours=6)
ASKED_AGAIN = timedelta(hours=1)  # after trouble
#: Whose asking was cut off is asked again by then.
AT_IT = timedelta(minutes=10)

SHUFFLERS = [slug for slug, vendor in VENDORS.items() if "shuffle" in vendor.can]


def can_shuffle(connection: Connection) -> bool:
    return "shuffle" in connection.vendor_class.can


def may_be_asked(connection: Connection) -> bool:
    return connection.health == Health.OK and connection.removed_at is None


def book_of(connection: Connection) -> SeedBook:
    """An unsaved, empty one where there is none yet."""
    return SeedBook.objects.filter(connection=connection).first() or SeedBook(connection=connection)


def in_use(connection: Connection) -> QuerySet[Seed]:
    return Seed.objects.filter(connection=connection, gone_at=None, status__in=IN_USE)


def mix(connection: Connection) -> dict[str, int]:
    """Seeds in use by mailbox provider, the most first."""
    rows = in_use(connection).values_list("mailbox_provider").annotate(number=Count("pk"))
    return dict(rows.order_by("-number", "mailbox_provider"))


def served(connection: Connection) -> QuerySet[Client]:
    return Client.objects.filter(scopes__connection=connection).distinct().order_by("name", "pk")


def at(connection: Connection, moment: datetime) -> QuerySet[Seed]:
    """The seeds that were in use at that moment. Before `SeedBook.begun_at` it tells too few."""
    spells = SeedSpell.objects.filter(connection=connection, since__lte=moment)
    return Seed.objects.filter(pk__in=spells.filter(Q(until=None) | Q(until__gt=moment)).values("seed"))


def due() -> list[int]:
    """Connections whose seeds have been read since, or whose vendor has not been asked about shuffles for long."""
    book = "connection__seed_book"
    unread = Q(**{f"{book}__read_at": None}) | Q(last_ok_at__gt=F(f"{book}__read_at"))
    # Not before the first complete pass: until then the key has other things to bring.
    feeds = Feed.objects.filter(resource="seeds", last_ok_at__isnull=False, connection__vendor__in=SHUFFLERS)
    feeds = feeds.filter(connection__removed_at=None, connection__health=Health.OK)
    return list(feeds.filter(unread | Q(**{f"{book}__next_at__lte": timezone.now()})).values_list("connection", flat=True)[:200])


def bring_up(connection_id: int) -> None:
    connection = Connection.objects.select_related("agency").filter(pk=connection_id).first()
    if connection is None or not can_shuffle(connection):
        return
    keep(connection)
    # Moved on first: of two that were told to ask, one does.
    mine = SeedBook.objects.filter(connection=connection, next_at__lte=timezone.now())
    if may_be_asked(connection) and mine.update(next_at=timezone.now() + AT_IT):
        ask(connection)


def keep(connection: Connection) -> SeedBook:
    """Opens and closes spells by what the last complete pass found."""
    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        book, _ = SeedBook.objects.get_or_create(connection=connection)
        read_at = Feed.objects.filter(connection=connection, resource="seeds").values_list("last_ok_at", flat=True).first()
        if read_at is None or (book.read_at and book.read_at >= read_at):
            return book
        if book.begun_at is None:
            _begin(connection)
            book.begun_at = timezone.now()
        else:
            _go_on(connection, book.read_at or read_at)
        book.read_at = read_at
        book.save(update_fields=["begun_at", "read_at"])
    return book


def ask(connection: Connection, *, foreground: bool = False) -> SeedBook:
    """Asks the vendor when a shuffle is allowed and which there were. What went wrong stands in `trouble`."""
    try:
        with open_vendor(connection, foreground=foreground) as vendor:
            cooldown, page = vendor.cooldown(), vendor.shuffles(None)
    except (VendorError, Unreadable) as error:
        wait = timedelta(seconds=error.retry_after) if isinstance(error, Busy) else ASKED_AGAIN
        return _note(connection, trouble=str(error)[:300], next_at=timezone.now() + max(wait, timedelta(minutes=1)))
    take_in(connection, page.records)
    return told(connection, cooldown)


def told(connection: Connection, cooldown: Cooldown) -> SeedBook:
    """Writes down what the vendor said about the next shuffle."""
    now = timezone.now()
    return _note(
        connection,
        asked_at=now,
        allowed=cooldown.allowed,
        last_shuffle_at=cooldown.last_at,
        next_allowed_at=cooldown.next_allowed_at,
        trouble="",
        next_at=now + ASKED_EVERY,
    )


def shuffled(connection: Connection, record: ShuffleRecord) -> None:
    """Ours is done: the cooldown begins, and its end is asked for soon where the answer did not tell it."""
    now = timezone.now()
    until = {"next_allowed_at": record.next_allowed_at} if record.next_allowed_at else {}
    _note(connection, allowed=False, last_shuffle_at=record.at or now, next_at=now, **until)


def take_in(connection: Connection, records: Iterable[ShuffleRecord]) -> None:
    """Keeps the shuffles that were made elsewhere. While one of ours is under way its answer is still to be told apart from
    those, so nothing is taken in until it has ended."""
    with transaction.atomic():
        Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        if Shuffle.objects.filter(connection=connection).under_way().exists():
            return
        known = set(Shuffle.objects.filter(connection=connection).exclude(external_id="").values_list("external_id", flat=True))
        for record in records:
            if record.state == COMPLETED and record.external_id not in known:
                _take_in(connection, record)


def is_newer(record: ShuffleRecord, baseline: dict[str, str] | None) -> bool:
    """Whether the vendor tells of a later shuffle than the one it told of before, its `baseline`."""
    before = (baseline or {}).get("at", "")
    return record.external_id != (baseline or {}).get("id", "") and not (
        before and record.at and record.at < datetime.fromisoformat(before)
    )


def is_asked_for(record: ShuffleRecord, shuffle: Shuffle) -> bool:
    """Whether it is what `shuffle` asked for, as far as the vendor repeats it."""
    asked = {provider: share for provider, share in shuffle.shares.items() if share}
    given = {provider: share for provider, share in record.shares.items() if share}
    same = record.method in ("", shuffle.method) and record.percentage in (None, shuffle.percentage)
    return same and (not given or given == asked)


def _take_in(connection: Connection, record: ShuffleRecord) -> None:
    found = {"external_id": record.external_id, "happened_at": record.at, "replaced": record.replaced}
    lost = Shuffle.objects.filter(connection=connection, state__in=(ShuffleState.FAILED, ShuffleState.UNCLEAR), external_id="")
    for ours in lost.filter(baseline__isnull=False).order_by("-sent_at")[:5]:
        if is_newer(record, ours.baseline) and is_asked_for(record, ours):
            outcome = "It was carried out after all: the vendor told of it later."
            Shuffle.objects.filter(pk=ours.pk).update(**found, state=ShuffleState.DONE, outcome=outcome)
            return
    made = Shuffle.objects.create(
        connection=connection, state=ShuffleState.DONE, origin=Origin.VENDOR, method=record.method[:30], shares=record.shares,
        percentage=record.percentage, next_allowed_at=record.next_allowed_at, finished_at=timezone.now(),
        outcome="Made at the vendor, not here.", **found,
    )  # fmt: skip
    made.clients.set(served(connection))


def _note(connection: Connection, **values: object) -> SeedBook:
    book, _ = SeedBook.objects.update_or_create(connection=connection, defaults=values)
    return book


def _begin(connection: Connection) -> None:
    """The first time: what is there has been in use since it was first seen, as far as anybody knows."""
    seeds = Seed.objects.filter(connection=connection, status__in=IN_USE)
    rows = seeds.values_list("pk", "first_seen", "gone_at")
    SeedSpell.objects.bulk_create(
        (SeedSpell(connection=connection, seed_id=pk, since=since, until=until) for pk, since, until in rows), batch_size=1000
    )


def _go_on(connection: Connection, before: datetime) -> None:
    """Ends are written as of now: never before a seed really went out of use, whenever the pass saw it."""
    now = timezone.now()
    current = dict(in_use(connection).values_list("pk", "first_seen"))
    running = SeedSpell.objects.filter(connection=connection, until=None)
    known = dict(running.values_list("seed", "pk"))
    ended = [pk for seed, pk in known.items() if seed not in current]
    SeedSpell.objects.filter(pk__among=ended).update(until=now)
    fresh = ((pk, seen if seen > before else now) for pk, seen in current.items() if pk not in known)
    SeedSpell.objects.bulk_create(
        (SeedSpell(connection=connection, seed_id=pk, since=since) for pk, since in fresh), batch_size=1000
    )
