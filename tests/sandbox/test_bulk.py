from __future__ import annotations

from collections import Counter

import pytest

from sandbox.inboxally.vocabulary import PROVIDERS
from tests.sandbox.asking import Asking

COUNTS = ("total_emails", "primary_inbox", "promotions", "spam")


@pytest.fixture
def big(ask: Asking) -> Asking:
    made = ask.control("POST", "accounts", json={"name": "big", "senders": 37, "broadcasts": 2345, "seeds": 90})
    assert made.status_code == 201
    assert made.json()["key"] == ask.box.key("big")
    return ask.of("big")


def test_every_row_is_served_once_newest_first(big: Asking) -> None:
    rows = big.every("/broadcasts", limit=97)
    assert len({row["id"] for row in rows}) == len(rows) == 2345
    days = [row["date"] for row in rows]
    assert days == sorted(days, reverse=True)
    assert len(set(days)) == 120
    assert (days[0], days[-1]) == ("2026-11-20", "2026-07-24")


def test_pages_that_straddle_a_block_are_whole(big: Asking) -> None:
    big.box.switches.max_limit = 1000
    whole = big.every("/broadcasts", limit=1000)
    assert [row for page in big.pages("/broadcasts", limit=333) for row in page] == whole
    assert len(big.get("/broadcasts", limit=1000).json()["broadcasts"]) == 1000


def test_rows_have_the_size_they_are_said_to_have(big: Asking) -> None:
    page = big.get("/broadcasts", limit=100).content
    assert len(page) / 100 == pytest.approx(428, abs=2)


def test_counts_add_up_over_mailbox_providers(big: Asking) -> None:
    whole = {row["id"]: Counter({name: row[name] for name in COUNTS}) for row in big.every("/broadcasts")}
    parts: dict[str, Counter[str]] = {name: Counter() for name in whole}
    for provider in PROVIDERS:
        for row in big.every("/broadcasts", provider=provider):
            parts[row["id"]].update({name: row[name] for name in COUNTS})
    assert parts == whole
    assert all(counts["total_emails"] == sum(counts[name] for name in COUNTS[1:]) for counts in whole.values())


def test_filters_by_sender_and_single_broadcasts(big: Asking) -> None:
    rows = big.every("/broadcasts")
    email = rows[5]["from_email"]
    mine = [row for page in big.pages("/broadcasts", from_email=email, limit=10) for row in page]
    assert mine == [row for row in rows if row["from_email"] == email] != []
    assert big.every("/broadcasts", from_email="nobody@brand01.example") == []
    detail = big.get(f"/broadcasts/{rows[2000]['id']}").json()
    assert {name: detail[name] for name in rows[2000]} == rows[2000]
    assert big.get("/broadcasts/brd_20261120_ffffffff").status_code == 404


def test_truth_and_senders_agree(big: Asking) -> None:
    rows = big.every("/broadcasts")
    assert big.box.truth("big")["total"] == {name: sum(row[name] for row in rows) for name in COUNTS}
    assert len(big.every("/senders")) == 37
    assert {row["sender_id"] for row in rows} == {sender["id"] for sender in big.every("/senders")}
    assert len(big.every("/seeds")) == 90


def test_old_days_leave(big: Asking) -> None:
    big.box.clock.forward(60 * 86400)
    rows = big.every("/broadcasts")
    assert min(row["date"] for row in rows) == "2026-09-22"
    assert 1100 < len(rows) < 1200


def test_rows_that_follow_from_their_number_cannot_be_changed(big: Asking) -> None:
    response = big.control("POST", "change", json={"account": "big", "remove_newest_broadcasts": 1})
    assert response.status_code == 422
    assert "cannot be changed" in response.json()["problem"]


def test_an_account_without_anything(ask: Asking) -> None:
    ask.box.add_account("bare", senders=0, broadcasts=0, seeds=0)
    bare = ask.of("bare")
    assert bare.every("/broadcasts") == bare.every("/senders") == bare.every("/seeds") == []
    assert ask.box.truth("bare")["total"]["total_emails"] == 0
