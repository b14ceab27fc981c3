"""Webhooks that the vendors of the sandbox deliver by themselves."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from sandbox import subscribing
from sandbox.hooks import signature
from sandbox.server import Sandbox
from tests.sandbox.test_hooks import Door
from tests.waiting import wait_until

SECRET = "whsec_test"
TODAY = date(2026, 11, 20)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setattr(subscribing, "ROUND", 0.01)
    monkeypatch.setattr(subscribing, "LOOKS", 0.01)
    monkeypatch.setattr(subscribing, "PAUSE", 0.0)
    made = Door()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(today=TODAY) as found:
        yield found


def subscribe(box: Sandbox, vendor: str, account: str, url: str) -> httpx.Response:
    wanted = {"vendor": vendor, "account": account, "url": url, "secret": SECRET}
    return httpx.post(f"{box.url}/_sandbox/subscribe", json=wanted, trust_env=False)


def got(door: Door) -> list[dict[str, Any]]:
    return [json.loads(body) for body, _ in door.got]


def ids(box: Sandbox, vendor: str, account: str) -> list[str]:
    return [str(event["id"]) for event in box.vendors[vendor].told(account)]


@pytest.mark.parametrize(("vendor", "account", "header"), [("inbox", "northwind", "X-Inbox-Signature")])
def test_what_happened_lately_and_what_happens_then_is_delivered_once(
    box: Sandbox, door: Door, vendor: str, account: str, header: str
) -> None:
    assert subscribe(box, vendor, account, door.url).status_code == 201
    before = ids(box, vendor, account)
    wait_until(lambda: len(door.got) >= len(before), 20, what="what happened lately")
    box.change(account, vendor, live=3)
    after = ids(box, vendor, account)
    wait_until(lambda: len(door.got) >= len(after), 20, what="what happens then")
    assert [event["id"] for event in got(door)] == after
    assert len(after) > len(before)
    body, headers = door.got[0]
    assert headers[header] == signature(SECRET, body, int(headers[header].partition("=")[2].partition(",")[0]))


def test_until_somebody_answers_nothing_is_lost(box: Sandbox, door: Door) -> None:
    """A web server that is not up yet: the first is tried again as the vendor does, the rest waits behind."""
    subscriptions = subscribing.Subscriptions(box, box._lock, box._stopping)
    door.statuses = [503, 503]
    with_nobody = door.url.replace(str(door.server.server_port), "9")
    subscriptions.add("inboxbase", "harbour", with_nobody, SECRET)
    subscriptions.go_on()
    (one,) = subscriptions._all.values()
    assert (len(one.postman.attempts), one.postman.waiting) == (1, 1)
    wanted = ids(box, "inboxbase", "harbour")
    assert len(one.ahead) == len(wanted) - 1
    subscriptions.clear()
    subscriptions.add("inboxbase", "harbour", door.url, SECRET)
    subscriptions.go_on()
    box.clock.forward(5)
    subscriptions.go_on()
    assert sorted({event["id"] for event in got(door)}) == sorted(wanted)
    assert len(got(door)) == len(wanted) + 2


def test_it_begins_where_it_is_told_to(box: Sandbox, door: Door) -> None:
    subscriptions = subscribing.Subscriptions(box, box._lock, box._stopping)
    for vendor, account in (("imail", "northwind"), ("inbox", "northwind"), ("inboxbase", "harbour")):
        subscriptions.add(vendor, account, door.url, SECRET, "2026-11-19")
    subscriptions.go_on()
    days = {str(one.get("created_at") or one.get("createdAt") or one["timestamp"])[:10] for one in got(door)}
    assert days == {"2026-11-19", "2026-11-20"}


def test_a_client_that_slides_at_one_mailbox_provider_bounces_there(box: Sandbox) -> None:
    events = box.imail.told("northwind")
    assert events == box.imail.told("northwind")

    def at(kind: str, weeks: bool) -> Counter[str]:
        late = "2026-11-06"
        some = (one for one in events if one["type"] == kind and (str(one["created_at"]) >= late) is weeks)
        return Counter(str(one["data"]["email"]).partition("@")[2] for one in some)

    rates = {}
    for late in (False, True):
        sent, hard = at("email.sent", late), at("email.bounced.hard", late)
        rates[late] = {domain: hard[domain] / sent[domain] for domain in ("gmail.com", "outlook.com")}
    assert rates[True]["outlook.com"] > 0.1
    assert rates[True]["outlook.com"] > 2 * rates[False]["outlook.com"]
    assert max(rates[True]["gmail.com"], rates[False]["gmail.com"]) < 0.02


def test_who_delivers_nothing_says_so(box: Sandbox) -> None:
    assert subscribe(box, "inboxally", "northwind", "http://127.0.0.1:9/").status_code == 422
    assert subscribe(box, "imail", "nobody", "http://127.0.0.1:9/").status_code == 422
