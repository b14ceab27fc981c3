"""A connection's vendor, ready to be asked: with its key, its budget and the guard of where it may connect to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf

from django.conf import settings

from clients.models import Connection
from clients.pacing import LONGEST, KeyPace
from clients.vendors import VENDORS
from clients.vendors.base import Vendor
from clients.vendors.errors import Busy, VendorDown
from clients.vendors.guard import on_loopback
from clients.vendors.http import Http
from clients.vendors.retries import GLANCE, QUICK

AT_ONCE = 2  # pages of one process, of its eight, that wait for one vendor
SEAT = 0.5  # seconds in which such a page gets its turn, or comes without
WAIT = 2.0  # seconds that it waits for its key's turn
_seats = {slug: threading.BoundedSemaphore(AT_ONCE) for slug in VENDORS}


@contextmanager
def glance(connection: Connection) -> Iterator[Vendor]:
    """As `open_vendor`, for a page that somebody looks at, and that can do without: all its calls end within seconds, and few
    pages wait for a vendor at once, so that a slow one does not stop the others. Raises `Busy` where too many do.
    """
    label, seats = connection.vendor_class.label, _seats[connection.vendor]
    if not seats.acquire(timeout=SEAT):
        raise Busy(f"{label} does not answer just now: other pages wait for it already. Load this one again in a moment.", 5)
    try:
        with open_vendor(connection, foreground=True, briefly=True) as vendor:
            yield vendor
    finally:
        seats.release()


def open_vendor(connection: Connection, *, foreground: bool = False, briefly: bool = False) -> Vendor:
    """To be used in a `with`; the connection need not be saved. `foreground`: a person waits, so the call goes ahead of
    others and gives up sooner. `briefly`: see `glance`.

    Raises `agency.secrets.Unreadable`, and `VendorDown` for a demo key without the demo. Calls with a budget are made
    outside of transactions (`clients.pacing`).
    """
    vendor, secrets = connection.vendor_class, connection.secrets()
    url, rate = _address(vendor, secrets), vendor.rate()
    http = Http(
        url,
        vendor.headers(secrets),
        pace=KeyPace(connection.fingerprint, rate, foreground, vendor.label, WAIT if briefly else LONGEST) if rate else None,
        label=vendor.label,
        # The address comes from the environment, which takes http for loopback alone.
        loopback=on_loopback(url),
        patience=GLANCE if briefly else QUICK if foreground else None,
        within=GLANCE.whole if briefly else inf,
    )
    return vendor(http)


def passes_the_demo(connection: Connection) -> bool:
    """The demo runs, and this key is asked at the vendor itself all the same. Raises `agency.secrets.Unreadable`."""
    vendor = connection.vendor_class
    own = not on_loopback(vendor.base_url()) and not connection.secrets()[vendor.key_field].startswith(vendor.demo_keys)
    return own and bool(settings.SANDBOX_URL)


def _address(vendor: type[Vendor], secrets: dict[str, str]) -> str:
    """The vendor's own, but for the demo's keys: those never leave this machine."""
    url = vendor.base_url()
    if not secrets[vendor.key_field].startswith(vendor.demo_keys) or on_loopback(url):
        return url
    if not settings.SANDBOX_URL:
        raise VendorDown("This is a key of the demo, whose vendor is not running: `make run` starts it.")
    return str(settings.SANDBOX_URL)
