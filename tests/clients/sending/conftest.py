from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.boxes import fresh
from tests.clients.sending.mailing import account_of


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    # Its clock runs: a mail's day is the machine's, here and there.
    with Sandbox(seed=7) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls, and nothing waits between tries."""
    return fresh(_box, "inboxbase", settings, monkeypatch)


@pytest.fixture
def account(cast: Cast, box: Sandbox) -> Connection:
    """An org in which one identity is Acme's and one is Birch's."""
    return account_of(cast, box)
