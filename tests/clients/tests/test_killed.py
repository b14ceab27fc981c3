"""A worker that is killed in the middle of a test's results, again and again."""

from __future__ import annotations

from math import ceil

import pytest

from clients.models import RunState, SyncRun
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.killing import killed_often
from tests.clients.tests.testing import assert_true, connect, truth

KILLS = 5


@pytest.mark.slow
def test_it_loses_nothing_doubles_nothing_and_fetches_no_page_in_vain(box: Sandbox, people: Cast) -> None:
    box.instantly.add("long", mailboxes=20, tests=6, senders=10)
    connection = connect(people.north, box, "long", people.acme)
    tally = killed_often(box, connection, KILLS)
    assert_true(box, "long", connection)
    told = truth(box, "long")["tests"]
    pages = sum(ceil((test["sent_rows"] + test["received_rows"]) / 100) + 1 for test in told) + 1
    # A key that leads no group is refused the list of it, once by each pass that began.
    assert pages <= tally.fetched <= pages + KILLS + 2
    states = list(SyncRun.objects.filter(feed__connection=connection).order_by("pk").values_list("state", flat=True))
    assert states == [RunState.LOST] * KILLS + [RunState.OK]
