"""Inboxing and its Wilson 95 % interval as SQL: `reports.stats` in the database's words, to four decimals."""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, FloatField, Q, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Sqrt
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThanOrEqual

from reports.exports.cells import Decimals, Fraction
from reports.stats import Z


def rates(n: Combinable, landed: Combinable) -> list[Combinable]:
    """`inboxing`, `low` and `high` of `landed` mails among `n`; empty where there is no mail."""
    # No vendor's count should lie outside 0…n; a root of less than nothing would end the whole export.
    measured = Q(GreaterThan(n, Value(0))) & Q(GreaterThanOrEqual(landed, Value(0))) & Q(LessThanOrEqual(landed, n))
    cells = (_inboxing(n, landed), _low(n, landed), _high(n, landed))
    return [Case(When(measured, then=cell), output_field=TextField()) for cell in cells]


def _inboxing(n: Combinable, landed: Combinable) -> Combinable:
    # Ten-thousandths, half up, in integers: databases round a binary 0.00035 each in their own way.
    whole = Cast(n, BigIntegerField())
    return Fraction((Cast(landed, BigIntegerField()) * 20_000 + whole) / (whole * 2))


def _low(n: Combinable, landed: Combinable) -> Combinable:
    # At 0 hits, as at n, the end is exact, whatever the floating point makes of it.
    return Case(When(Exact(landed, Value(0)), then=Value("0.0000")), default=_end(n, landed, -Z), output_field=TextField())


def _high(n: Combinable, landed: Combinable) -> Combinable:
    return Case(When(Exact(landed, n), then=Value("1.0000")), default=_end(n, landed, Z), output_field=TextField())


def _end(n: Combinable, landed: Combinable, z: float) -> Combinable:
    """(hits + z²/2 ± z·√(hits·(n − hits)/n + z²/4)) / (n + z²): Wilson's formula with n multiplied through."""
    mails, hits = Cast(n, FloatField()), Cast(landed, FloatField())
    half = Sqrt(hits * (mails - hits) / mails + z * z / 4) * z
    return Decimals((hits + z * z / 2 + half) / (mails + z * z))
