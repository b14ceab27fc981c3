from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients import sync
from clients.models import Campaign, Connection, Feed
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.boxes import fresh
from tests.clients.leads.bringing import KEY, TODAY, VENDOR


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls, and nothing waits between tries; its clock runs."""
    fresh(_box, VENDOR, settings, monkeypatch)
    _box.clock.run()
    return _box


@pytest.fixture
def account(cast: Cast, box: Sandbox) -> Connection:
    """A workspace whose inboxes and campaigns are Acme's, and read."""
    connection = connect(cast.north, key=box.key(KEY, VENDOR), label="Outreach", client=cast.acme, vendor=VENDOR)
    for resource in ("senders", "campaigns"):
        run = sync.run(Feed.objects.get(connection=connection, resource=resource).pk)
        assert run is not None
        assert run.state == "ok", run.outcome
    box.requests.clear()
    return connection


@pytest.fixture
def empty(account: Connection) -> Campaign:
    """A draft without leads."""
    return Campaign.objects.get(name="Spring preview")


@pytest.fixture
def peopled(account: Connection) -> Campaign:
    """One with sixty leads, of long ago."""
    return Campaign.objects.get(name="Wholesale re-engagement")
