"""What one vendor sends, others receive: mail to a seed makes a broadcast, mail with a test's code gives the test its rows."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest

from sandbox.server import Sandbox
from tests.sandbox.asking import Asking
from tests.sandbox.inboxbase.asking import Asking as Mailing
from tests.sandbox.instantly.asking import Asking as Watching
from tests.sandbox.instantly.asking import Row

GOOGLE = {"region": "North America", "sub_region": "US", "type": "Professional", "esp": "Google"}


@pytest.fixture
def mailing(box: Sandbox, client: httpx.Client) -> Mailing:
    return Mailing(box, client)


@pytest.fixture
def watching(box: Sandbox, client: httpx.Client) -> Watching:
    return Watching(box, client)


def probe(mailing: Mailing, *to: str, text: str = "Hello.") -> Counter[str]:
    """How many were sent from each address that recipients see."""
    answer = mailing.send(to=list(to), subject="A probe", text=text).json()
    return Counter(row["account"]["email"] for row in answer["messages"])


def outside(watching: Watching, **more: object) -> Row:
    wanted = {
        "name": "From outside", "type": 1, "sending_method": 2, "email_subject": "A probe", "email_body": "x",
        "emails": ["news@northwind.example"], "recipients_labels": [GOOGLE], "test_code": "acme-7", **more,
    }  # fmt: skip
    response = watching.post("inbox-placement-tests", wanted)
    assert response.status_code == 200, response.text
    made: Row = response.json()
    return made


def received(ask: Asking) -> Counter[str]:
    rows = [row for row in ask.every("/broadcasts") if row["subject"] == "A probe"]
    assert len(rows) == len({row["from_email"] for row in rows}), "one for each sender of a subject and a day"
    return Counter({row["from_email"]: row["total_emails"] for row in rows})


def test_mail_to_seeds_makes_broadcasts_that_grow(box: Sandbox, ask: Asking, mailing: Mailing) -> None:
    seeds = [seed["email"] for seed in ask.every("/seeds", status="active")][:9]
    sent = probe(mailing, *seeds[:6])
    probe(mailing, "nobody@there.example")
    assert not received(ask), "it is on its way"

    box.clock.forward(200)
    assert received(ask) == sent
    sent += probe(mailing, *seeds[6:])
    box.clock.forward(200)
    assert received(ask) == sent
    rows = [row for row in ask.every("/broadcasts") if row["subject"] == "A probe"]
    told = [ask.get(f"/broadcasts/{row['id']}").json() for row in rows]
    assert sum(part["total_emails"] for one in told for part in one["providers"]) == 9


def test_a_test_from_outside_has_the_mail_that_carries_its_code(box: Sandbox, watching: Watching, mailing: Mailing) -> None:
    test = outside(watching)
    seeds, code = test["recipients"], test["test_code"]
    assert watching.rows(test) == []
    probe(mailing, seeds[0], text="Without it.")
    sent = probe(mailing, *seeds[:5], text=f"With {code} in it.")
    probe(mailing, "nobody@there.example", text=code)

    rows = watching.rows(test)
    assert Counter(row["sender_email"] for row in rows) == sent
    assert {row["record_type"] for row in rows} == {1}, "none has arrived"
    box.clock.forward(130)
    rows = watching.rows(test)
    came = [row for row in rows if row["record_type"] == 2]
    assert {row["recipient_email"] for row in came} <= set(seeds[:5])
    assert len(rows) == 5 + len(came) > 8
    assert watching.get(f"inbox-placement-tests/{test['id']}").json()["status"] == 1
    box.clock.forward(3600)
    assert watching.get(f"inbox-placement-tests/{test['id']}").json()["status"] == 3


def test_rows_keep_their_place_when_more_mail_comes(box: Sandbox, watching: Watching, mailing: Mailing) -> None:
    test = outside(watching)
    seeds, code = test["recipients"], test["test_code"]
    seen: list[str] = []
    for seed in seeds[:4]:
        probe(mailing, seed, text=code)
        rows = [row["id"] for row in watching.rows(test, limit=2)]
        assert set(seen) < set(rows)
        seen = rows
        box.clock.forward(40)
    assert all(watching.get(f"inbox-placement-analytics/{one}").status_code == 200 for one in seen)


def test_what_is_queued_arrives_after_it_has_left(box: Sandbox, ask: Asking, mailing: Mailing) -> None:
    """Nobody needs to look at the sender meanwhile."""
    mailing.switch(mode="queued", queue_seconds=3600)
    [seed, *_] = [seed["email"] for seed in ask.every("/seeds", status="active")]
    mailing.send(to=seed, subject="A probe")
    box.clock.forward(3000)
    assert not received(ask)
    box.clock.forward(1000)
    assert sum(received(ask).values()) == 1


def test_a_second_sandbox_of_the_day_places_the_same(box: Sandbox, ask: Asking, mailing: Mailing) -> None:
    def landed() -> list[Row]:
        box.reset()
        seeds = [seed["email"] for seed in ask.every("/seeds", status="active")][:12]
        probe(mailing, *seeds)
        box.clock.forward(300)
        return [row for row in ask.every("/broadcasts") if row["subject"] == "A probe"]

    assert landed() == landed() != []
