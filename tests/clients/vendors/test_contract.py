"""The same cases for each vendor, over real HTTP against its sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from clients.vendors.errors import (
    Rejected,
    StaleCursor,
    UnexpectedAnswer,
    VendorError,
)
from tests.clients.vendors.stages import Stage


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
