"""How fast, and how many calls: by the vendor's own log of what it was asked."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connections

from clients import tasks
from clients.changes import asking
from clients.models import Change, Connection
from clients.vendors import waiting
from sandbox import delivery
from sandbox.log import Asked
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import REPAIR, bring_senders, on, picked, planned, presets, states, writes

RATE = 60


@pytest.fixture
def paced(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In earnest: the budget is kept."""
    monkeypatch.setattr(waiting, "pause", time.sleep)
    settings.INBOXALLY_RATE = RATE


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer takes the vendor 30 ms."""
    real = delivery.send

    def late(*given: Any) -> bool:
        time.sleep(0.03)
        return real(*given)

    monkeypatch.setattr(delivery, "send", late)


def account(box: Sandbox, people: Cast, senders: int, settings: Any) -> Connection:
    settings.INBOXALLY_RATE = 0
    made = connect(people.north, key=box.add_account("big", senders=senders, broadcasts=1).key, client=people.acme)
    bring_senders(made)
    box.requests.clear()
    settings.INBOXALLY_RATE = RATE
    return made


def applied_together(changes: list[Change]) -> None:
    for change in changes:
        asking.apply(change, None)
    threads = [
        threading.Thread(target=lambda pk=change.pk: (tasks.apply_change(pk), connections.close_all())) for change in changes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)


def assert_paced(asked: list[Asked], rate: float) -> None:
    """They leave no closer together than the rate says; half a second is what a loaded machine may do to them on the way."""
    took = asked[-1].seconds - asked[0].seconds
    assert (len(asked) - 1) / rate <= took + 0.5


@pytest.mark.slow
def test_six_hundred_edits_take_hardly_longer_than_their_rate_asks(
    box: Sandbox, people: Cast, settings: Any, paced: None, slow: None
) -> None:
    connection = account(box, people, 700, settings)
    shares: list[float] = []
    # A machine that does something else meanwhile gets another go.
    for preset in ("repair", "boost", "protect"):
        # Five are left on each domain: no call for a whole domain will do.
        change = planned(people.mo, picked(connection, 600), {"preset": preset}, connection)
        box.requests.clear()
        applied_together([change])
        sent = writes(box)
        assert (states(change), len(sent)) == ({"done": 600}, 600)
        assert [asked for asked in sent if asked.status == 429] == []
        assert_paced(list(box.requests), RATE)
        shares.append((len(sent) - 1) / RATE / (sent[-1].seconds - sent[0].seconds))
        if shares[-1] >= 0.95:
            break
    assert max(shares) >= 0.95, shares


@pytest.mark.slow
def test_two_people_with_one_key_stay_within_its_rate_together(box: Sandbox, people: Cast, settings: Any, paced: None) -> None:
    connection = account(box, people, 400, settings)
    changes = [
        planned(people.mo, picked(connection, 90), REPAIR, connection),
        planned(people.ann, picked(connection, 90, skip=100), {"preset": "boost"}, connection),
    ]
    box.requests.clear()
    applied_together(changes)
    assert [states(change) for change in changes] == [{"done": 90}] * 2
    assert_paced(list(box.requests), RATE)


@pytest.mark.slow
def test_a_thousand_on_a_domain_are_one_call_and_a_thousand_picked_are_a_thousand(
    box: Sandbox, people: Cast, settings: Any, paced: None
) -> None:
    settings.INBOXALLY_RATE = 0
    connection = account(box, people, 1020, settings)
    settings.INBOXALLY_RATE = 0
    world = box.world.account("big")
    everyone = list(world.senders)
    box.change("big", senders={key: {"email": f"n{number}@wide.example"} for number, key in enumerate(everyone[:1000])})
    bring_senders(connection)

    change = planned(people.mo, on("wide.example"), REPAIR, connection)
    box.requests.clear()
    applied_together([change])
    assert (states(change), len(writes(box))) == ({"done": 1000}, 1)
    assert presets(box, "big") == {"repair": 1000, "default": 20}

    box.change("big", senders={everyone[1001]: {"email": "stranger@wide.example"}})
    settings.INBOXALLY_RATE = 300
    change = planned(people.mo, picked(connection, 1000), {"preset": "boost"}, connection)
    box.requests.clear()
    applied_together([change])
    sent = [asked for asked in writes(box) if asked.status == 200]
    assert states(change) == {"done": 1000}
    assert len(sent) == len(writes(box)) == len({asked.path for asked in sent}) == 1000
    assert_paced(list(box.requests), 300)
