"""Fixtures of folders in which workers work, imported by their conftest: nothing waits for a vendor, and who was told to stop
goes on in the next test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clients import sync
from clients.vendors import waiting


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would have been waited, in seconds."""
    waited: list[float] = []
    monkeypatch.setattr(waiting, "pause", waited.append)
    return waited


@pytest.fixture(autouse=True)
def goes_on() -> Iterator[None]:
    yield
    sync.stopping.clear()
