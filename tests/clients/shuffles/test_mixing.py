"""The dry run: sums hold, nobody loses more than they have, and it is what the vendor then does."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.shuffles.mixing import NoSense, dry_run, shared_out
from clients.vendors.shuffles import BY_PROVIDER, CUSTOM, IN_PLACE, Order

PROVIDERS = ("gmail", "google_workspace", "yahoo", "hotmail", "outlook", "microsoft_365", "other")
mixes = st.dictionaries(st.sampled_from(PROVIDERS), st.integers(0, 5000), min_size=1).filter(lambda mix: any(mix.values()))
percentages = st.integers(1, 100)
shares = st.dictionaries(st.sampled_from(PROVIDERS), st.integers(0, 100), min_size=1)


@st.composite
def new_mixes(draw: st.DrawFn) -> dict[str, int]:
    cuts = sorted(draw(st.lists(st.integers(0, 100), max_size=5)))
    edges = [0, *cuts, 100]
    parts = [end - start for start, end in pairwise(edges)]
    return dict(zip(PROVIDERS, parts, strict=False))


@given(mixes, percentages)
def test_in_place_keeps_the_mix_and_swaps_that_part_of_the_whole(mix: dict[str, int], percentage: int) -> None:
    run = dry_run(Order(IN_PLACE, percentage), mix)
    assert run.after == {provider: number for provider, number in mix.items() if number}
    assert run.fewest == run.most
    assert abs(run.most - run.before * percentage / 100) <= 0.5
    assert all(0 <= step.fewest <= step.before for step in run.steps)
    assert all(abs(step.most - step.before * run.most / run.before) < 1 for step in run.steps)


@given(mixes, shares)
def test_by_provider_swaps_each_part_of_its_own_and_keeps_the_mix(mix: dict[str, int], asked: dict[str, int]) -> None:
    try:
        run = dry_run(Order(BY_PROVIDER, shares=asked), mix)
    except NoSense:
        assert all(number * asked.get(provider, 0) < 50 for provider, number in mix.items())
        return
    assert run.after == {provider: number for provider, number in mix.items() if number}
    for step in run.steps:
        assert step.is_sure
        assert abs(step.most - step.before * asked.get(step.provider, 0) / 100) <= 0.5


@given(mixes, new_mixes())
def test_a_new_mix_keeps_the_total_and_is_met_within_a_seed(mix: dict[str, int], asked: dict[str, int]) -> None:
    run = dry_run(Order(CUSTOM, shares=asked), mix)
    assert sum(run.after.values()) == run.before == sum(mix.values())
    for step in run.steps:
        assert abs(step.after - run.before * asked.get(step.provider, 0) / 100) < 1
        assert max(0, step.before - step.after) == step.fewest <= step.most == step.before


@given(st.integers(0, 10_000), st.dictionaries(st.sampled_from(PROVIDERS), st.integers(1, 999), min_size=1))
def test_what_is_shared_out_adds_up(total: int, weights: dict[str, int]) -> None:
    parts = shared_out(total, weights)
    assert sum(parts.values()) == total
    assert parts.keys() == weights.keys()


@pytest.mark.parametrize(
    ("order", "field", "words"),
    [
        (Order(IN_PLACE), "percentage", "from 1 to 100"),
        (Order(IN_PLACE, 0), "percentage", "from 1 to 100"),
        (Order(IN_PLACE, 101), "percentage", "from 1 to 100"),
        (Order(BY_PROVIDER, shares={"gmail": 0}), "shares", "above 0"),
        (Order(BY_PROVIDER, shares={"gmail": 101}), "gmail", "from 0 to 100"),
        (Order(BY_PROVIDER, shares={"yahoo": 50}), "shares", "Not one seed"),
        (Order(CUSTOM, shares={"gmail": 60, "yahoo": 39}), "shares", "adds up to 99"),
        (Order(CUSTOM, shares={"gmail": -1, "yahoo": 101}), "gmail", "from 0 to 100"),
    ],
)
def test_an_order_without_sense_names_the_field_to_mend(order: Order, field: str, words: str) -> None:
    with pytest.raises(NoSense, match=words) as caught:
        dry_run(order, {"gmail": 10})
    assert caught.value.field == field


def test_an_account_without_seeds_has_nothing_to_shuffle() -> None:
    with pytest.raises(NoSense, match="no seeds"):
        dry_run(Order(IN_PLACE, 50), Counter())
