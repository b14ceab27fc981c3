from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.boxes import fresh
from tests.clients.shuffles.shuffling import ACCOUNT, TODAY, read_seeds


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls, and nothing waits between tries."""
    return fresh(_box, "inboxally", settings, monkeypatch)


@pytest.fixture
def account(cast: Cast, box: Sandbox) -> Connection:
    """A connection that never shuffled and serves Acme; its seeds are read."""
    connection = connect(cast.north, key=box.key(ACCOUNT), label="Main account", client=cast.acme)
    read_seeds(connection)
    box.requests.clear()
    return connection
