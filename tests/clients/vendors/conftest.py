from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from clients.vendors import waiting
from clients.vendors.http import Http
from clients.vendors.retries import Patience
from sandbox.server import Sandbox
from tests.clients.vendors.stages import STAGES, Stage


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with Sandbox(today=date(2026, 11, 20)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture(params=STAGES, ids=[stage.vendor.slug for stage in STAGES])
def stage(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Stage]:
    """A vendor that is connected to its sandbox, once for each vendor."""
    made = request.param.at(sandbox)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, in seconds, that would have been slept."""
    slept: list[float] = []
    monkeypatch.setattr(waiting, "pause", slept.append)
    return slept


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many tries as ever, of a fraction of a second each."""
    monkeypatch.setattr(Http, "patience", Patience(tries=(0.3,) * 5, whole=60))
