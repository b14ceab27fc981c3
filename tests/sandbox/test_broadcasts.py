from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from sandbox.inboxally.vocabulary import PROVIDERS
from tests.sandbox.asking import Asking

ACCOUNTS = ("northwind", "brunnen", "petit", "halden", "shared", "atelier", "tidal")
COUNTS = ("total_emails", "primary_inbox", "promotions", "spam")


@pytest.mark.parametrize("account", ACCOUNTS)
def test_counts_add_up_in_every_row(ask: Asking, account: str) -> None:
    rows = ask.of(account).every("/broadcasts")
    assert rows
    for row in rows:
        assert row["total_emails"] == row["primary_inbox"] + row["promotions"] + row["spam"] > 0
        inbox = row["primary_inbox"] + row["promotions"]
        assert row["inboxing_percentage"] == pytest.approx(inbox / row["total_emails"] * 100, abs=0.0051)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_mailbox_providers_add_up_to_the_whole(ask: Asking, account: str) -> None:
    asking = ask.of(account)
    whole = {row["id"]: Counter({name: row[name] for name in COUNTS}) for row in asking.every("/broadcasts")}
    parts: dict[str, Counter[str]] = {name: Counter() for name in whole}
    for provider in PROVIDERS:
        for row in asking.every("/broadcasts", provider=provider):
            assert row["total_emails"] > 0
            parts[row["id"]].update({name: row[name] for name in COUNTS})
    assert parts == whole


def test_only_gmail_boxes_have_promotions(ask: Asking) -> None:
    promotions = {
        provider: sum(row["promotions"] for row in ask.every("/broadcasts", provider=provider)) for provider in PROVIDERS
    }
    assert {provider for provider, number in promotions.items() if number} == {"gmail", "gsuite"}


def test_the_newest_stand_first(ask: Asking) -> None:
    rows = ask.every("/broadcasts")
    days = [row["date"] for row in rows]
    assert days == sorted(days, reverse=True)
    received = [ask.get(f"/broadcasts/{row['id']}").json()["first_received_at"] for row in rows[:30]]
    assert received == sorted(received, reverse=True)


def test_a_from_address_filters_exactly(ask: Asking) -> None:
    everything = ask.every("/broadcasts")
    mine = ask.every("/broadcasts", from_email="club@northwind.example")
    assert mine == [row for row in everything if row["from_email"] == "club@northwind.example"] != []
    assert ask.every("/broadcasts", from_email="lub@northwind.example") == []


def test_subject_sender_and_day_name_a_broadcast(ask: Asking) -> None:
    for account in ACCOUNTS:
        rows = ask.of(account).every("/broadcasts")
        names = Counter((row["subject"], row["from_email"], row["date"]) for row in rows)
        assert names.most_common(1)[0][1] == 1


def test_an_unknown_mailbox_provider_is_refused(ask: Asking) -> None:
    response = ask.get("/broadcasts", provider="icloud")
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", "provider"]


def test_one_broadcast_tells_its_mailbox_providers(ask: Asking) -> None:
    row = ask.every("/broadcasts")[40]
    detail = ask.get(f"/broadcasts/{row['id']}").json()
    assert {name: detail[name] for name in row} == row
    assert sum(part["total_emails"] for part in detail["providers"]) == row["total_emails"]
    assert detail["first_received_at"] < detail["last_received_at"]
    ask.box.switches.detail_providers = False
    assert "providers" not in ask.get(f"/broadcasts/{row['id']}").json()


def test_a_broadcast_of_another_account_is_not_found(ask: Asking) -> None:
    row = ask.every("/broadcasts")[0]
    assert ask.of("halden").get(f"/broadcasts/{row['id']}").status_code == 404


def todays(ask: Asking) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in ask.every("/broadcasts") if row["date"] == "2026-11-20"}


def test_counts_of_today_grow_with_the_clock_and_then_stand_still(ask: Asking) -> None:
    noon = todays(ask)
    ask.box.clock.forward(2 * 3600)
    later = todays(ask)
    assert noon
    assert set(noon) <= set(later)
    for name in COUNTS:
        assert all(later[one][name] >= noon[one][name] for one in noon)
    for name in ("primary_inbox", "promotions", "spam"):
        assert sum(later[one][name] for one in noon) > sum(noon[one][name] for one in noon)
    ask.box.clock.forward(9.9 * 3600)
    evening = todays(ask)
    ask.box.clock.forward(86400)
    assert todays(ask) == evening


def test_nothing_is_told_before_its_first_mail(ask: Asking) -> None:
    for hour in range(6, 20, 2):
        now = f"2026-11-20T{hour:02}:00:00Z"
        ask.box.clock.set(datetime.fromisoformat(now))
        for one in todays(ask):
            detail = ask.get(f"/broadcasts/{one}").json()
            assert detail["first_received_at"] <= detail["last_received_at"] <= now


def test_details_and_filters_grow_alike(ask: Asking) -> None:
    for _ in range(6):
        for one, row in todays(ask).items():
            parts = ask.get(f"/broadcasts/{one}").json()["providers"]
            assert sum(part["total_emails"] for part in parts) == row["total_emails"]
        ask.box.clock.forward(3000)


def test_reads_can_make_counts_grow(ask: Asking) -> None:
    assert ask.get("/broadcasts").content == ask.get("/broadcasts").content
    ask.box.switches.grow_every = 3
    reads = [sum(row["total_emails"] for row in ask.get("/broadcasts", limit=9).json()["broadcasts"]) for _ in range(6)]
    assert reads[0] == reads[1]
    assert reads[1] < reads[2] == reads[3] == reads[4] < reads[5]
    row = ask.get("/broadcasts", limit=1).json()["broadcasts"][0]
    detail = ask.get(f"/broadcasts/{row['id']}").json()
    assert {name: detail[name] for name in row} == row
    assert ask.box.truth("northwind")["total"]["total_emails"] == sum(row["total_emails"] for row in ask.every("/broadcasts"))


def test_120_days_are_kept_and_the_oldest_leave(ask: Asking) -> None:
    days = {row["date"] for row in ask.every("/broadcasts")}
    assert len(days) == 120
    assert min(days) == "2026-07-24"
    ask.box.clock.forward(86400)
    tomorrow = ask.every("/broadcasts")
    assert min(row["date"] for row in tomorrow) == "2026-07-25"
    assert max(row["date"] for row in tomorrow) == "2026-11-21"


def test_retention_can_be_shorter(ask: Asking) -> None:
    ask.box.switches.retention_days = 90
    old = min(row["date"] for row in ask.every("/broadcasts"))
    assert old == "2026-08-23"
    assert min(row["date"] for row in ask.box.truth("northwind")["rows"]) == old


def test_a_jump_of_years_leaves_120_days(ask: Asking) -> None:
    ask.box.clock.forward(3 * 365 * 86400)
    assert len({row["date"] for row in ask.every("/broadcasts")}) == 120


def test_the_truth_is_what_the_pages_say(ask: Asking) -> None:
    truth = ask.box.truth("shared")
    rows = ask.of("shared").every("/broadcasts")
    assert truth["total"] == {name: sum(row[name] for row in rows) for name in COUNTS}
    told = sum(row["total_emails"] for row in truth["rows"] if row["provider"] == "yahoo" and row["domain"] == "lumen.example")
    seen = ask.of("shared").every("/broadcasts", provider="yahoo")
    assert told == sum(row["total_emails"] for row in seen if row["from_email"].endswith("@lumen.example")) > 0
