"""Intervals against tables and exact arithmetic; what counts as a change."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reports.stats import FEW, UNMEASURED, Counts, Rate, change, difference, wilson

sizes = st.integers(min_value=1, max_value=2_000_000)


@st.composite
def rates(draw: st.DrawFn, least: int = 1) -> Rate:
    n = draw(st.integers(min_value=least, max_value=200_000))
    return Rate(draw(st.integers(min_value=0, max_value=n)), n)


def exact_wilson(hits: int, n: int) -> tuple[float, float]:
    """The two roots of (p̂ − p)² = z²·p·(1 − p)/n, the interval's definition, in fifty digits."""
    with localcontext() as context:
        context.prec = 50
        z2 = Decimal("1.95996398454005423552459443052055152795555") ** 2
        share = Decimal(hits) / n
        a, b, c = 1 + z2 / n, -(2 * share + z2 / n), share * share
        root = (b * b - 4 * a * c).sqrt()
        return float((-b - root) / (2 * a)), float((-b + root) / (2 * a))


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # Newcombe 1998, 'Two-sided confidence intervals for the single proportion', table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_published_intervals(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        # Newcombe 1998, 'Interval estimation for the difference between independent proportions', table II, method 10.
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0000),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_differences_have_the_published_intervals(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    assert difference(Rate(*first), Rate(*second)) == pytest.approx((low, high), abs=5e-5)


@settings(max_examples=100, deadline=None)
@given(rates())
def test_wilson_is_the_root_of_its_definition(rate: Rate) -> None:
    assert wilson(*rate) == pytest.approx(exact_wilson(*rate), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(rates())
def test_an_interval_holds_its_rate_and_stays_within_0_and_1(rate: Rate) -> None:
    low, high = wilson(*rate)
    assert 0 <= low <= rate.hits / rate.n <= high <= 1


@settings(max_examples=100, deadline=None)
@given(rates())
def test_landing_and_missing_the_inbox_mirror_each_other(rate: Rate) -> None:
    low, high = wilson(*rate)
    assert wilson(rate.n - rate.hits, rate.n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(rates(), st.integers(min_value=2, max_value=50))
def test_more_mail_of_the_same_kind_makes_an_interval_narrower(rate: Rate, times: int) -> None:
    low, high = wilson(*rate)
    narrow_low, narrow_high = wilson(rate.hits * times, rate.n * times)
    assert narrow_high - narrow_low < high - low


@settings(max_examples=100, deadline=None)
@given(rates(), rates())
def test_a_difference_holds_its_gap_and_turns_its_sign_with_the_order(now: Rate, before: Rate) -> None:
    low, high = difference(now, before)
    assert low - 1e-12 <= now.hits / now.n - before.hits / before.n <= high + 1e-12
    assert difference(before, now) == pytest.approx((-high, -low), abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(rates(), rates())
def test_a_change_is_called_one_only_with_enough_mails_and_an_interval_without_zero(now: Rate, before: Rate) -> None:
    moved = change(now, before)
    low, high = difference(now, before)
    if moved.clear:
        assert min(now.n, before.n) >= FEW
        assert low > 0 or high < 0
        assert moved.fell == (now.hits / now.n < before.hits / before.n)
        assert moved.text[0] in "▲▼"
    else:
        assert moved.text == "no clear change"
        assert not moved.fell
        assert not moved.rose


@settings(max_examples=100, deadline=None)
@given(rates(least=FEW))
def test_nothing_has_changed_against_itself(rate: Rate) -> None:
    assert not change(rate, rate).clear


@settings(max_examples=100, deadline=None)
@given(rates(least=FEW), rates(least=FEW))
def test_intervals_apart_are_always_a_change(now: Rate, before: Rate) -> None:
    (low, high), (low_before, high_before) = wilson(*now), wilson(*before)
    assume(high < low_before or low > high_before)
    assume(abs(now.hits / now.n - before.hits / before.n) > 0.001)
    assert change(now, before).clear


def test_a_change_too_small_for_its_decimals_is_none() -> None:
    now, before = Rate(50_000_000 - 20_000, 100_000_000), Rate(50_000_000, 100_000_000)
    assert difference(now, before)[1] < 0
    assert not change(now, before).clear


def test_a_change_is_the_difference_of_what_is_printed() -> None:
    now, before = Rate(9077, 10_000), Rate(9363, 10_000)
    assert (now.text, before.text, change(now, before).text) == ("90.8 %", "93.6 %", "▼ 2.8 pp")
    assert "93.6 % of 10,000 before; difference −2.8 pp" in change(now, before).title


@settings(max_examples=100, deadline=None)
@given(rates(), rates())
def test_whoever_subtracts_two_printed_rates_finds_the_change(now: Rate, before: Rate) -> None:
    shown, then = (float(rate.text.removesuffix(" %")) for rate in (now, before))
    assert f"{change(now, before).points:.1f}".replace("-0.0", "0.0") == f"{shown - then:.1f}".replace("-0.0", "0.0")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 1000)] * 3), min_size=1, max_size=30))
def test_rates_come_from_summed_counts(parts: list[tuple[int, int, int]]) -> None:
    counts = [Counts(sum(part), *part) for part in parts]
    whole = sum(counts, Counts())
    assert whole.received == whole.primary + whole.promotions + whole.spam
    assert whole.inboxing == Rate(sum(p + q for p, q, _ in parts), sum(sum(part) for part in parts))


@pytest.mark.parametrize(
    ("parts", "missing"), [([None, None], None), ([None, 3], 3), ([3, None], 3), ([2, 3], 5), ([0, None], 0)]
)
def test_missing_is_known_only_where_some_vendor_knows(parts: list[int | None], missing: int | None) -> None:
    assert sum((Counts(1, 1, missing=part) for part in parts), Counts()).missing == missing


@pytest.mark.parametrize(
    ("hits", "n", "band"),
    [
        (0, 0, "none"),
        (19, 19, "few"),
        (16, 20, "good"),
        (799, 1000, "look"),
        (7994, 10_000, "look"),
        (7996, 10_000, "good"),
        (6996, 10_000, "look"),
        (14, 20, "look"),
        (699, 1000, "bad"),
        (0, 20, "bad"),
    ],
)
def test_bands_begin_at_80_and_70_percent_of_20_mails(hits: int, n: int, band: str) -> None:
    assert Rate(hits, n).band == band


@pytest.mark.parametrize("n", [20, 151, 997, 10_000])
def test_what_is_printed_reads_as_its_band(n: int) -> None:
    """In whole percents and with a decimal alike."""
    for hits in range(n + 1):
        rate = Rate(hits, n)
        for said in (rate.text.removesuffix(" %"), rate.whole):
            percents = float(said)
            assert rate.band == ("good" if percents >= 80 else "look" if percents >= 70 else "bad"), (hits, said)


@pytest.mark.parametrize(("hits", "n", "said"), [(105, 151, "69.5"), (106, 151, "70"), (1, 151, "1"), (151, 151, "100")])
def test_whole_percents_have_a_decimal_where_they_would_mislead(hits: int, n: int, said: str) -> None:
    assert Rate(hits, n).whole == said


def test_the_unmeasured_is_a_dash_and_never_zero() -> None:
    nothing = Rate(0, 0)
    assert nothing.text == nothing.cell.text == nothing.small_cell.text == UNMEASURED
    assert nothing.value is None
    assert change(nothing, Rate(5, 9)).text == UNMEASURED
    assert Rate(0, 40).small_cell.text == "0"


def test_a_cell_says_its_rate_its_n_and_its_interval() -> None:
    rate = Rate(2936, 4118)
    assert rate.cell == ("71.3 %", "69.9–72.7 %", "look", "71.3 % of 4,118 mails, 95 % interval 69.9–72.7 %")
    assert rate.small_cell[:3] == ("71", "4,118", "look")
    assert Rate(1, 1).title == "few mails: 100.0 % of 1 mail, 95 % interval 20.7–100 %"


@pytest.mark.parametrize(
    ("hits", "n", "words"),
    [
        (2936, 4118, "69.9–72.7 %"),
        (500, 1000, "46.9–53.1 %"),
        (43, 43, "91.8–100 %"),
        (0, 43, "0–8.2 %"),
        (10_000, 10_000, "100.0–100 %"),
        (0, 0, ""),
    ],
)
def test_an_interval_has_one_notation_whatever_its_rate(hits: int, n: int, words: str) -> None:
    assert (Rate(hits, n).between, Rate(hits, n).cell.sub) == (words, words)
