from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date

import pytest
from django.conf import LazySettings

from clients import calling
from clients.calling import AT_ONCE, glance, open_vendor
from clients.models import Budget
from clients.vendors.errors import Busy, VendorDown
from clients.vendors.guard import NotPublic
from clients.vendors.retries import GLANCE
from sandbox.server import Sandbox
from tests.cast import Cast, connect


@pytest.fixture
def sandbox(settings: LazySettings) -> Iterator[Sandbox]:
    with Sandbox(today=date(2026, 11, 20)) as sandbox:
        settings.INBOXALLY_URL = sandbox.url
        yield sandbox


def test_a_connection_asks_with_its_own_key(cast: Cast, sandbox: Sandbox) -> None:
    with open_vendor(connect(cast.north, key=sandbox.key("petit"))) as vendor:
        assert len(vendor.broadcasts(None).records) == sandbox.truth("petit")["broadcasts"]
    assert [asked.account for asked in sandbox.requests] == ["petit"]


def test_two_connections_with_one_key_share_one_budget(cast: Cast, sandbox: Sandbox) -> None:
    key = sandbox.key("petit")
    for agency in (cast.north, cast.south):
        with open_vendor(connect(agency, key=key)) as vendor:
            vendor.check()
    assert Budget.objects.count() == 1


def test_a_429_blocks_the_key_for_everybody(cast: Cast, sandbox: Sandbox) -> None:
    connections = [connect(agency, key=sandbox.key("petit")) for agency in (cast.north, cast.south)]
    sandbox.faults.add("busy", retry_after=600)

    for connection in connections:
        with open_vendor(connection) as vendor, pytest.raises(Busy) as caught:
            vendor.check()
        assert 590 < caught.value.retry_after <= 600
    assert len(sandbox.requests) == 1


def test_without_a_rate_there_is_no_budget(cast: Cast, sandbox: Sandbox, settings: LazySettings) -> None:
    settings.INBOXALLY_RATE = 0
    with open_vendor(connect(cast.north, key=sandbox.key("petit")), foreground=True) as vendor:
        vendor.check()
    assert not Budget.objects.exists()


def test_https_on_this_machine_is_not_connected_to(cast: Cast, settings: LazySettings) -> None:
    settings.INBOXALLY_URL = "https://127.0.0.1:1"
    with open_vendor(connect(cast.north, key="k" * 20)) as vendor, pytest.raises(NotPublic):
        vendor.check()


def test_all_that_a_page_asks_of_a_slow_vendor_ends_together(
    cast: Cast, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "GLANCE", replace(GLANCE, whole=0.3))
    connection = connect(cast.north, key=sandbox.key("petit"))
    sandbox.faults.add("stall", times=None)
    begun = time.monotonic()
    with glance(connection) as vendor:
        for _ in range(3):
            with pytest.raises(VendorDown, match="did not answer in time"):
                vendor.check()
    assert time.monotonic() - begun < 3
    assert len(sandbox.requests) == 1, "no time is left for another"


def test_only_a_few_pages_wait_for_a_vendor_at_once(cast: Cast, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "SEAT", 0)
    connection, other = connect(cast.north, key=sandbox.key("petit")), connect(cast.north, key="k" * 20, vendor="instantly")
    with ExitStack() as pages:
        for _ in range(AT_ONCE):
            pages.enter_context(glance(connection))
        with pytest.raises(Busy, match="does not answer just now"), glance(connection):
            pass
        with glance(other):
            """Another vendor is asked all the same."""
    with glance(connection) as vendor:
        vendor.check()
