from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients.models import Connection
from clients.vendors import waiting
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.shuffles.shuffling import ACCOUNT, TODAY, read_seeds


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls, and nothing waits between tries."""
    _box.reset()
    settings.INBOXALLY_URL, settings.INBOXALLY_RATE = _box.url, 0
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    return _box


@pytest.fixture
def account(cast: Cast, box: Sandbox) -> Connection:
    """A connection that never shuffled and serves Acme; its seeds are read."""
    connection = connect(cast.north, key=box.key(ACCOUNT), label="Main account", client=cast.acme)
    read_seeds(connection)
    box.requests.clear()
    return connection
