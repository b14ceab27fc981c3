"""The last mile of a shuffle: which seeds an ESP must get and which it must lose, who took the files, and who is done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from agency import audit
from agency.access import AgencyRequest
from clients.models import Client, Connection, RotationDone, SeedFileDownload, Shuffle
from clients.shuffles import seedbook, wording

CURRENT, ADDED, REMOVED = "current", "added", "removed"
#: What is in each file, as pages call it.
FILES = {CURRENT: "All seeds of now", ADDED: "New seeds, to be added", REMOVED: "Old seeds, to be removed"}

#: What can stand on a line of its own and in an ESP's column. Anything else a vendor lists is no mailbox.
_ADDRESS = re.compile(r"[^\s,;\"'<>()\x00-\x1f\x7f]+@[^\s,;\"'<>()@\x00-\x1f\x7f]+\Z")


@dataclass(frozen=True)
class Line:
    email: str
    mailbox_provider: str


@dataclass(frozen=True)
class Files:
    """The three lists. Added and removed are counted from `since`, and None where nothing is known of that time."""

    since: datetime | None
    current: list[Line]
    added: list[Line] | None
    removed: list[Line] | None
    left_out: int  # seeds whose address is none

    def of(self, which: str) -> list[Line] | None:
        found: list[Line] | None = getattr(self, which)
        return found


def files(connection: Connection, since: datetime | None) -> Files:
    """In two queries and the book's."""
    current = _lines(seedbook.in_use(connection).values_list("email", "mailbox_provider"))
    kept, left_out = _fit(current)
    if since is None or not is_known(connection, since):
        return Files(since, kept, None, None, left_out)
    before = _lines(seedbook.at(connection, since).values_list("email", "mailbox_provider"))
    added, _ = _fit({email: line for email, line in current.items() if email not in before})
    removed, _ = _fit({email: line for email, line in before.items() if email not in current})
    return Files(since, kept, added, removed, left_out)


def is_known(connection: Connection, moment: datetime) -> bool:
    """Whether it is known which seeds were in use then."""
    begun = seedbook.book_of(connection).begun_at
    return begun is not None and begun <= moment <= timezone.now()


def last_known(connection: Connection) -> Shuffle | None:
    """The last shuffle whose seeds of before are known: what an ESP's lists may still lag behind."""
    return latest([connection]).get(connection.pk)


def latest(connections: Iterable[Connection]) -> dict[int, Shuffle]:
    """For each connection its last shuffle whose seeds of before are known, in one query."""
    rows = Shuffle.objects.happened().filter(connection__in=[one.pk for one in connections])
    # By our own clock where it was sent from here: the vendor's may differ.
    known = rows.filter(connection__seed_book__begun_at__lte=Coalesce("sent_at", "happened_at"))
    found: dict[int, Shuffle] = {}
    for row in known.select_related("connection"):
        found.setdefault(row.connection_id, row)
    return found


@dataclass(frozen=True)
class Rotation:
    """One client's ESP after one shuffle."""

    shuffle: Shuffle
    client: Client
    added: SeedFileDownload | None  # the newest file of the new seeds that was taken since
    removed: SeedFileDownload | None
    done: RotationDone | None

    @property
    def missing(self) -> list[str]:
        return [name for name, taken in ((ADDED, self.added), (REMOVED, self.removed)) if taken is None]


def rotations(connections: Sequence[Connection], visible: Iterable[Client]) -> list[Rotation]:
    """For each account's last shuffle, one for each client it served then and may be seen; the unfinished first. Four queries."""
    known = {client.pk: client for client in visible if not client.is_archived}
    last = latest(connections)
    taken: dict[tuple[int, int, str], SeedFileDownload] = {}
    for row in SeedFileDownload.objects.filter(connection__in=list(last), client__in=list(known)).order_by("at", "pk"):
        since = last[row.connection_id].since
        if since and row.at >= since and row.client_id and (row.since or since) <= since:
            taken[row.connection_id, row.client_id, row.which] = row
    ticks = RotationDone.objects.filter(shuffle__in=[shuffle.pk for shuffle in last.values()])
    done = {(tick.shuffle_id, tick.client_id): tick for tick in ticks}
    through = Shuffle.clients.through.objects.filter(shuffle__in=[shuffle.pk for shuffle in last.values()])
    by_pk = {shuffle.pk: shuffle for shuffle in last.values()}
    found = []
    for shuffle_pk, client_pk in through.values_list("shuffle", "client"):
        shuffle, client = by_pk[shuffle_pk], known.get(client_pk)
        if client is None:
            continue
        at = (shuffle.connection_id, client_pk)
        # A list of all seeds holds the new ones.
        added = taken.get((*at, ADDED)) or taken.get((*at, CURRENT))
        found.append(Rotation(shuffle, client, added, taken.get((*at, REMOVED)), done.get((shuffle_pk, client_pk))))
    return sorted(found, key=lambda one: (one.done is not None, one.client.name.lower(), one.shuffle.connection.label))


def take(
    connection: Connection,
    client: Client,
    which: str,
    layout: tuple[str, str],
    since: datetime | None,
    rows: int,
    by: AgencyRequest,
) -> SeedFileDownload:
    """Writes down that a file was taken; `layout` is its short name and its label."""
    slug, label = layout
    with transaction.atomic():
        made = SeedFileDownload.objects.create(
            connection=connection, client=client, user=by.user, actor=str(by.user)[:254], which=which, layout=slug,
            since=None if which == CURRENT else since, rows=rows,
        )  # fmt: skip
        said = {"file": FILES[which], "as": label, "seeds": rows, "since": made.since.isoformat() if made.since else ""}
        account = ("seed-account", connection.uuid)
        audit.record(by, "seeds.file_taken", connection.label, subject=client.uuid, after=said, page=account)
    return made


def tick(shuffle: Shuffle, client: Client, by: AgencyRequest) -> None:
    """A person says that this client's ESP is up to date."""
    with transaction.atomic():
        _, made = RotationDone.objects.get_or_create(
            shuffle=shuffle, client=client, defaults={"user": by.user, "actor": str(by.user)[:254]}
        )
        if made:
            _record(shuffle, client, "rotation.done", by, after={"shuffle": _when(shuffle)})


def untick(shuffle: Shuffle, client: Client, by: AgencyRequest) -> None:
    with transaction.atomic():
        if RotationDone.objects.filter(shuffle=shuffle, client=client).delete()[0]:
            _record(shuffle, client, "rotation.reopened", by, before={"shuffle": _when(shuffle)})


def _record(shuffle: Shuffle, client: Client, action: str, by: AgencyRequest, **said: Any) -> None:
    audit.record(by, action, shuffle.connection.label, subject=client.uuid, page=("shuffle", shuffle.uuid), **said)


def _when(shuffle: Shuffle) -> str:
    return wording.moment(shuffle.happened_at) if shuffle.happened_at else ""


def _lines(rows: Iterable[tuple[str, str]]) -> dict[str, Line]:
    return {email: Line(email, provider) for email, provider in rows}


def _fit(lines: dict[str, Line]) -> tuple[list[Line], int]:
    """In the order of their addresses; and how many are none."""
    good = sorted((line for line in lines.values() if _ADDRESS.match(line.email)), key=lambda line: line.email)
    return good, len(lines) - len(good)
