from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from clients import derived, placement_tests, verdicts
from sandbox.instantly import making
from sandbox.server import Sandbox
from tests.clients.sync.syncing import TODAY
from tests.clients.working import goes_on, pauses  # noqa: F401  (fixtures)


@pytest.fixture(scope="module")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start: noon of today, with a month's tests instead of four. Nobody paces the calls."""
    monkeypatch.setattr(making, "WEEKS", 4)
    monkeypatch.setattr(making, "STANDING", 2)
    _box.reset()
    settings.INSTANTLY_URL, settings.INSTANTLY_RATE = _box.url, 0
    return _box


@pytest.fixture(autouse=True)
def _one_clock(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the product judges how old a test's rows are it looks at the vendor's clock, which the test moves."""
    for module in (derived, placement_tests, verdicts):
        monkeypatch.setattr(module, "timezone", SimpleNamespace(now=box.clock.now))
