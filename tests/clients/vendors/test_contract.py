"""The same cases for each vendor, over real HTTP against its sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clients.vendors.errors import (
    AccessDenied,
    Busy,
    PlanLacks,
    Rejected,
    StaleCursor,
    UnexpectedAnswer,
    VendorDown,
    VendorError,
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


def test_all_pages_bring_each_row_once(stage: Stage) -> None:
    pages = list(stage.walk(stage.open()))

    ids = [record.external_id for page in pages for record in page.records]
    assert len(pages) > 1
    assert len(ids) == len(set(ids)) == stage.rows_of(stage.sandbox, stage.account)


def test_what_landed_is_what_the_vendor_counted(broadcasting: Stage) -> None:
    rows = [record for page in broadcasting.walk(broadcasting.open()) for record in page.records]

    assert sum(row.received for row in rows) == broadcasting.sandbox.truth(broadcasting.account)["total"]["total_emails"]


def test_short_pages_are_walked_through(stage: Stage) -> None:
    stage.switches(stage.sandbox).short_pages = 30

    rows = [record for page in stage.walk(stage.open()) for record in page.records]

    assert len(rows) == stage.rows_of(stage.sandbox, stage.account)


def test_empty_pages_are_walked_through(broadcasting: Stage) -> None:
    broadcasting.sandbox.switches.empty_pages = 1

    rows = [record for page in broadcasting.walk(broadcasting.open()) for record in page.records]

    assert len(rows) == broadcasting.rows_of(broadcasting.sandbox, broadcasting.account)


def test_the_split_of_all_mailbox_providers_adds_up_to_the_broadcast(broadcasting: Stage) -> None:
    vendor = broadcasting.open()
    whole = vendor.broadcasts(None).records[0]

    passes = [vendor.placements(None, provider)[0].records for provider in vendor.split_providers]

    parts = [record for records in passes for record in records if record.external_id == whole.external_id]
    assert sum(part.received for part in parts) == whole.received
    assert {part.mailbox_provider: part for part in vendor.detail(whole.external_id)} == {
        part.mailbox_provider: part for part in parts if part.received
    }


def test_a_pass_of_placements_names_the_newest_day_of_its_page(broadcasting: Stage) -> None:
    page, newest = broadcasting.open().placements(None, "gmail")

    assert page.records
    assert newest == datetime(2026, 11, 20, tzinfo=UTC).date()


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
    [("11", 11), ("86400", 86400), ("abc", 30), ("-5", 30), ("", 30), (None, 30), ("nan", 30), ("1e9", 30), ("9" * 400, 604800)],
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


def test_a_list_of_another_shape_is_named_after_five_tries(stage: Stage, feed: str) -> None:
    stage.sandbox.faults.add("wrong_type", where="envelope", field=stage.lists[feed].envelope, value="many", times=None)

    with pytest.raises(UnexpectedAnswer) as caught:
        stage.read(stage.open(), feed)
    assert caught.value.field == stage.lists[feed].envelope
    assert stage.asked(feed) == 5


@pytest.mark.parametrize("kind", ["missing_key", "null_id"])
def test_a_bad_row_is_set_aside_and_the_others_arrive(stage: Stage, feed: str, kind: str) -> None:
    vendor = stage.open()
    expected = stage.read(vendor, feed).records
    args = {"field": stage.lists[feed].spoilt} if kind == "missing_key" else {}
    stage.sandbox.faults.add(kind, row=3, **args)

    page = stage.read(vendor, feed)

    assert page.records == expected[:3] + expected[4:]
    [why] = page.set_aside
    assert stage.lists[feed].spoilt in why or "'id'" in why


@pytest.mark.parametrize("value", ["many", True, -1, 1.5, [], {}, 3_000_000_000, 10**30])
@pytest.mark.parametrize("name", ["primary_inbox", "total_emails", "spam"])
def test_what_is_no_count_is_set_aside(broadcasting: Stage, name: str, value: object) -> None:
    broadcasting.sandbox.faults.add("wrong_type", field=name, value=value)

    page = broadcasting.open().broadcasts(None)

    assert len(page.records) == 99
    assert len(page.set_aside) == 1
    assert name in page.set_aside[0]


def test_a_number_beyond_all_floats_is_set_aside(broadcasting: Stage) -> None:
    broadcasting.sandbox.faults.add("huge_number", field="spam")

    page = broadcasting.open().broadcasts(None)

    assert (len(page.records), len(page.set_aside)) == (99, 1)


@pytest.mark.parametrize(
    ("kind", "text"), [("nul", "beforeafter"), ("lone_surrogate", "half a smile "), ("huge_subject", ("Sale " * 200)[:999] + "…")]
)
def test_a_subject_that_no_database_takes_is_cleaned(broadcasting: Stage, kind: str, text: str) -> None:
    vendor = broadcasting.open()
    expected = vendor.broadcasts(None).records
    broadcasting.sandbox.faults.add(kind)

    page = vendor.broadcasts(None)

    assert page.records[0].subject == text
    assert page.records[1:] == expected[1:]
    assert page.set_aside == ()


@pytest.mark.parametrize("kind", ["extra_fields", "missing_optional"])
def test_fields_that_come_and_go_cost_no_row(stage: Stage, feed: str, kind: str) -> None:
    vendor = stage.open()
    expected = len(stage.read(vendor, feed).records)
    stage.sandbox.faults.add(kind)

    page = stage.read(vendor, feed)

    assert (len(page.records), page.set_aside) == (expected, ())


def test_an_unknown_mailbox_provider_is_other_and_keeps_its_name(broadcasting: Stage) -> None:
    broadcasting.sandbox.faults.add("unknown_provider")

    seed = broadcasting.open().seeds(None).records[0]

    assert (seed.mailbox_provider, seed.provider_raw) == ("other", "icloud")


def test_a_refused_cursor_is_told_apart(stage: Stage) -> None:
    vendor = stage.open()
    cursor = stage.read(vendor).cursor
    stage.sandbox.faults.add("stale_cursor")

    with pytest.raises(StaleCursor):
        stage.read(vendor, cursor=cursor)


def test_a_foreign_id_in_a_path_stays_an_id(broadcasting: Stage) -> None:
    with pytest.raises(Rejected) as caught:
        broadcasting.open().detail("../seeds?limit=1#")
    assert caught.value.status == 404


def test_no_error_tells_the_key(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    key = stage.key()
    for kind in ("revoked", "reset", "empty", "html", "cut", "busy"):
        args = {"retry_after": 90} if kind == "busy" else {}
        fault = stage.sandbox.faults.add(kind, times=None, **args)
        with pytest.raises(VendorError) as caught:
            stage.read(stage.open())
        told(caught.value, key)
        fault.times = 0
    assert key not in caplog.text


def told(error: BaseException | None, key: str) -> None:
    """Fails where the exception, or one that it comes from, knows the key."""
    import pickle
    import traceback

    assert error is not None
    assert key not in "".join(traceback.format_exception(error))
    assert key.encode() not in pickle.dumps(error)
    while error:
        assert key not in str(error) + repr(error) + repr(vars(error))
        assert not hasattr(error, "request"), f"{error!r} holds the request, and that holds the key"
        error = error.__cause__ or error.__context__


def test_the_clock_of_the_vendor_counts_for_its_dates(stage: Stage) -> None:
    """Read against our clock, an hour of difference would make us ask an hour too early."""
    from clients.vendors.answers import retry_after

    ahead = datetime.now(UTC) + timedelta(hours=1)
    form = "%a, %d %b %Y %H:%M:%S GMT"

    assert retry_after({"date": ahead.strftime(form), "retry-after": (ahead + timedelta(seconds=40)).strftime(form)}) == 40
