from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients.models import Connection
from clients.vendors import waiting
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sending.mailing import account_of


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    # Its clock runs: a mail's day is the machine's, here and there.
    with Sandbox(seed=7) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls, and nothing waits between tries."""
    _box.reset()
    settings.INBOXBASE_URL, settings.INBOXBASE_RATE = _box.url, 0
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    return _box


@pytest.fixture
def account(cast: Cast, box: Sandbox) -> Connection:
    """An org in which one identity is Acme's and one is Birch's."""
    return account_of(cast, box)
