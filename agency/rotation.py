"""Brings every stored secret under the ring's first key, while the product runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from agency import secrets
from agency.secrets import COLUMNS, Sealed

BATCH = 100


@dataclass
class Outcome:
    rotated: int = 0
    already: int = 0
    #: What no key opens, or what belongs to another row: 'clients.Connection <its uuid>'.
    closed: list[str] = field(default_factory=list)


def rotate(*, apply: bool = True) -> Outcome:
    """Stopped halfway it goes on where it stood: what is under the first key is left alone. Without `apply` it only counts."""
    outcome = Outcome()
    for column in sorted(COLUMNS, key=str):
        for ids in _batches(column):
            with transaction.atomic():
                _rotate_batch(column, ids, outcome, apply)
    return outcome


def _batches(column: Sealed) -> Iterator[list[int]]:
    last = 0
    while ids := list(column.rows().filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def _rotate_batch(column: Sealed, ids: list[int], outcome: Outcome, apply: bool) -> None:
    rows = column.rows().filter(pk__in=ids)
    if apply and connection.features.has_select_for_update:
        rows = rows.select_for_update()  # of these rows only: a key replaced meanwhile waits, and is not written over
    for pk, owner, ciphertext in list(rows.values_list("pk", column.owner, column.field)):
        if secrets.under_first_key(ciphertext):
            outcome.already += 1
            continue
        try:
            fresh = secrets.reseal(ciphertext, owner=str(owner))
        except secrets.Unreadable:
            outcome.closed.append(f"{column.model} {owner}")
            continue
        if apply:
            column.rows().filter(pk=pk, **{column.field: ciphertext}).update(**{column.field: fresh})
        outcome.rotated += 1
