from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.conf import LazySettings

from clients.calling import open_vendor
from clients.models import Budget
from clients.vendors.errors import Busy
from clients.vendors.guard import NotPublic
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
