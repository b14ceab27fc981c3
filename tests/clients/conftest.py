from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.boxes import fresh
from tests.clients.doing import signed_in


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=date(2026, 11, 20)) as box:
        yield box


@pytest.fixture
def vendor(shared_sandbox: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor over real HTTP, as new, without the waits between tries."""
    return fresh(shared_sandbox, "inboxally", settings, monkeypatch)


@pytest.fixture
def mo(cast: Cast) -> Browser:
    return signed_in(cast.mo)
