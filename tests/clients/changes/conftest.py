from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from clients.changes import sending
from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import bring_senders
from tests.clients.working import goes_on, pauses  # noqa: F401  (fixtures)


@pytest.fixture(scope="module")
def _box() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=datetime.now(UTC).date(), max_limit=1000) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any) -> Sandbox:
    """The vendor, as at its start. Nobody paces the calls."""
    _box.reset()
    _box.switches.max_limit = 100
    settings.INBOXALLY_URL = _box.url
    settings.INBOXALLY_RATE = 0
    settings.INSTANTLY_URL, settings.INSTANTLY_RATE = _box.url, 0
    return _box


@pytest.fixture
def connection(box: Sandbox, people: Cast) -> Connection:
    """Sixty senders of Acme's: three on each of twenty domains, twelve with each of five tags."""
    account = box.add_account("wide", senders=60, broadcasts=1)
    made = connect(people.north, key=account.key, label="Wide account", client=people.acme)
    bring_senders(made)
    box.requests.clear()
    return made


@pytest.fixture
def mailboxes(box: Sandbox, people: Cast) -> Connection:
    """Twelve mailboxes of Birch's, active and warming up, whose vendor works in the background; its clock is ours."""
    box.clock.run()
    box.instantly.add("many", mailboxes=12, tests=0)
    made = connect(people.north, key=box.instantly.key("many"), label="Mailboxes", client=people.birch, vendor="instantly")
    bring_senders(made)
    box.requests.clear()
    return made


@pytest.fixture(autouse=True)
def _polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "POLL", 0.05)
