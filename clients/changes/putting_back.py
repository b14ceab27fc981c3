"""What undos lead back to, and for whom: in words, for any number of them at the cost of one query."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count
from django.db.models.fields.json import KT

from clients.changes import history, payloads
from clients.models import Change, ChangeItem, ItemState


class Back(NamedTuple):
    """'preset boost' and '5 senders on northwind.example'."""

    what: str
    whom: str


def told(changes: Iterable[Change]) -> dict[int, Back]:
    """By the undo's primary key; one that is not planned yet, or that nothing was found for, is not among them."""
    undos = [change.pk for change in changes if change.undoes_id]
    rows = (
        ChangeItem.objects.filter(change__in=undos)
        .exclude(state__in=(ItemState.SKIPPED, ItemState.NOOP))
        .order_by()
        .annotate(preset=KT("after__preset"), status=KT("after__status"), warmup=KT("after__warmup"))
        .values_list("change_id", "preset", "status", "warmup", "sender__domain")
        .annotate(Count("pk"))
    )
    whats: dict[int, Counter[str]] = defaultdict(Counter)
    domains: dict[int, Counter[str | None]] = defaultdict(Counter)
    for change, preset, status, warmup, domain, number in rows if undos else ():
        if preset or status or warmup:
            whats[change][_what(preset, status, warmup)] += number
            domains[change][domain] += number
    return {pk: Back(_listed(found), _whom(domains[pk])) for pk, found in whats.items()}


def _whom(domains: Counter[str | None]) -> str:
    """Campaigns are on none."""
    if (campaigns := domains.pop(None, 0)) and not domains:
        return f"{campaigns:,} campaign{'' if campaigns == 1 else 's'}"
    return history.on_domains(Counter({domain: number for domain, number in domains.items() if domain is not None}))


def _what(preset: str | None, status: str | None, warmup: str | None) -> str:
    if status or warmup:
        return f"status {status}" if status else f"warmup {warmup}"
    return "custom percentages" if preset == payloads.CUSTOM else f"preset {preset}"


def _listed(found: Counter[str]) -> str:
    """The most frequent first."""
    names = [name for name, _ in found.most_common()]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
