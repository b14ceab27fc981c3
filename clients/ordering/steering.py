"""What becomes of a test that is there: paused, resumed, renamed, run at other times, deleted. While somebody waits.

Each call is sent once, and what the page then shows was read back.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from agency.secrets import Unreadable
from clients import lacking
from clients.calling import open_vendor
from clients.models import Client, PlacementTest, TestStatus
from clients.ordering import automating, choosing, history, storing
from clients.vendors.base import Vendor
from clients.vendors.errors import Rejected, ScopeLacks, UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.records import PlacementTestRecord
from clients.vendors.testing import Schedule, TestEdit

MEANWHILE = (
    "Its automations have been changed at the vendor meanwhile: they stand on the test’s page. To put these in their place, save "
    "once more."
)
CHANGED = "It has been changed at the vendor meanwhile: what it says now stands here. To change it all the same, save once more."
_GONE = "The vendor has this test no more."


class Meanwhile(VendorError):
    """What was to be changed is no longer what it was; it is kept as it is now, and nothing was sent."""


#: What a caller hears of: the vendor's errors, and a key that can't be read.
TROUBLE = (VendorError, Unreadable)


def pause(test: PlacementTest, client: Client, by: HttpRequest) -> None:
    """Raises TROUBLE, as those below."""
    edit(test, client, TestEdit(status=TestStatus.PAUSED), "test.paused", by)


def resume(test: PlacementTest, client: Client, by: HttpRequest) -> None:
    edit(test, client, TestEdit(status=TestStatus.ACTIVE), "test.resumed", by)


def edit(test: PlacementTest, client: Client, wanted: TestEdit, action: str, by: HttpRequest) -> None:
    """Only what `wanted` names is sent; where it names nothing, nothing is."""
    if wanted == TestEdit():
        return
    _must_be_asked(test)
    before = said(test)
    with open_vendor(test.connection, foreground=True) as opened:
        vendor = opened.acting_for(test.workspace)
        if wanted != TestEdit(status=wanted.status):
            _stands(vendor, test, wanted)
        try:
            vendor.edit_test(test.external_id, wanted)
        except (VendorDown, UnexpectedAnswer) as error:
            # The answer was lost: the test tells whether it was carried out all the same.
            if not _has(vendor, record := _read(vendor, test), wanted):
                raise error from None
        except Rejected as refusal:
            if refusal.status != 404:
                raise
            raise _gone(test) from None
        except ScopeLacks as refusal:
            lacking.refuse(test.connection, lacking.TESTS, refusal)
            raise
        else:
            lacking.allow(test.connection, lacking.TESTS)
            record = _read(vendor, test)
    kept = storing.keep(test.connection, record, test.workspace)
    after = said(kept)
    if changed := [name for name in after if after[name] != before[name]]:
        old, new = ({name: each[name] for name in changed} for each in (before, after))
        history.steered(kept, client, action, by, before=old, after=new)
    if not _has(vendor, record, wanted):
        raise VendorError("The vendor took it, and says that the test is as it was.")


def delete(test: PlacementTest, client: Client, by: HttpRequest) -> None:
    _must_be_asked(test)
    with open_vendor(test.connection, foreground=True) as opened:
        vendor = opened.acting_for(test.workspace)
        try:
            vendor.delete_test(test.external_id)
        except (VendorDown, UnexpectedAnswer) as error:
            if _is_there(vendor, test):
                raise error from None
        except ScopeLacks as refusal:
            lacking.refuse(test.connection, lacking.TESTS, refusal)
            raise
        except Rejected as refusal:
            if refusal.status != 404:
                raise
    storing.forget(test)
    history.steered(test, client, "test.deleted", by, before=said(test))


def _stands(vendor: Vendor, test: PlacementTest, wanted: TestEdit) -> None:
    """A schedule, and all automations, are replaced as one: what somebody put in at the vendor meanwhile would be lost unseen."""
    record = _read(vendor, test)
    was, now = vendor.recipe_of(test.raw), vendor.recipe_of(record.raw)
    if wanted.automations is not None and now.automations != was.automations:
        why = MEANWHILE
    elif (wanted.schedule and now.schedule != was.schedule) or (wanted.name is not None and record.name != test.name):
        why = CHANGED
    else:
        return
    storing.keep(test.connection, record, test.workspace)
    raise Meanwhile(why)


def _must_be_asked(test: PlacementTest) -> None:
    if why := choosing.barred(test.connection, test.workspace) or (_GONE if test.gone_at else ""):
        raise VendorError(why)


def _read(vendor: Vendor, test: PlacementTest) -> PlacementTestRecord:
    try:
        return vendor.test(test.external_id)
    except Rejected as refusal:
        if refusal.status != 404:
            raise
    raise _gone(test)


def _is_there(vendor: Vendor, test: PlacementTest) -> bool:
    try:
        vendor.test(test.external_id)
    except Rejected as refusal:
        return refusal.status != 404
    return True


def _gone(test: PlacementTest) -> VendorError:
    storing.forget(test)
    return VendorError(_GONE)


def _has(vendor: Vendor, record: PlacementTestRecord, wanted: TestEdit) -> bool:
    made = vendor.recipe_of(record.raw)
    pairs = [(wanted.status, record.status), (wanted.name, record.name), (wanted.schedule, made.schedule)]
    return all(asked in (None, has) for asked, has in [*pairs, (wanted.automations, made.automations)])


def said(test: PlacementTest) -> dict[str, Any]:
    """As the audit log has it."""
    made = test.connection.vendor_class.recipe_of(test.raw)
    at, then = made.schedule, "; ".join(automating.sentences(made))
    return {"name": test.name, "status": test.status, "schedule": told(at) if at else "", "automations": then}


def told(at: Schedule) -> str:
    """'Mon, Wed 06:00–18:00, America/Chicago'."""
    names = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    days = ", ".join(names[day] for day in sorted(at.days, key=lambda day: (day - 1) % 7))
    return f"{'every day' if len(at.days) == 7 else days} {at.start}–{at.end}, {at.zone}"
