"""Shuffles, the same cases for each vendor that can, over real HTTP against its sandbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, Busy, Rejected, UnexpectedAnswer, VendorDown
from clients.vendors.http import Http
from clients.vendors.inboxally import InboxAlly
from clients.vendors.shuffles import BY_PROVIDER, COMPLETED, CUSTOM, FAILED, IN_PLACE, PENDING, Order
from tests.clients.vendors.answering import answering, http
from tests.clients.vendors.stages import Stage

NEEDS = "shuffle"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDERS = {
    IN_PLACE: Order(IN_PLACE, percentage=50),
    BY_PROVIDER: Order(BY_PROVIDER, shares={"gmail": 75, "google_workspace": 25}),
    CUSTOM: Order(CUSTOM, shares={"gmail": 60, "yahoo": 20, "microsoft_365": 20}),
}


def mix(stage: Stage, vendor: Vendor) -> Counter[str]:
    pages = stage.walk(vendor, "seeds")
    return Counter(seed.mailbox_provider for page in pages for seed in page.records if seed.status == "active")


def sent(stage: Stage) -> int:
    return sum(one.method == "POST" for one in stage.sandbox.requests)


def test_an_account_that_never_shuffled_may_and_has_no_last_one(stage: Stage) -> None:
    vendor = stage.open()

    assert vendor.cooldown().allowed
    assert vendor.cooldown().next_allowed_at is None
    assert vendor.last_shuffle() is None
    assert vendor.shuffles(None).records == ()


@pytest.mark.parametrize("method", ORDERS)
def test_each_method_does_what_was_asked_and_tells_it_back(stage: Stage, method: str) -> None:
    vendor, order = stage.open(), ORDERS[method]
    before = mix(stage, vendor)

    made = vendor.shuffle(order)

    assert method in vendor.shuffle_methods
    assert (made.method, made.percentage, made.shares, made.state) == (method, order.percentage, order.shares, COMPLETED)
    assert made.at == NOON
    assert vendor.last_shuffle() == made
    assert vendor.shuffles(None).records == (made,)
    after = mix(stage, vendor)
    assert after.total() == before.total()
    if method == CUSTOM:
        assert after == {"gmail": 144, "yahoo": 48, "microsoft_365": 48}
    else:
        assert after == before


def test_the_cooldown_ends_thirty_days_after_the_last_one(stage: Stage) -> None:
    vendor = stage.open()
    vendor.shuffle(ORDERS[IN_PLACE])

    cooldown = vendor.cooldown()

    assert (cooldown.allowed, cooldown.last_at, cooldown.next_allowed_at) == (False, NOON, NOON + timedelta(days=30))
    stage.sandbox.clock.forward(30 * 86400 - 1)
    with pytest.raises(Rejected) as caught:
        vendor.shuffle(ORDERS[IN_PLACE])
    assert caught.value.status == 409
    stage.sandbox.clock.forward(1)
    assert vendor.cooldown().allowed
    assert vendor.shuffle(ORDERS[IN_PLACE]).external_id != vendor.shuffles(None).records[1].external_id


@pytest.mark.parametrize("fails", [False, True])
def test_a_shuffle_that_takes_its_time_is_pending_until_it_ends(stage: Stage, fails: bool) -> None:
    stage.sandbox.switches.shuffle_seconds, stage.sandbox.switches.shuffle_fails = 60, fails
    vendor = stage.open()

    assert vendor.shuffle(ORDERS[IN_PLACE]).state == PENDING
    stage.sandbox.clock.forward(60)

    last = vendor.last_shuffle()
    assert last
    assert last.state == (FAILED if fails else COMPLETED)
    assert vendor.cooldown().allowed is fails


@pytest.mark.parametrize(
    ("kind", "arguments", "happened"),
    [
        ("lost", {}, True),
        ("lost", {"reset": True}, True),
        ("cut", {}, True),
        ("close", {}, False),
        ("html", {"status": 200}, False),
        ("error", {"status": 503}, False),
    ],
)
def test_a_lost_answer_is_not_asked_for_again_and_the_last_one_tells(
    stage: Stage, kind: str, arguments: dict[str, object], happened: bool
) -> None:
    stage.sandbox.faults.add(kind, method="POST", times=None, **arguments)
    vendor = stage.open()

    with pytest.raises((VendorDown, UnexpectedAnswer)):
        vendor.shuffle(ORDERS[IN_PLACE])

    assert sent(stage) == 1
    assert (vendor.last_shuffle() is not None) == happened
    assert vendor.cooldown().allowed is not happened


@pytest.mark.parametrize(
    ("kind", "arguments", "error"),
    [("busy", {"retry_after": 1}, Busy), ("revoked", {}, AccessDenied), ("error", {"status": 422}, Rejected)],
)
def test_a_refusal_is_not_repeated(stage: Stage, kind: str, arguments: dict[str, object], error: type[Exception]) -> None:
    stage.sandbox.faults.add(kind, method="POST", times=None, **arguments)

    with pytest.raises(error):
        stage.open().shuffle(ORDERS[CUSTOM])
    assert sent(stage) == 1


def told(body: bytes) -> tuple[Any, Any]:
    """What is made of it as a cooldown and as a last shuffle; of an answer that is not understood, the field that was."""
    with answering(http(body=body)) as server:
        vendor = InboxAlly(Http(server.url, {"X-API-KEY": "k"}, loopback=True))
        try:
            return _or_field(vendor.cooldown), _or_field(vendor.last_shuffle)
        finally:
            vendor.close()


def _or_field(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except UnexpectedAnswer as error:
        return error.field


@pytest.mark.parametrize("body", [b"null", b"{}"])
def test_nothing_is_no_last_one_and_no_leave_to_shuffle(body: bytes) -> None:
    assert told(body) == ("allowed", None)


def test_the_end_of_the_cooldown_is_worked_out_where_it_is_not_said() -> None:
    cooldown, _ = told(b'{"allowed": false, "last_shuffle_at": "2026-11-05T10:00:00Z"}')
    assert cooldown.next_allowed_at == datetime(2026, 12, 5, 10, tzinfo=UTC)


def test_other_spellings_are_understood() -> None:
    body = b'{"shuffle": {"shuffleId": 7, "type": "custom", "distribution": {"GSuite": 40, "aol": 60}, "state": "done?"}}'
    _, last = told(body)
    assert (last.external_id, last.method, last.shares) == ("7", "custom", {"google_workspace": 40, "other": 60})
    assert last.state == PENDING


def test_a_shuffle_that_cannot_be_read_is_no_answer() -> None:
    assert told(b'{"method": "in_place"}')[1] == "shuffle"
    assert told(b"[1]")[1] == "shuffle"
