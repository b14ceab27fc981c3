from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clients import sync
from clients.models import Connection, Conversation, Feed, RunState
from clients.talking.keeping import keep
from clients.vendors import VENDORS
from clients.vendors.inbox_wire import conversation
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.boxes import fresh
from tests.clients.talking.told import TEAM, VENDOR, newest


@pytest.fixture(scope="package")
def _box() -> Iterator[Sandbox]:
    # Its clock runs: what is sent is of this minute, here and there.
    with Sandbox(seed=7) as box:
        yield box


@pytest.fixture
def box(_box: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The vendor, as at its start, with a team of a few conversations. Nobody paces the calls, and nothing waits."""
    fresh(_box, VENDOR, settings, monkeypatch)
    monkeypatch.setattr(VENDORS[VENDOR], "sends_a_minute", 0)
    _box.inbox.add_account(name=TEAM, a_day=0.5)
    return _box


@pytest.fixture
def account(cast: Cast, box: Sandbox) -> Connection:
    """Acme's, with its senders, its labels and the newest of its conversations at home."""
    made = connect(cast.north, key=box.key(TEAM, VENDOR), client=cast.acme, vendor=VENDOR, label="Talks")
    for resource in ("senders", "labels"):
        run = sync.run(Feed.objects.get(connection=made, resource=resource).pk)
        assert run is not None
        assert run.state == RunState.OK, run.outcome
    for thread in newest(box):
        keep(made, conversation(thread))
    return made


@pytest.fixture
def talk(account: Connection) -> Conversation:
    """The newest one of those that lie open."""
    rows = Conversation.objects.filter(archived=False, is_request=False).select_related("connection", "prospect", "sender")
    return rows.order_by("-last_at")[0]
