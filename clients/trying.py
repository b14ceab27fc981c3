"""What a vendor says of a connection, stored or not: whether it takes the key, and whether it knows the handles that are named.

Called outside of any transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agency.secrets import Unreadable
from clients import pacing, twins
from clients.calling import open_vendor, passes_the_demo
from clients.models import Connection, ScopeKind, SenderTag
from clients.vendors.base import Vendor
from clients.vendors.errors import AccessDenied, PlanLacks, Rejected, VendorError
from clients.vendors.records import WorkspaceRecord


@dataclass(frozen=True)
class Verdict:
    """Of a test. `good` is None where it could not be told: the vendor is down, busy or not understood."""

    good: bool | None
    text: str = ""
    plan: bool = False  # the vendor knows the key, and its plan includes nothing


def test(connection: Connection) -> Verdict:
    """One cheap read with the connection's key, saved or not; also where the vendor has said 'not before'."""
    return _tried(connection)


def test_new(connection: Connection) -> Verdict:
    """As `test`, of a key that is to be stored: it is also looked whose account it opens."""
    return _tried(connection, twins.try_to_meet)


def _tried(connection: Connection, then: Callable[[Connection, Vendor], None] | None = None) -> Verdict:
    pacing.lift(connection.fingerprint)
    try:
        with open_vendor(connection, foreground=True) as vendor:
            _keep_home(connection, vendor.check())
            if then:
                then(connection, vendor)
    except VendorError as error:
        good = False if isinstance(error, AccessDenied) else None
        return Verdict(good, error.text + _asked_where(connection), isinstance(error, PlanLacks))
    except Unreadable as error:
        return Verdict(None, str(error))
    return Verdict(True, f"{connection.vendor_class.label} takes the key.")


def unknown(connection: Connection, claims: Iterable[tuple[str, str]]) -> list[str]:
    """Of the handles among these (kind, value) pairs, those that the vendor does not know, in words. What can't be told now is
    not among them: the first sync tells."""
    handles = [value for kind, value in claims if kind == ScopeKind.HANDLE]
    if not handles:
        return []
    if connection.vendor_class.lists_handles:
        return _not_listed(connection, handles)
    try:
        with open_vendor(connection, foreground=True) as vendor:
            return [said for handle in handles if (said := _no_such(vendor, handle))]
    except (VendorError, Unreadable):
        return []


def _keep_home(connection: Connection, home: WorkspaceRecord | None) -> None:
    """Into the row, which `clients.connecting` saves."""
    if home:
        # A new dict: a copy of this row would share the old one.
        connection.settings = {**connection.settings, "home": [home.external_id, home.name]}


def _asked_where(connection: Connection) -> str:
    """Who looks around in the demo and mistypes one of its keys must not think that the demo is broken."""
    if not passes_the_demo(connection):
        return ""
    vendor = connection.vendor_class
    begins = " or ".join(f"'{begin}'" for begin in vendor.demo_keys)
    return f" (It was asked at {vendor.label} itself: the demo's keys begin with {begins}.)"


def _not_listed(connection: Connection, handles: Iterable[str]) -> list[str]:
    """None before its list was read for the first time."""
    known = sorted(set(SenderTag.objects.filter(sender__connection=connection.pk).values_list("name", flat=True)))
    return [f"‘{one}’ is none of its accounts: {', '.join(known[:20])}." for one in handles if known and one not in known]


def _no_such(vendor: Vendor, handle: str) -> str:
    try:
        vendor.identity(handle)
    except Rejected as refusal:
        return str(refusal)
    return ""
