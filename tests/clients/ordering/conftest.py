from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients import sync
from clients.models import Connection, Feed, PlacementTest
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.boxes import fresh
from tests.clients.ordering.ordering import KEY, TODAY, VENDOR


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls, and nothing waits between tries."""
    return fresh(_box, VENDOR, settings, monkeypatch)


@pytest.fixture
def account(cast: Cast, box: Sandbox) -> Connection:
    """One workspace with three senders, all Acme's, which are read; its tests are not."""
    connection = connect(cast.north, key=box.instantly.key(KEY), label="Tests", client=cast.acme, vendor=VENDOR)
    run = sync.run(Feed.objects.get(connection=connection, resource="senders").pk)
    assert run is not None
    assert run.state == "ok", run.outcome
    box.requests.clear()
    return connection


@pytest.fixture
def monday(cast: Cast, box: Sandbox) -> PlacementTest:
    """Runs every Monday, in a workspace that the agency's key acts for."""
    connection = connect(cast.north, key=box.instantly.key("agency"), label="Tests", client=cast.acme, vendor=VENDOR)
    with_list_only = Feed.objects.get(connection=connection, resource="tests")
    box.faults.add("error", "/api/v2/inbox-placement-analytics", times=None, status=402)
    sync.run(with_list_only.pk)
    box.faults.clear()
    box.requests.clear()
    return PlacementTest.objects.get(name="Northwind every Monday")
