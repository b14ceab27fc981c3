"""What may be changed of senders: the same cases for each vendor that declares it; then what one of them does beyond that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, Busy, Rejected, ScopeLacks, UnexpectedAnswer, VendorDown
from clients.vendors.instantly import Instantly
from clients.vendors.records import Warmup
from sandbox.server import Sandbox
from tests.clients.vendors.stages import STAGES, Stage

DECLARED = "sender_acts"


@pytest.fixture
def vendor(stage: Stage) -> Vendor:
    return stage.open()


def first(vendor: Vendor) -> str:
    return str(vendor.senders(None, vendor.sender_passes[0]).records[0].external_id)


def writes(stage: Stage) -> list[int | None]:
    assert stage.sandbox
    return [asked.status for asked in stage.sandbox.requests if asked.method != "GET"]


def test_each_status_that_it_declares_can_be_set_and_read_back(stage: Stage, vendor: Vendor) -> None:
    one = first(vendor)
    for status in reversed(vendor.sender_acts["status"]):
        vendor.edit(one, status)
        assert vendor.sender(one).status == status
    assert writes(stage) == [200] * len(vendor.sender_acts["status"])


def test_who_is_not_there_is_said_to_be_gone(vendor: Vendor) -> None:
    with pytest.raises(Rejected) as refused:
        vendor.sender("nobody@nowhere.example")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "busy", "retry_after": 7}, Busy),
        ({"kind": "error", "status": 500}, VendorDown),
        ({"kind": "lost"}, VendorDown),
        ({"kind": "revoked", "times": None}, AccessDenied),
    ],
    ids=["429", "500", "lost", "revoked"],
)
def test_a_change_is_sent_once_whatever_is_answered(
    stage: Stage, vendor: Vendor, fault: dict[str, object], error: type[Exception]
) -> None:
    one = first(vendor)
    vendor.sender(one)  # whatever it has to know beforehand
    assert stage.sandbox
    method = stage.changes_by
    stage.sandbox.faults.add(**{"method": method, **fault} if fault["kind"] != "revoked" else fault)
    with pytest.raises(error):
        vendor.edit(one, vendor.sender_acts["status"][-1])
    assert len(writes(stage)) == 1


@pytest.fixture
def instantly(sandbox: Sandbox) -> Iterator[tuple[Stage, Vendor]]:
    stage = next(stage for stage in STAGES if stage.vendor is Instantly).at(sandbox)
    yield stage, stage.open()
    stage.close()


def test_a_job_is_begun_and_followed(instantly: tuple[Stage, Vendor]) -> None:
    stage, vendor = instantly
    box = stage.sandbox
    assert box
    emails = [record.external_id for record in vendor.senders(None).records[:3]]
    begun = vendor.edit_several(emails, Warmup(False)).job
    now = vendor.job(begun)
    assert (now.over, now.failed, now.senders, now.what) == (False, "", frozenset(emails), Warmup(False))
    assert now.started_at
    assert [job.external_id for job in vendor.jobs_since(now.started_at)] == [begun]
    assert vendor.jobs_since(now.started_at + timedelta(seconds=1)) == []
    box.clock.forward(61)
    assert (vendor.job(begun).over, vendor.sender(emails[0]).raw["warmup_status"]) == (True, "paused")
    with pytest.raises(Rejected):
        vendor.job("0" * 24)


def test_those_that_it_did_not_take_are_named(instantly: tuple[Stage, Vendor]) -> None:
    _, vendor = instantly
    one = first(vendor)
    handed = vendor.edit_several([one, "nobody@nowhere.example"], "paused")
    assert (handed.refused, vendor.sender(one).status) == (("nobody@nowhere.example",), "paused")


def test_a_key_that_lacks_a_scope_is_told_which(instantly: tuple[Stage, Vendor]) -> None:
    stage, _ = instantly
    assert stage.sandbox
    reading = stage.open(stage.sandbox.instantly.key("readonly"))
    for act, scope in (
        (lambda: reading.edit("pat@harbour-agency.example", "paused"), "accounts:update"),
        (lambda: reading.edit_several(["pat@harbour-agency.example"], Warmup(True)), "accounts:update"),
        (lambda: reading.edit_campaign("01a0a1f0-7777-7aaa-8aaa-000000000001", "paused"), "campaigns:update"),
    ):
        with pytest.raises(ScopeLacks, match=scope):
            act()
    stage.sandbox.faults.add("error", "/api/v2/background-jobs*", status=401, times=None)
    with pytest.raises(ScopeLacks, match="background-jobs:read"):
        reading.jobs_since(datetime.now(UTC))


@pytest.mark.parametrize("field", ["id", "data", "created_at"])
def test_a_job_of_an_odd_shape_is_no_job_of_ours_or_says_its_field(instantly: tuple[Stage, Vendor], field: str) -> None:
    stage, vendor = instantly
    assert stage.sandbox
    begun = vendor.edit_several([first(vendor)], Warmup(True)).job
    stage.sandbox.faults.add("wrong_type", "/api/v2/background-jobs", field=field, value=[1], times=None)
    found = vendor.jobs_since(datetime(2000, 1, 1, tzinfo=UTC))
    assert [job.external_id for job in found if job.senders and job.started_at] == []
    stage.sandbox.faults.clear()
    assert vendor.job(begun).external_id == begun
    stage.sandbox.faults.add("html", "/api/v2/accounts/warmup/*", status=200, method="POST")
    with pytest.raises((VendorDown, UnexpectedAnswer)):
        vendor.edit_several([first(vendor)], Warmup(True))
