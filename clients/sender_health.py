"""How a sender stands, in one word, from what was noted of it: the only place that says what the words mean.

What seeds saw of its mail lately, and when it last wrote, is noted on its row after each pass that brought mail; so a list of
100,000 is narrowed and shown without a look at their mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import batched
from typing import Any, NamedTuple

from django.db.models import Case, CharField, F, Max, Q, Sum, Value, When
from django.utils import timezone

from clients import bulk
from clients.models import ActivityDay, Broadcast, Connection, Grain, Sender

LATELY = 30  # days whose mail is judged
QUIET = 14  # days without mail, then it is idle
FEW, BAR = 20, 80  # mails; percent of them
BATCH = 2000

HEALTHY, PROBLEM, IDLE, WARMING, FEW_MAILS, UNKNOWN = "healthy", "problem", "idle", "warming", "few mails", "not known"
#: Word → what it means; the first that holds is a sender's. docs/csv.md has these sentences too.
MEANINGS = {
    PROBLEM: f"under {BAR} % of its mail that seeds received in {LATELY} days was in the inbox, none of it was found in any "
    "folder, or its vendor reports an error",
    HEALTHY: f"{BAR} % or more of its mail that seeds received in {LATELY} days was in the inbox",
    FEW_MAILS: f"seeds received fewer than {FEW} of its mails in {LATELY} days: too few to judge by",
    WARMING: f"it is active with warmup on, and no other mail of it was seen for {QUIET} days",
    IDLE: f"it is active, and no mail of it was seen for {QUIET} days, neither at seeds nor in campaigns",
    UNKNOWN: f"it sends, but no seed received any of it; or it is paused, or known for less than {QUIET} days",
}
#: Words of before, in bookmarks, saved views and plans → today's.
_FORMER = {"silent": IDLE}


def word(asked: str) -> str:
    """Today's, of one that may be older."""
    return _FORMER.get(asked, asked)


def annotated(rows: Any) -> Any:
    """Senders, each with its `health`; empty where the vendor lists it no more."""
    return rows.annotate(health=_words(timezone.now().date()))


def _words(today: date) -> Case:
    since = today - timedelta(days=QUIET)
    begun = datetime.combine(since, time(), UTC)
    heard = Q(mail_on__gte=since) | Q(last_activity_at__gte=begun)
    judged = heard & Q(mail_received__gte=FEW)
    good = Q(mail_inboxed__gte=F("mail_received") * BAR / 100.0)
    broken = Q(status__icontains="error") | Q(status__in=("disconnected", "setup pending"))
    return Case(
        When(gone_at__isnull=False, then=Value("")),
        When(broken | Q(mail_received=0, mail_missing__gt=0), then=Value(PROBLEM)),
        When(judged & good, then=Value(HEALTHY)),
        When(judged, then=Value(PROBLEM)),
        When(heard & Q(mail_received__gt=0), then=Value(FEW_MAILS)),
        When(heard, then=Value(UNKNOWN)),
        When(Q(status="active", raw__warmup_status="active"), then=Value(WARMING)),
        When(Q(status="active", first_seen__lt=begun), then=Value(IDLE)),
        default=Value(UNKNOWN),
        output_field=CharField(),
    )


class _Seen(NamedTuple):
    on: date | None = None
    received: int = 0
    inboxed: int = 0
    missing: int = 0


def noting(connection: Connection) -> Iterator[Callable[[], None]]:
    """Steps that note it on every sender of the account; each wants a transaction of its own, under the connection's lock."""
    seen = _seen(connection)
    ids = Sender.objects.filter(connection=connection, gone_at=None).order_by("pk").values_list("pk", flat=True)
    for some in batched(list(ids), BATCH):
        yield partial(_note, connection, some, seen)


def _seen(connection: Connection) -> dict[str, _Seen]:
    """By the vendor's reference of the sender; by its address where there is none."""
    mine = Broadcast.objects.filter(connection=connection, gone_at=None)
    mine = mine.filter(day__gt=timezone.now().date() - timedelta(days=LATELY)).order_by()
    sums = {"n": Sum("received"), "inboxed": Sum(F("primary") + F("promotions")), "lost": Sum("missing", default=0)}
    rows: Any = mine.values_list("sender_ref", "from_email").annotate(newest=Max("day", filter=Q(received__gt=0)), **sums)
    found: dict[str, _Seen] = {}
    for ref, email, on, *counts in rows:
        was = found.get(key := ref or email.lower(), _Seen())
        summed = (had + more for had, more in zip(was[1:], counts, strict=True))
        found[key] = _Seen(max(filter(None, (was.on, on)), default=None), *summed)
    return found


NOTED = ("last_activity_at", "mail_on", "mail_received", "mail_inboxed", "mail_missing")


def _note(connection: Connection, ids: Sequence[int], seen: dict[str, _Seen]) -> None:
    rows = Sender.objects.filter(pk__among=list(ids)).values_list("pk", "external_id", "email", *NOTED)
    senders = list(rows)
    wrote = _wrote(connection, [ref for _, ref, *_ in senders])
    changed = []
    for pk, ref, email, *was in senders:
        now = seen.get(ref) or seen.get(email.lower()) or _Seen()
        noted = [wrote.get(ref, was[0]), now.on or was[1], *now[1:]]
        if noted != was:
            changed.append((pk, *noted))
    bulk.update(Sender, ("id", *NOTED), changed)


def _wrote(connection: Connection, refs: list[str]) -> dict[str, datetime]:
    """The last day on which each wrote for a campaign, where its vendor tells the days: the list of senders does not."""
    if not connection.vendor_class.tells_days():
        return {}
    days = ActivityDay.objects.by(Grain.SENDER).filter(connection=connection, sent__gt=0, sender_ref__among=refs)
    newest = days.order_by().values_list("sender_ref").annotate(Max("day"))
    return {ref: datetime.combine(day, time(), UTC) for ref, day in newest if ref}
