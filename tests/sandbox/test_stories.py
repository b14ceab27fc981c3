from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import httpx
import pytest

from sandbox.inboxally.vocabulary import PROVIDERS
from sandbox.server import Sandbox
from tests.sandbox.asking import Asking
from tests.sandbox.conftest import TODAY


def inboxing(ask: Asking, provider: str, oldest: int, newest: int) -> float:
    """The rate at a mailbox provider from `oldest` to `newest` days ago, both included."""
    total = inbox = 0
    for row in ask.every("/broadcasts", provider=provider):
        if newest <= (TODAY - date.fromisoformat(row["date"])).days <= oldest:
            total += row["total_emails"]
            inbox += row["primary_inbox"] + row["promotions"]
    assert total > 30
    return inbox / total


def test_northwind_slides_at_outlook(ask: Asking) -> None:
    assert inboxing(ask, "outlook", 60, 22) == pytest.approx(0.92, abs=0.03)
    weeks = [inboxing(ask, "outlook", start + 6, start) for start in (21, 14, 7, 0)]
    assert weeks == sorted(weeks, reverse=True)
    assert inboxing(ask, "outlook", 2, 0) == pytest.approx(0.46, abs=0.06)


@pytest.mark.parametrize("provider", [name for name in PROVIDERS if name != "outlook"])
def test_northwind_is_well_elsewhere(ask: Asking, provider: str) -> None:
    assert inboxing(ask, provider, 20, 0) == pytest.approx(inboxing(ask, provider, 60, 21), abs=0.05)
    assert inboxing(ask, provider, 20, 0) > 0.88


@pytest.mark.parametrize("provider", PROVIDERS)
def test_brunnen_fell_everywhere_and_recovered_after_repair(ask: Asking, provider: str) -> None:
    brunnen = ask.of("brunnen")
    assert inboxing(brunnen, provider, 119, 50) > 0.88
    assert inboxing(brunnen, provider, 41, 35) < 0.66
    assert inboxing(brunnen, provider, 6, 0) > 0.85
    for sender in brunnen.every("/senders"):
        assert (sender["engagement_rules"]["preset"], sender["updated_at"][:10]) == ("repair", "2026-10-17")


def test_brunnen_has_a_few_hostile_subjects(ask: Asking) -> None:
    subjects = [row["subject"] for row in ask.of("brunnen").every("/broadcasts")]
    assert sum(subject.startswith("=cmd") for subject in subjects) == 1
    assert sum("<script>" in subject for subject in subjects) == 1
    assert sum("🍺" in subject for subject in subjects) == 1
    assert sum('"Brunnen", the' in subject for subject in subjects) == 1


def test_petit_never_has_enough_mail(ask: Asking) -> None:
    rows = ask.of("petit").every("/broadcasts")
    assert {row["total_emails"] for row in rows} == {2}
    days = Counter(date.fromisoformat(row["date"]).toordinal() for row in rows)
    for first in range(min(days), max(days) + 1):
        assert 2 * sum(days[day] for day in range(first, first + 30)) < 20


def test_halden_is_silent_for_ten_days(ask: Asking) -> None:
    days = {(TODAY - date.fromisoformat(row["date"])).days for row in ask.of("halden").every("/broadcasts")}
    assert days == set(range(10, 120))
    ask.box.clock.forward(5 * 86400)
    assert ask.of("halden").every("/broadcasts")[0]["date"] == "2026-11-10"


def test_shared_serves_three_clients_and_one_stray(ask: Asking) -> None:
    shared = ask.of("shared")
    senders = shared.every("/senders")
    assert len(senders) == 40
    claims = {
        "lumen": {sender["id"] for sender in senders if sender["domain"] == "lumen.example"},
        "kestrel": {sender["id"] for sender in senders if sender["domain"] == "kestrel.example"},
        "fjord": {sender["id"] for sender in senders if "fjord" in sender["tags"]},
    }
    assert [len(claim) for claim in claims.values()] == [14, 13, 12]
    unclaimed = [sender for sender in senders if not any(sender["id"] in claim for claim in claims.values())]
    assert [sender["email"] for sender in unclaimed] == ["ops@stray.example"]
    volume = Counter(row["sender_id"] for row in shared.every("/broadcasts"))
    for claim in (*claims.values(), {unclaimed[0]["id"]}):
        assert sum(volume[name] for name in claim) > 30


def test_atelier_shatters_into_small_broadcasts(ask: Asking) -> None:
    rows = ask.of("atelier").every("/broadcasts")
    small = [row for row in rows if row["total_emails"] <= 3]
    assert len(small) > len(rows) / 2
    assert any(row["total_emails"] >= 20 for row in rows)
    assert inboxing(ask.of("atelier"), "gmail", 30, 0) > 0.9


def test_the_refused_key_opens_nothing(ask: Asking) -> None:
    for path in ("/seeds", "/senders", "/broadcasts", "/nowhere"):
        assert ask.of("refused").get(path).status_code == 401


def test_weekends_are_quieter(ask: Asking) -> None:
    numbers: defaultdict[bool, list[int]] = defaultdict(list)
    per_day = Counter(row["date"] for row in ask.of("brunnen").every("/broadcasts") if row["date"] != "2026-11-20")
    for day, number in per_day.items():
        numbers[date.fromisoformat(day).weekday() >= 5].append(number)
    assert max(numbers[True]) <= 2
    assert min(numbers[False]) >= 1
    assert max(numbers[False]) <= 6
    assert sum(numbers[False]) / len(numbers[False]) > 3


def test_retired_senders_fell_silent_when_they_were_switched_off(ask: Asking) -> None:
    rows = ask.every("/broadcasts", from_email="outlet@northwind.example")
    assert rows
    assert max(row["date"] for row in rows) < "2026-10-06"


def everything(box: Sandbox, client: httpx.Client) -> list[bytes]:
    bodies = []
    for account in ("northwind", "shared", "atelier", "petit"):
        asking = Asking(box, client, account)
        for path in ("/seeds?status=all", "/senders", "/broadcasts", "/seeds/shuffle/history"):
            value = asking.get(path)
            bodies.append(value.content)
    return bodies


def test_the_seed_number_and_the_day_decide_every_byte() -> None:
    def told(seed: int, today: date) -> list[bytes]:
        with Sandbox(seed, today) as box, httpx.Client(base_url=box.url, trust_env=False) as client:
            return everything(box, client)

    first = told(7, TODAY)
    assert told(7, TODAY) == first
    assert told(8, TODAY)[2] != first[2]
    assert told(7, date(2026, 11, 19))[2] != first[2]


def test_the_order_of_asking_changes_nothing(ask: Asking) -> None:
    forth = {name: ask.of(name).get("/broadcasts", limit=100).content for name in ("northwind", "halden", "atelier")}
    ask.box.reset()
    back = {name: ask.of(name).get("/broadcasts", limit=100).content for name in ("atelier", "halden", "northwind")}
    assert forth == back
