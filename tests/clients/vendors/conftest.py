from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from clients.vendors import waiting
from clients.vendors.http import Http
from clients.vendors.retries import Patience
from sandbox.server import Sandbox
from tests.clients.vendors.stages import BROADCASTING, STAGES, Stage


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with Sandbox(today=date(2026, 11, 20)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`stage` is each vendor once, with `feed` each of its lists; of a module that NEEDS something each vendor that can it, and
    of one whose tests are about something DECLARED each that declares it."""
    needs, declared = (getattr(metafunc.module, name, "") for name in ("NEEDS", "DECLARED"))
    stages = [
        stage
        for stage in STAGES
        if (not needs or needs in stage.vendor.can) and (not declared or getattr(stage.vendor, declared))
    ]
    if "stage" in metafunc.fixturenames and "feed" in metafunc.fixturenames:
        pairs = [(stage, feed) for stage in stages for feed in stage.lists]
        ids = [f"{stage.vendor.slug}-{feed}" for stage, feed in pairs]
        metafunc.parametrize(("stage", "feed"), pairs, indirect=["stage"], ids=ids)
    elif "stage" in metafunc.fixturenames:
        metafunc.parametrize("stage", stages, indirect=True, ids=[stage.vendor.slug for stage in stages])
    if "broadcasting" in metafunc.fixturenames:
        metafunc.parametrize("broadcasting", BROADCASTING, indirect=True, ids=[stage.vendor.slug for stage in BROADCASTING])


@pytest.fixture
def stage(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Stage]:
    """A vendor that is connected to its sandbox, once for each vendor."""
    made = request.param.at(sandbox)
    yield made
    made.close()


@pytest.fixture
def broadcasting(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Stage]:
    """The same for each vendor that lists broadcasts."""
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
