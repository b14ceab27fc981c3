from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.syncing import TODAY
from tests.clients.working import goes_on, pauses  # noqa: F401  (fixtures)


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any) -> Sandbox:
    """The vendor, as at its start: noon of today. Nobody paces the calls."""
    _box.reset()
    settings.INSTANTLY_URL, settings.INSTANTLY_RATE = _box.url, 0
    return _box


@pytest.fixture
def people(cast: Cast) -> Cast:
    """In one transaction with the whole test: pages are fetched and stored in turns."""
    return cast
