from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.syncing import TODAY
from tests.clients.working import goes_on, pauses  # noqa: F401  (fixtures)


@pytest.fixture(scope="module")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY, max_limit=1000) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls."""
    _box.reset()
    _box.switches.max_limit = 100
    settings.INBOXALLY_URL = _box.url
    settings.INBOXALLY_RATE = 0
    return _box


@pytest.fixture
def connection(box: Sandbox, people: Cast) -> Connection:
    return connect(people.north, key=box.key("petit"), client=people.acme)
