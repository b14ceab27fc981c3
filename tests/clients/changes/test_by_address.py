"""A vendor that knows its senders by ids of its own, where we know them by their addresses, and has no call for several."""

from __future__ import annotations

from typing import Any

import pytest

from clients import sync
from clients.changes import selecting
from clients.models import Campaign, ChangeState, Connection, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import applied, bring_senders, planned, states, undone, whys, writes


@pytest.fixture
def imail(box: Sandbox, people: Cast, settings: Any) -> Connection:
    settings.IMAIL_URL, settings.IMAIL_RATE = box.url, 0
    made = connect(people.north, key=box.key("northwind", "imail"), client=people.acme, vendor="imail")
    bring_senders(made)
    box.requests.clear()
    return made


def inboxes(box: Sandbox) -> dict[str, str]:
    return {one.email.partition("@")[0]: one.status for one in box.imail.ledger("northwind").inboxes.values()}


def everybody(connection: Connection) -> dict[str, Any]:
    return selecting.by_senders([str(one.uuid) for one in Sender.objects.filter(connection=connection)])


def test_inboxes_are_paused_and_put_back(box: Sandbox, people: Cast, imail: Connection) -> None:
    before = inboxes(box)
    change = applied(planned(people.mo, everybody(imail), {"status": "paused"}, imail))
    assert (change.state, states(change)) == (ChangeState.DONE, {"done": 4, "skipped": 1})
    assert whys(change) == {"It is disconnected: connect it again in imail first."}
    assert inboxes(box) == {name: "disconnected" if name == "theo" else "paused" for name in before}
    assert [asked.method for asked in writes(box)] == ["PATCH"] * 4
    applied(undone(change))
    assert inboxes(box) == before


def test_a_warmup_that_paused_itself_is_left_alone(box: Sandbox, people: Cast, imail: Connection) -> None:
    change = applied(planned(people.mo, everybody(imail), {"warmup": "on"}, imail))
    assert change.state == ChangeState.DONE
    assert whys(change) == {"Its warmup paused itself: look at it in imail first."}
    assert all(one.warms for one in box.imail.ledger("northwind").inboxes.values() if one.warmup != "threshold_paused")


def test_a_campaign_is_paused_through_a_lost_answer_and_put_back(box: Sandbox, people: Cast, imail: Connection) -> None:
    assert sync.run(imail.feeds.get(resource="campaigns").pk)
    one = Campaign.objects.get(name="Q4 outbound: retail buyers")
    draft = Campaign.objects.get(name="Spring preview")
    change = planned(people.mo, selecting.by_campaigns([str(one.uuid), str(draft.uuid)]), {"status": "paused"}, imail)
    assert whys(change) == {"It is a draft: it has not been started."}
    box.faults.add("lost", "*/pause")
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.DONE, {"done": 1, "skipped": 1})
    assert len(writes(box)) == 1, "the truth was read back"
    one.refresh_from_db()
    assert (one.status, box.imail.ledger("northwind").campaigns[one.external_id].status) == ("paused", "paused")
    applied(undone(change))
    assert box.imail.ledger("northwind").campaigns[one.external_id].status == "active"
