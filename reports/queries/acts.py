"""What was done at the vendor for a scope's clients: one line for each change and day, in words."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date

from django.db.models import DateTimeField, Q
from django.db.models.fields.json import KT
from django.db.models.functions import TruncDate

from clients.changes import payloads
from clients.models import ChangeItem, ItemState
from reports.queries.plain import Tally
from reports.queries.prepared import Given
from reports.queries.scoped import OfScope
from reports.scope import Scope, Window

#: Day, sender or campaign, which part of its state.
type _Key = tuple[date, int | None, int | None, str]
#: A preset, a status, or whether it warms up; and whether it is a campaign's.
type _Act = tuple[str | None, str | None, str | None, bool]


def changes(scope: Scope, window: Window) -> list[tuple[date, str]]:
    """Oldest first; in one query. What was read back counts, not what was asked."""
    start, end = window.times
    rows = _DONE_BY_DAY(scope, start=start, end=end)
    return [(day, _said(number, tuple(act), "back " if undoes else "")) for day, _, undoes, *act, number in rows]


_DONE = ChangeItem.objects.filter(
    state=ItemState.DONE, sent_at__gte=Given("start", DateTimeField()), sent_at__lte=Given("end", DateTimeField())
)
_DONE_BY_DAY = OfScope(
    lambda clients: (
        _DONE.filter(client__in=clients)
        .annotate(
            day=TruncDate("sent_at", tzinfo=UTC),
            preset=KT("after__preset"),
            status=KT("after__status"),
            warmup=KT("after__warmup"),
        )
        .annotate(of_campaigns=Q(campaign__isnull=False))
        .values_list("day", "change_id", "change__undoes_id", "preset", "status", "warmup", "of_campaigns")
        .annotate(number=Tally("pk"))
        .order_by("day", "change_id", "preset", "status", "warmup")
    )
)


def net(scope: Scope, window: Window) -> list[tuple[date, str]]:
    """For a client's eyes: what each day came to, one line a day, oldest first; what was there and back is none. One query.

    A sender's day goes from what it was before the first change to what it was put on by the last.
    """
    rows = (
        ChangeItem.objects.filter(
            client__in=scope.clients, state=ItemState.DONE, sent_at__date__range=(window.first, window.last)
        )
        .annotate(day=TruncDate("sent_at"))
        .order_by("sent_at", "pk")
        .values_list("day", "sender_id", "campaign_id", "before", "after")
    )
    first: dict[_Key, payloads.Payload] = {}
    last: dict[_Key, payloads.Payload] = {}
    for day, sender, campaign, before, after in rows.iterator(2_000):
        key: _Key = (day, sender, campaign, payloads.part(after))
        first.setdefault(key, before)
        last[key] = after
    days: dict[date, Counter[_Act]] = {}
    for key, after in last.items():
        if not payloads.meets(first[key], after):
            act = (after.get("preset"), after.get("status"), after.get("warmup"), key[2] is not None)
            days.setdefault(key[0], Counter())[act] += 1
    return [
        (day, "; ".join(_said(number, act, "") for act, number in found.most_common())) for day, found in sorted(days.items())
    ]


def _said(number: int, act: _Act, back: str) -> str:
    """What they are on since: an undo says it as well, for it may have been undone itself."""
    preset, status, warmup, of_campaigns = act
    who = f"{number:,} {'campaign' if of_campaigns else 'sender'}{'' if number == 1 else 's'}"
    if status:
        return f"{who} set {back}to {status}"
    if warmup:
        return f"{who}: warmup switched {back}{warmup}"
    return f"{who} put {back}on {'custom engagement settings' if preset == 'custom' else f'preset {preset}'}"
