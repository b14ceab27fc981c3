from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sandbox.asking import Asking

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def mix(ask: Asking) -> Counter[str]:
    return Counter(seed["provider"] for seed in ask.every("/seeds"))


def shuffle(ask: Asking, **body: Any) -> dict[str, Any]:
    response = ask.send("POST", "/seeds/shuffle", json=body)
    assert response.status_code == 200, response.text
    value: dict[str, Any] = response.json()
    return value


def test_active_seeds_are_listed_unless_asked_otherwise(ask: Asking) -> None:
    halden = ask.of("halden")
    usual = halden.every("/seeds")
    assert {seed["status"] for seed in usual} == {"active"}
    assert usual == halden.every("/seeds", status="active")
    inactive = halden.every("/seeds", status="inactive")
    assert {seed["status"] for seed in inactive} == {"inactive"}
    assert len(halden.every("/seeds", status="all")) == len(usual) + len(inactive) == 150
    assert halden.get("/seeds", status="gone").status_code == 422


def test_a_seed_is_found_by_its_address(ask: Asking) -> None:
    seed = ask.every("/seeds")[3]
    assert ask.get(f"/seeds/{seed['email']}").json() == seed
    assert ask.get(f"/seeds/{seed['email'].replace('@', '%40')}").json() == seed
    assert ask.of("halden").get(f"/seeds/{seed['email']}").status_code == 404


@pytest.mark.parametrize("account", ["northwind", "brunnen", "petit", "halden", "shared", "atelier"])
def test_seed_mixes_differ_and_addresses_are_unique(ask: Asking, account: str) -> None:
    seeds = ask.of(account).every("/seeds", status="all")
    assert 60 <= len(ask.of(account).every("/seeds")) <= 500
    assert len({seed["email"] for seed in seeds}) == len(seeds)


def test_in_place_swaps_a_share_of_all_and_keeps_the_mix(ask: Asking) -> None:
    before, mix_before = {seed["email"] for seed in ask.every("/seeds")}, mix(ask)
    told = shuffle(ask, method="in_place", percentage=50)
    after = {seed["email"] for seed in ask.every("/seeds")}
    assert mix(ask) == mix_before
    assert len(after) == len(before) == 240
    assert len(before - after) == len(after - before) == told["seeds_replaced"] == 120
    gone = {seed["email"] for seed in ask.every("/seeds", status="inactive")}
    assert gone == before - after
    assert told["status"] == "completed"
    assert told["provider_mix_before"] == told["provider_mix_after"]


@pytest.mark.parametrize(("percentage", "swapped"), [(1, 2), (33, 79), (66, 158), (100, 240)])
def test_a_percentage_is_met_within_half_a_seed(ask: Asking, percentage: int, swapped: int) -> None:
    assert shuffle(ask, method="in_place", percentage=percentage)["seeds_replaced"] == swapped
    assert len(ask.every("/seeds", status="inactive")) == swapped


def test_halves_are_rounded_up(ask: Asking) -> None:
    told = shuffle(ask, method="in_place_by_provider", provider_percentages={"yahoo": 7, "ms365": 2})
    assert told["seeds_replaced"] == 3


def test_in_place_by_provider_touches_the_named_only(ask: Asking) -> None:
    before = ask.every("/seeds")
    told = shuffle(ask, method="in_place_by_provider", provider_percentages={"gmail": 75, "gsuite": 25, "yahoo": 0})
    kept = {seed["email"] for seed in ask.every("/seeds")}
    lost = Counter(seed["provider"] for seed in before if seed["email"] not in kept)
    assert lost == {"gmail": 63, "gsuite": 6}
    assert told["seeds_replaced"] == 69
    assert mix(ask) == Counter(seed["provider"] for seed in before)


def test_custom_reaches_the_new_mix(ask: Asking) -> None:
    told = shuffle(ask, method="custom", provider_mix={"gmail": 33, "yahoo": 33, "outlook": 34})
    after = mix(ask)
    assert sum(after.values()) == 240
    for provider, share in {"gmail": 33, "yahoo": 33, "outlook": 34}.items():
        assert abs(after[provider] - 240 * share / 100) < 1
    assert set(after) == {"gmail", "yahoo", "outlook"}
    assert told["provider_mix_after"] == {"gmail": 33, "yahoo": 33, "outlook": 34}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"method": "all"},
        {"method": ["in_place"]},
        {"method": "in_place"},
        {"method": "in_place", "percentage": 0},
        {"method": "in_place", "percentage": 101},
        {"method": "in_place", "percentage": 2.5},
        {"method": "in_place", "percentage": "50"},
        {"method": "in_place", "percentage": True},
        {"method": "in_place", "percentage": 50, "provider_mix": {"gmail": 100}},
        {"method": "in_place_by_provider", "provider_percentages": {"gmail": 0}},
        {"method": "in_place_by_provider", "provider_percentages": {}},
        {"method": "in_place_by_provider", "provider_percentages": {"icloud": 5}},
        {"method": "in_place_by_provider", "provider_percentages": {"gmail": 101}},
        {"method": "in_place_by_provider", "provider_percentages": {"gmail": 5}, "percentage": 5},
        {"method": "custom", "provider_mix": {"gmail": 60, "yahoo": 39}},
        {"method": "custom", "provider_mix": {"gmail": 60, "yahoo": 41}},
        {"method": "custom", "provider_mix": {"gmail": 110, "yahoo": -10}},
        {"method": "custom", "provider_mix": [100]},
        {"method": "custom", "percentage": 100},
    ],
)
def test_a_shuffle_that_makes_no_sense_changes_nothing(ask: Asking, body: dict[str, Any]) -> None:
    before = ask.every("/seeds")
    assert ask.send("POST", "/seeds/shuffle", json=body).status_code == 422
    assert ask.every("/seeds") == before
    assert ask.get("/seeds/shuffle/status").json()["allowed"] is True


def test_cooldown_ends_on_the_second(ask: Asking) -> None:
    shuffle(ask, method="in_place", percentage=10)
    ask.box.clock.set(NOON + timedelta(days=30, seconds=-1))
    refused = ask.send("POST", "/seeds/shuffle", json={"method": "in_place", "percentage": 10})
    assert refused.status_code == 409
    assert refused.json()["next_allowed_at"] == "2026-12-20T12:00:00Z"
    assert ask.get("/seeds/shuffle/status").json() == {
        "allowed": False,
        "cooldown_days": 30,
        "last_shuffle_at": "2026-11-20T12:00:00Z",
        "next_allowed_at": "2026-12-20T12:00:00Z",
    }
    ask.box.clock.forward(1)
    assert ask.get("/seeds/shuffle/status").json()["allowed"] is True
    shuffle(ask, method="in_place", percentage=10)


def test_an_account_that_never_shuffled_may(ask: Asking) -> None:
    status = ask.get("/seeds/shuffle/status").json()
    assert (status["allowed"], status["last_shuffle_at"], status["next_allowed_at"]) == (True, None, None)
    assert ask.get("/seeds/shuffle/last").status_code == 404
    assert ask.get("/seeds/shuffle/history").json() == {"shuffles": []}


def test_history_has_the_newest_first_and_pages(ask: Asking) -> None:
    brunnen = ask.of("brunnen")
    shuffle(brunnen, method="in_place", percentage=5)
    history = [row for page in brunnen.pages("/seeds/shuffle/history", limit=1) for row in page]
    assert [row["created_at"][:10] for row in history] == ["2026-11-20", "2026-10-18", "2026-09-11"]
    assert brunnen.get("/seeds/shuffle/last").json() == history[0]


def test_shuffle_is_never_taken_for_an_address(ask: Asking) -> None:
    assert ask.get("/seeds/shuffle").status_code == 405
    assert ask.send("DELETE", "/seeds/shuffle/status").status_code == 405
    assert ask.get("/seeds/shuffle/none").status_code == 404


def test_a_shuffle_can_take_its_time(ask: Asking) -> None:
    before = ask.every("/seeds")
    ask.box.switches.shuffle_seconds = 90
    told = shuffle(ask, method="in_place", percentage=100)
    assert (told["status"], told["completed_at"]) == ("pending", None)
    assert ask.every("/seeds") == before
    ask.box.clock.forward(89)
    assert ask.get("/seeds/shuffle/last").json()["status"] == "pending"
    ask.box.clock.forward(1)
    assert ask.get("/seeds/shuffle/last").json()["status"] == "completed"
    assert not {seed["email"] for seed in before} & {seed["email"] for seed in ask.every("/seeds")}


def test_a_failed_shuffle_changes_nothing_and_leaves_no_cooldown(ask: Asking) -> None:
    before = ask.every("/seeds")
    ask.box.switches.shuffle_seconds, ask.box.switches.shuffle_fails = 5, True
    shuffle(ask, method="in_place", percentage=100)
    assert ask.get("/seeds/shuffle/status").json()["allowed"] is False
    ask.box.clock.forward(5)
    assert ask.get("/seeds/shuffle/last").json()["status"] == "failed"
    assert ask.get("/seeds/shuffle/status").json()["allowed"] is True
    assert ask.every("/seeds") == before
