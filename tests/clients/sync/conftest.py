from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients import sync
from clients.vendors import waiting
from sandbox.server import Sandbox
from tests.cast import Cast, make_cast
from tests.clients.sync.syncing import TODAY


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
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nothing waits for a vendor here; what would have been waited, in seconds."""
    waited: list[float] = []
    monkeypatch.setattr(waiting, "pause", waited.append)
    return waited


@pytest.fixture(autouse=True)
def _goes_on() -> Iterator[None]:
    yield
    sync.stopping.clear()
