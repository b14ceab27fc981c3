from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from clients.vendors import waiting
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import signed_in


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=date(2026, 11, 20)) as box:
        yield box


@pytest.fixture
def vendor(shared_sandbox: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor over real HTTP, as new, without the waits between tries."""
    shared_sandbox.reset()
    settings.INBOXALLY_URL, settings.INBOXALLY_RATE = shared_sandbox.url, 0
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    return shared_sandbox


@pytest.fixture
def mo(cast: Cast) -> Browser:
    return signed_in(cast.mo)
