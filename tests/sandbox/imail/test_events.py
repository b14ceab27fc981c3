"""Events of the stories, and how they are delivered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.hooks import signature
from sandbox.imail.events import newest
from sandbox.imail.webhooks import TYPES
from tests.sandbox.imail.asking import Asking
from tests.sandbox.test_hooks import Door
from tests.waiting import wait_until

SECRET = "whsec_test_imail"


@pytest.fixture
def receiver() -> Iterator[Door]:
    door = Door()
    yield door
    door.server.shutdown()
    door.server.server_close()


def deliver(ask: Asking, **wanted: Any) -> Any:
    told = ask.client.post("/_sandbox/deliver", params={"vendor": "imail"}, json={"account": "northwind", **wanted})
    assert told.status_code == 200, told.text
    return told.json()


def assert_signed(receiver: Door, secret: str) -> None:
    body, headers = receiver.got[0]
    at = int(headers["X-Imail-Signature"].partition("=")[2].partition(",")[0])
    assert headers["X-Imail-Signature"] == signature(secret, body, at)


def test_the_stories_tell_of_every_type_as_often_as_the_figures_count(ask: Asking) -> None:
    ledger, now = ask.box.imail.ledger("northwind"), ask.box.clock.now()
    events = newest(ledger, now, 3_000)
    assert {event["type"] for event in events} == set(TYPES) - {"inbox.reconnected"}
    assert len({event["id"] for event in events}) == len(events)
    assert [event["created_at"] for event in events] == sorted(event["created_at"] for event in events)
    assert events == newest(ledger, now, 3_000), "the same on every asking"
    kinds = Counter(event["type"] for event in events if event["created_at"].startswith("2026-11-19"))
    day = [row for row in ask.truth()["rows"] if row["date"] == "2026-11-19"]
    for kind, count in {"email.sent": "sent", "email.bounced.hard": "bounced_hard", "reply.received": "replied"}.items():
        assert kinds[kind] == sum(row[count] for row in day)


def test_events_are_delivered_signed_and_tried_again(ask: Asking, receiver: Door) -> None:
    receiver.statuses = [503] * 3
    told = deliver(ask, url=receiver.url, secret=SECRET, events=3)
    assert (told["tries"], told["waiting"]) == ({"503": 3}, 3)
    assert deliver(ask, go_on=True) == {"tries": {}, "waiting": 3}
    ask.box.clock.forward(10)
    assert deliver(ask, go_on=True) == {"tries": {"200": 3}, "waiting": 0}
    assert_signed(receiver, SECRET)
    _, headers = receiver.got[0]
    assert headers["X-Imail-Event"] in TYPES
    assert headers["Imail-Version"] == "2026-05-10"


def test_letters_are_disturbed_when_asked_for(ask: Asking, receiver: Door) -> None:
    told = deliver(ask, url=receiver.url, secret=SECRET, events=40, duplicated=0.3, forged=0.1, style="raw", seed=3)
    assert set(told["letters"]) == {"true", "twice", "forged"}
    assert told["letters"]["true"] == {"200": 40}
    assert len(receiver.got) == sum(count for kinds in told["letters"].values() for count in kinds.values())


def test_a_registered_webhook_is_tested(ask: Asking, receiver: Door) -> None:
    made = ask.post("webhooks", {"url": receiver.url, "events": ["*"]}).json()
    assert ask.post(f"webhooks/{made['id']}/test").status_code == 202
    wait_until(lambda: len(receiver.got) == 1)
    assert "secret" not in ask.get(f"webhooks/{made['id']}").json()
    assert_signed(receiver, made["secret"])


def test_a_vendor_without_webhooks_says_so(ask: Asking) -> None:
    told = ask.client.post("/_sandbox/deliver", params={"vendor": "inboxally"}, json={"account": "northwind"})
    assert (told.status_code, told.json()) == (422, {"problem": "this vendor delivers nothing"})
