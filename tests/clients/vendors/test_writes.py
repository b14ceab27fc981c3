"""Changing senders: the same cases for each vendor that `can`, over real HTTP against its sandbox."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, Busy, PlanLacks, Rejected, VendorDown, VendorError
from clients.vendors.records import NewSender, Rules, SenderRecord
from sandbox.server import Sandbox
from tests.clients.vendors.stages import Stage

NEEDS = "engagement"
CUSTOM = Rules("custom", 1, 2, 3, 4, 5, 6, 7)
SEVEN = ("open", "scroll_down", "spam_to_inbox", "promo_to_inbox", "mark_important", "reply", "click_link")


@pytest.fixture
def vendor(stage: Stage) -> Vendor:
    """With 200 senders: ten on each of twenty domains, forty with each of five tags."""
    stage.sandbox.add_account("wide", senders=200, broadcasts=1)
    return stage.open(stage.sandbox.key("wide"))


def senders(vendor: Vendor) -> dict[str, SenderRecord]:
    found = {}
    for which in vendor.sender_passes:
        cursor = None
        while True:
            page = vendor.senders(cursor, which)
            found |= {record.external_id: record for record in page.records}
            if not (cursor := page.cursor):
                break
    return found


def first(vendor: Vendor) -> SenderRecord:
    return next(iter(senders(vendor).values()))


def writes(stage: Stage) -> list[str]:
    return [f"{asked.method} {asked.status}" for asked in stage.sandbox.requests if asked.method != "GET"]


@pytest.mark.parametrize("preset", ["default", "warmup", "repair", "boost", "protect"])
def test_a_preset_goes_to_one_sender_and_no_other(stage: Stage, vendor: Vendor, preset: str) -> None:
    before, one = senders(vendor), first(vendor)
    vendor.edit(one.external_id, Rules(preset))

    assert vendor.sender(one.external_id).preset == preset
    after = senders(vendor)
    assert {key for key in after if after[key].preset != before[key].preset} <= {one.external_id}
    assert writes(stage) == ["PUT 200"]


def test_percentages_of_ones_own_arrive_as_they_were_meant(vendor: Vendor) -> None:
    one = first(vendor)
    vendor.edit(one.external_id, CUSTOM)

    read = vendor.sender(one.external_id)
    assert (read.preset, *(getattr(read, name) for name in SEVEN)) == ("custom", 1, 2, 3, 4, 5, 6, 7)


def test_a_status_goes_there_and_back(vendor: Vendor) -> None:
    one = first(vendor)
    vendor.edit(one.external_id, "inactive")
    assert vendor.sender(one.external_id).status == "inactive"
    vendor.edit(one.external_id, "active")
    assert vendor.sender(one.external_id).status == "active"


@pytest.mark.parametrize(("kind", "value", "number"), [("domain", "brand03.example", 10), ("tag", "tag2", 40)])
@pytest.mark.parametrize("what", [Rules("repair"), "inactive"], ids=["rules", "status"])
def test_one_call_changes_just_those_that_the_vendor_lists_for_it(
    stage: Stage, vendor: Vendor, kind: str, value: str, number: int, what: Rules | str
) -> None:
    listed = {record.external_id for record in vendor.selected(kind, value, None).records}
    before = senders(vendor)
    vendor.edit_all(kind, value, what)

    after = senders(vendor)
    changed = {key for key in after if (after[key].preset, after[key].status) != (before[key].preset, before[key].status)}
    assert changed == listed
    assert len(changed) == number
    assert writes(stage) == ["PUT 200"]


def test_inactive_senders_are_listed_with_their_domain_too(vendor: Vendor) -> None:
    one = first(vendor)
    vendor.edit(one.external_id, "inactive")
    assert one.external_id in {record.external_id for record in vendor.selected("domain", one.domain, None).records}


def test_a_tag_with_a_slash_and_a_space_names_itself(stage: Stage, vendor: Vendor) -> None:
    one = first(vendor)
    vendor.describe(one.external_id, "Named", ["a/b c%"])
    assert [record.external_id for record in vendor.selected("tag", "a/b c%", None).records] == [one.external_id]
    vendor.edit_all("tag", "a/b c%", Rules("boost"))
    read = vendor.sender(one.external_id)
    assert (read.name, read.tags, read.preset) == ("Named", ("a/b c%",), "boost")


def test_of_a_domain_that_nobody_has_nothing_is_listed(vendor: Vendor) -> None:
    assert vendor.selected("domain", "nobody.example", None).records == ()


def test_a_sender_that_is_gone_is_a_404(vendor: Vendor) -> None:
    for call in (lambda: vendor.sender("gone"), lambda: vendor.edit("gone", Rules("repair"))):
        with pytest.raises(Rejected) as refused:
            call()
        assert refused.value.status == 404


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (("busy", {"retry_after": 7}), Busy),
        (("error", {"status": 402}), PlanLacks),
        (("revoked", {}), AccessDenied),
        (("error", {"status": 422}), Rejected),
        (("error", {"status": 500}), VendorDown),
        (("close", {}), VendorDown),
        (("lost", {}), VendorDown),
    ],
    ids=lambda given: given[0] if isinstance(given, tuple) else given.__name__,
)
def test_a_change_is_sent_once_whatever_the_answer(
    stage: Stage, vendor: Vendor, fault: tuple[str, dict[str, object]], error: type[VendorError]
) -> None:
    one = first(vendor)
    stage.sandbox.faults.add(fault[0], "/v3/senders/*", method="PUT", times=None, **fault[1])
    with pytest.raises(error):
        vendor.edit(one.external_id, Rules("repair"))

    assert len(writes(stage)) == 1
    # Of these only a lost answer leaves the change behind.
    assert (vendor.sender(one.external_id).preset == "repair") is (fault[0] == "lost")


def made(**changes: object) -> NewSender:
    given = {"email": "new@brand00.example", "name": "New", "tags": ("one",), "status": "active", "rules": Rules("warmup")}
    return NewSender(**{**given, **changes})


def test_a_new_sender_comes_back_as_the_vendor_has_it(vendor: Vendor) -> None:
    record = vendor.create_sender(made())

    assert vendor.sender(record.external_id) == record
    told = (record.email, record.name, record.tags, record.status, record.preset)
    assert told == ("new@brand00.example", "New", ("one",), "active", "warmup")


def test_a_new_sender_may_have_percentages_of_its_own(vendor: Vendor) -> None:
    assert vendor.create_sender(made(rules=CUSTOM)).click_link == 7


@pytest.mark.parametrize(
    ("email", "status", "words"),
    [
        ("me@gmail.com", 422, "free mailboxes"),
        ("me@unverified.example", 422, "not verified"),
        ("box00000@brand00.example", 409, "exists"),
        ("no address", 422, "not an address"),
    ],
)
def test_what_is_wrong_with_a_new_address_stands_at_its_field(vendor: Vendor, email: str, status: int, words: str) -> None:
    with pytest.raises(Rejected) as refused:
        vendor.create_sender(made(email=email))

    assert refused.value.status == status
    assert words in refused.value.fields["email"]
    assert vars(pickle.loads(pickle.dumps(refused.value))) == vars(refused.value)  # noqa: S301


@pytest.mark.parametrize("dialect", ["detail", "message"])
def test_a_full_plan_is_told_apart_from_a_bad_key(stage: Stage, vendor: Vendor, dialect: Any) -> None:
    stage.sandbox.switches.dialect = dialect
    stage.sandbox.world.account("wide").plan = 200
    with pytest.raises(PlanLacks, match="200 sender profiles"):
        vendor.create_sender(made())
    assert writes(stage) == ["POST 403"]

    stage.sandbox.faults.add("revoked", times=None)
    with pytest.raises(AccessDenied):
        vendor.create_sender(made())


def test_a_key_is_in_no_refusal(stage: Stage, sandbox: Sandbox) -> None:
    vendor = stage.open("canary-key-of-nobody")
    with pytest.raises(AccessDenied) as refused:
        vendor.edit("any", Rules("repair"))
    assert "canary" not in str(refused.value) + refused.value.said
