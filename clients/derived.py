"""Broadcasts of placement tests, worked out from their mails: one for each sender of a test on each day that it ran, with
where its mails landed at each mailbox provider. So tests stand in the same tables, sums and charts as mailings.

What is missing is known when the run is over. A sender that is in the test and has no rows is silent and has no broadcast.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import batched

from django.db.models import Count, Max
from django.utils import timezone

from clients import rollups, storing, verdicts
from clients.counted import PAUSE, Cell, Cells, cells_of, give_runs_their_day, senders_of
from clients.models import (
    Broadcast,
    Connection,
    Placement,
    PlacementTest,
    TestKind,
    TestMail,
    TestSender,
    TestStatus,
    sender_ref,
)
from clients.placement_tests import QUIET
from clients.scoping import Resolver
from clients.vendors.records import BroadcastRecord, PlacementRecord
from clients.walking import BATCH_ROWS


def end(
    connection: Connection,
    test: PlacementTest,
    pass_id: int,
    resolver: Resolver,
    *,
    changed: bool,
    hollow: bool = False,
    met: int | None = None,
    since: date | None = None,
) -> bool:
    """All rows of the test were read: works out its broadcasts and whether it is settled. In one transaction with the last of
    the rows. `changed`: one was new or said something new. `hollow`: the vendor had promised more than it sent, or a row
    could not be read. `met`: how many rows came, where an empty page was their end. `since`: the day that the reading of an
    automated test began with. Whether its end was too early."""
    automated = test.kind == TestKind.AUTOMATED
    since = min(filter(None, (since, test.read_to)), default=None) if automated else None
    if automated:
        give_runs_their_day(test, since)
    if test.is_outside:
        _let_in(test, resolver)
    newest = TestMail.objects.filter(test=test).aggregate(at=Max("at"), day=Max("day"))
    cells = cells_of(test, since)
    cut = met is not None and _is_cut(test, cells, since, met) and not _believed(test, newest["at"])
    again = test.read_at is not None and not changed and not cut
    # What looks cut off is believed when a second reading says the same.
    if again or (not hollow and _whole(test, cells)):
        test.settled, test.read_to = _settled(test, newest["at"], cells, again=again), newest["day"]
    test.read_at = timezone.now()
    quiet = newest["at"] is not None and timezone.now() - newest["at"] > PAUSE
    _place(connection, test, pass_id, resolver, cells, quiet=quiet, cut=cut)
    _forget(connection, test, cells, since)
    _count(test)
    test.save(update_fields=["settled", "read_at", "read_to", "rows", "foreign"])
    return cut


def _is_cut(test: PlacementTest, cells: Cells, since: date | None, met: int) -> bool:
    """Fewer rows than there are, or a test that is over and has not reached each of its seeds."""
    if met < TestMail.objects.filter(test=test, **({"day__gte": since} if since else {})).count():
        return True
    over = test.status == TestStatus.COMPLETED and test.seeds > 0 and not test.is_outside
    return over and not _whole(test, cells)


def _believed(test: PlacementTest, newest: datetime | None) -> bool:
    """After a day it is the vendor's word."""
    return timezone.now() - max(filter(None, (newest, test.stirred_at, test.first_seen))) > QUIET


def _let_in(test: PlacementTest, resolver: Resolver) -> None:
    """Whoever's mail the vendor has found: it carried the test's code."""
    known = TestSender.objects.filter(test=test).values("email")
    found = TestMail.objects.filter(test=test).exclude(sender_email__in=known).exclude(sender_email="")
    rows = []
    for email in sorted(set(found.order_by().values_list("sender_email", flat=True).distinct())):
        ref, domain = sender_ref(test.workspace, email), email.rpartition("@")[2][:255]
        owner = resolver.broadcast_owner(ref, email, domain, test.workspace)
        rows.append(TestSender(test=test, email=email, sender_ref=ref, domain=domain, client_id=owner.client_id))
    TestSender.objects.bulk_create(rows)


def _whole(test: PlacementTest, cells: Cells) -> bool:
    """Each sender that has rows has one for each seed."""
    return bool(cells) and all(sum(cell.seeds for cell in each) >= test.seeds > 0 for each in cells.values())


def _settled(test: PlacementTest, newest: datetime | None, cells: Cells, *, again: bool) -> bool:
    if test.kind == TestKind.AUTOMATED and test.status == TestStatus.ACTIVE and test.next_run_at is None:
        return False  # nothing would tell of its next run
    if any(cell.undecided for each in cells.values() for cell in each) and verdicts.may_come(test, newest, again=again):
        return False
    if timezone.now() - max(filter(None, (newest, test.stirred_at))) > QUIET:
        return newest is not None or test.status != TestStatus.ACTIVE
    return test.status == TestStatus.COMPLETED and again


def _place(
    connection: Connection, test: PlacementTest, pass_id: int, resolver: Resolver, cells: Cells, *, quiet: bool, cut: bool
) -> None:
    # An automated test is never completed; its run is over when no row has come for a while, or another has begun.
    last = date.max if quiet else max((day for day, _ in cells), default=None)
    for some in batched(cells.items(), BATCH_ROWS):
        over = [(day, sender, each, not cut and _over(test, day, last)) for (day, sender), each in some]
        storing.store_broadcasts(connection, [_broadcast(test, *one) for one in over], pass_id, resolver, test)
        storing.store_placements(connection, [each for one in over for each in _placements(test, *one)])


def _over(test: PlacementTest, day: date, last: date | None) -> bool:
    """Whether no more is on its way."""
    if test.kind == TestKind.AUTOMATED:
        return last is not None and day < last
    return test.status == TestStatus.COMPLETED


def _broadcast(test: PlacementTest, day: date, sender: str, cells: Sequence[Cell], over: bool) -> BroadcastRecord:
    return BroadcastRecord(
        _external_id(test, day, sender),
        test.subject,
        sender,
        sender.rpartition("@")[2][:255],
        sender_ref(test.workspace, sender),
        day,
        sum(cell.received for cell in cells),
        sum(cell.primary for cell in cells),
        sum(cell.promotions for cell in cells),
        sum(cell.spam for cell in cells),
        sum(cell.missing for cell in cells) if over else None,
        sum(cell.undecided for cell in cells) or None,
    )


def _placements(test: PlacementTest, day: date, sender: str, cells: Sequence[Cell], over: bool) -> Iterable[PlacementRecord]:
    for cell in cells:
        yield PlacementRecord(
            _external_id(test, day, sender),
            cell.mailbox_provider,
            cell.received,
            cell.primary,
            cell.promotions,
            cell.spam,
            cell.missing if over else None,
            cell.undecided or None,
        )


def _external_id(test: PlacementTest, day: date, sender: str) -> str:
    """At most 255 characters; two long addresses stay apart."""
    head = f"{test.external_id}:{day.isoformat()}:"
    if len(head) + len(sender) <= 255:
        return head + sender
    return f"{head}{sender[:100]}…{hashlib.sha256(sender.encode()).hexdigest()[:32]}"


def _forget(connection: Connection, test: PlacementTest, cells: Cells, since: date | None) -> None:
    """What the rows no longer say: a sender that left the test, a mailbox provider that was another's name."""
    kept = Broadcast.objects.filter(test=test, gone_at=None, **({"day__gte": since} if since else {}))
    known = {(day, sender): pk for pk, day, sender in kept.values_list("pk", "day", "from_email")}
    left = [pk for key, pk in known.items() if key not in cells]
    if left:
        storing.mark_gone(Broadcast.objects.filter(pk__among=left), connection)
    wanted = {(pk, cell.mailbox_provider) for key, pk in known.items() if key in cells for cell in cells[key]}
    placed = Placement.objects.filter(broadcast__test=test, broadcast__gone_at=None)
    odd = [
        (pk, broadcast, day)
        for pk, broadcast, provider, day in placed.values_list("pk", "broadcast_id", "mailbox_provider", "broadcast__day")
        if (since is None or day >= since) and (broadcast, provider) not in wanted
    ]
    if odd:
        Placement.objects.filter(pk__among=[pk for pk, _, _ in odd]).delete()
        rollups.roll_up(connection, {day for _, _, day in odd})


def _count(test: PlacementTest) -> None:
    rows = dict(TestMail.objects.filter(test=test).order_by().values_list("sender_email").annotate(Count("pk")))
    own = senders_of(test)
    test.rows, test.foreign = sum(rows.values()), sum(n for email, n in rows.items() if email not in own)
    senders = list(TestSender.objects.filter(test=test))
    moved = [sender for sender in senders if sender.rows != rows.get(sender.email, 0)]
    for sender in moved:
        sender.rows = rows.get(sender.email, 0)
    TestSender.objects.bulk_update(moved, ["rows"], batch_size=500)
