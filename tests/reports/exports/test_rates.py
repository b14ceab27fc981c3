from __future__ import annotations

from fractions import Fraction

import pytest
from django.db.models import IntegerField, Value
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agency.models import Agency
from reports.exports.rates import rates
from reports.exports.streaming import blocks
from reports.stats import wilson
from tests.cast import Cast

COUNTS = st.integers(0, 2**31 - 1).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS)
@example((0, 0))
@example((0, 1))
@example((1, 1))
@example((1, 32))  # 0.03125: a tie in binary
@example((7, 20_000))  # 0.00035: a tie in decimals only
@example((2**31 - 1, 2**31 - 1))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_reckons_as_the_pages_do(cast: Cast, counts: tuple[int, int]) -> None:
    hits, n = counts
    inboxing, low, high = _in_sql(hits, n)
    if not n:
        assert (inboxing, low, high) == ("", "", "")
        return
    half_up = int(Fraction(hits * 10_000, n) + Fraction(1, 2))
    assert inboxing == f"{half_up // 10_000}.{half_up % 10_000:04d}"
    assert (float(low), float(high)) == pytest.approx(wilson(hits, n), abs=0.00005001)
    assert float(low) <= float(inboxing) <= float(high)


@pytest.mark.parametrize(("hits", "n"), [(5, 3), (-1, 3)])
def test_impossible_counts_give_empty_cells_and_end_nothing(cast: Cast, hits: int, n: int) -> None:
    assert _in_sql(hits, n) == ["", "", ""]


def _in_sql(hits: int, n: int) -> list[str]:
    cells = rates(Value(n, output_field=IntegerField()), Value(hits, output_field=IntegerField()))
    rows = Agency.objects.order_by("pk").values_list(*cells)[:1]
    return b"".join(blocks(rows)).decode().rstrip("\n").split(",")
