"""What every vendor does with a key that is refused, a fault, silence, and a vendor that says ‘not now’."""

from __future__ import annotations

import pytest

from clients.vendors.errors import (
    AccessDenied,
    Busy,
    PlanLacks,
    Rejected,
    VendorDown,
)
from sandbox.answers import Dialect
from tests.clients.vendors.stages import Stage
from tests.waiting import wait_until

BROKEN_OFF = [
    ("close", {}),
    ("reset", {}),
    ("empty", {}),
    ("html", {"status": 200}),
    ("html", {"status": 502}),
    ("cut", {"honest": True}),
    ("cut", {"honest": False}),
    *(("error", {"status": status}) for status in (500, 501, 502, 503, 504)),
]


def test_a_good_key_passes_the_check_with_one_request(stage: Stage) -> None:
    stage.open().check()

    assert len(stage.sandbox.requests) == 1


@pytest.mark.parametrize("dialect", ["detail", "message"])
def test_a_wrong_key_is_refused_within_two_requests(stage: Stage, dialect: Dialect) -> None:
    stage.sandbox.switches.dialect = dialect  # 401 in the one, 403 in the other

    with pytest.raises(AccessDenied, match=stage.vendor.label):
        stage.open("a-key-of-nobody").check()
    assert len(stage.sandbox.requests) == 2


def test_a_key_revoked_midway_stops_within_two_requests(stage: Stage, feed: str) -> None:
    vendor = stage.open()
    stage.read(vendor, feed)
    stage.sandbox.faults.add("revoked", times=None)

    with pytest.raises(AccessDenied):
        stage.read(vendor, feed)
    assert stage.asked(feed) == 1 + 2


def test_one_refusal_of_a_good_key_is_forgiven(stage: Stage) -> None:
    stage.sandbox.faults.add("error", status=403)

    assert stage.read(stage.open()).records


def test_a_plan_that_lacks_it_is_said_so_at_once(stage: Stage) -> None:
    stage.sandbox.faults.add("error", status=402, times=None)

    with pytest.raises(PlanLacks):
        stage.read(stage.open())
    assert stage.asked() == 1


@pytest.mark.parametrize("status", [400, 404, 405, 409, 422])
def test_a_rejection_is_not_tried_again(stage: Stage, status: int) -> None:
    stage.sandbox.faults.add("error", status=status, times=None)

    with pytest.raises(Rejected) as caught:
        stage.read(stage.open())
    assert caught.value.status == status
    assert stage.asked() == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(stage: Stage, status: int) -> None:
    stage.sandbox.faults.add("error", status=status, times=None)

    with pytest.raises(Rejected, match="elsewhere"):
        stage.read(stage.open())
    assert len(stage.sandbox.requests) == 1


@pytest.mark.parametrize(("kind", "args"), BROKEN_OFF)
def test_a_fault_that_passes_is_not_noticed(stage: Stage, feed: str, kind: str, args: dict[str, object]) -> None:
    vendor = stage.open()
    expected = stage.read(vendor, feed)
    stage.sandbox.faults.add(kind, times=4, **args)

    assert stage.read(vendor, feed) == expected


@pytest.mark.parametrize(("kind", "args"), BROKEN_OFF)
def test_a_fault_that_stays_ends_after_five_tries(stage: Stage, kind: str, args: dict[str, object]) -> None:
    stage.sandbox.faults.add(kind, times=None, **args)

    with pytest.raises(VendorDown) as caught:
        stage.read(stage.open())
    assert stage.asked() == 5
    assert stage.vendor.label in str(caught.value)
    assert "<" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "args"), [("stall", {}), ("drip", {"seconds": 0.05}), ("drip", {"seconds": 0.05, "part": "head"})]
)
def test_silence_and_single_bytes_end_after_five_tries(stage: Stage, hasty: None, kind: str, args: dict[str, object]) -> None:
    stage.sandbox.faults.add(kind, times=None, **args)

    with pytest.raises(VendorDown, match="in time"):
        stage.read(stage.open())
    # Who gave up may have been faster than who writes it down.
    wait_until(lambda: stage.asked() >= 5)
    assert stage.asked() == 5


@pytest.mark.parametrize(("retry_after", "seconds"), [("0", 0), ("1", 1), ("7", 7), ("9.5", 9.5), ("10", 10)])
def test_a_short_429_is_waited_for(stage: Stage, pauses: list[float], retry_after: str, seconds: float) -> None:
    stage.sandbox.faults.add("busy", retry_after=retry_after)

    assert stage.read(stage.open()).records
    assert pauses == [seconds]


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("11", 11),
        ("86400", 86400),
        ("abc", 30),
        ("-5", 30),
        ("", 30),
        (None, 30),
        ("nan", 30),
        ("1e9", 30),
        ("9" * 400, 86400),
        ("99999", 86400),
    ],
)
def test_a_long_429_goes_back_to_the_queue(stage: Stage, pauses: list[float], retry_after: str, seconds: float) -> None:
    stage.sandbox.faults.add("busy", retry_after=retry_after, times=None)

    with pytest.raises(Busy) as caught:
        stage.read(stage.open())
    assert caught.value.retry_after == seconds
    assert (stage.asked(), pauses) == (1, [])


def test_a_date_in_a_429_is_obeyed(stage: Stage, pauses: list[float]) -> None:
    stage.sandbox.faults.add("busy", retry_after=None, retry_after_date=5)
    stage.sandbox.faults.add("busy", retry_after=None, retry_after_date=3600)

    with pytest.raises(Busy) as caught:
        stage.read(stage.open())
    assert 4 <= pauses[0] <= 5
    assert 3598 <= caught.value.retry_after <= 3600


def test_a_429_that_never_ends_goes_back_to_the_queue(stage: Stage, pauses: list[float]) -> None:
    stage.sandbox.faults.add("busy", retry_after=2, times=None)

    with pytest.raises(Busy):
        stage.read(stage.open())
    assert pauses == [2, 2, 2]
