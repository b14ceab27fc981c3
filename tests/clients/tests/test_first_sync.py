from __future__ import annotations

from clients.models import RunState
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sync.syncing import bring_all, words
from tests.clients.tests.testing import assert_true, connect, truth


def test_a_first_sync_brings_home_what_one_workspace_has(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    for run in bring_all(connection):
        assert (run.state, run.outcome) == (RunState.OK, "Complete."), words(run)
    assert_true(box, "tidal", connection)


def test_a_key_that_leads_a_group_reads_each_workspace_that_has_accepted(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    for run in bring_all(connection):
        assert (run.state, run.outcome) == (RunState.OK, "Complete."), words(run)
    ids = {name: box.instantly.workspace(name).id for name in ("northwind", "atelier")}
    assert set(connection.workspaces.values_list("external_id", "name")) == {
        (ids["northwind"], "Northwind"),
        (ids["atelier"], "Atelier"),
    }
    assert_true(box, "agency", connection)
    for name, workspace in ids.items():
        assert_true(box, name, connection, workspace)
        assert connection.senders.filter(workspace=workspace).count() == truth(box, name)["mailboxes"]
