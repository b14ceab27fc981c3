"""Why something can't be read, in words that say who has to do what; and what goes on all the same."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from clients import trying
from clients.health import state_of
from clients.models import Broadcast, Connection, Health, RunState, TestReport
from clients.passes import SenderPass
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.sync.syncing import bring, bring_all, words
from tests.clients.tests.testing import ACCOUNTS, MAILS, MEMBERS, REPORTS, asked, assert_true, connect


def ends(connection: Connection) -> dict[str, Any]:
    return {run.feed.resource: run for run in bring_all(connection)}


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_without_a_scope_is_told_which_one_and_the_rest_is_read(box: Sandbox, people: Cast, status: int) -> None:
    box.instantly.switches.turn({"missing_scope": status})
    connection = connect(people.north, box, "noplacement", people.acme)
    ended = ends(connection)
    assert ended["senders"].state == RunState.OK
    assert ended["tests"].state == RunState.FAILED
    assert "may lack the scope inbox_placement_tests:read" in ended["tests"].outcome
    connection.refresh_from_db()
    assert connection.health == Health.OK, "the key is good"


def test_a_workspace_without_a_placement_plan_is_told_so_and_its_accounts_are_read(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "noplan", people.acme)
    ended = ends(connection)
    assert ended["senders"].state == RunState.OK
    assert connection.senders.count() == 2
    assert ended["tests"].state == RunState.FAILED
    assert "plan does not include tests (Workspace does not have an active inbox placement plan)" in ended["tests"].outcome
    connection.refresh_from_db()
    assert connection.health == Health.OK
    state = state_of(connection)
    assert (state.word, state.detail.startswith("Tests can’t be read: The Instantly plan")) == ("part not read", True)
    assert state.detail.endswith("Asked again tomorrow.")
    browser = signed_in(people.mo)
    for address in (f"/connections/{connection.uuid}/", "/connections/?health=lacking", "/feeds/?status=lacking"):
        page = text_of(browser.get(address))
        assert ("does not have an active inbox placement plan" in page, "tried again by itself" in page) == (True, False)
    assert connection.label not in text_of(browser.get("/connections/?health=failing"))
    assert connection.label not in text_of(browser.get("/connections/?health=ok"))


def test_what_could_not_be_read_is_forgotten_once_it_can_be(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "noplan", people.acme)
    lacking = connection.feeds.exclude(lacks="")
    bring(connection, "tests")
    assert [feed.resource for feed in lacking.all()] == ["tests"]
    box.instantly.change("kestrel", {"placement_plan": "pid_ip_g"})
    bring(connection, "tests")
    assert not lacking.all()


def test_a_plan_that_includes_nothing_is_told_on_the_form_as_such(box: Sandbox, people: Cast) -> None:
    asked = {"vendor": "instantly", "label": "Lapsed", "kind": "all", "values": "", "client": ""}
    page = text_of(signed_in(people.mo).post("/connections/new/", asked | {"api_key": box.instantly.key("lapsed")}))
    assert "knows the key, but its plan includes nothing" in page
    assert "in a moment" not in page


def test_a_key_that_was_taken_back_is_refused(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "revoked", people.acme)
    run = bring(connection, "tests")
    assert "refuses the API key" in run.outcome
    connection.refresh_from_db()
    assert connection.health == Health.REFUSED


@pytest.mark.parametrize(
    ("key", "good", "said"),
    [
        ("tidal", True, "takes the key"),
        ("revoked", False, "Invalid API key"),
        ("lapsed", None, "active paid plan"),
    ],
)  # fmt: skip
def test_a_key_is_tested_by_one_cheap_call(box: Sandbox, people: Cast, key: str, good: bool | None, said: str) -> None:
    verdict = trying.test(connect(people.north, box, key))
    assert (verdict.good, said in verdict.text) == (good, True), verdict.text


def test_the_edge_that_turns_us_away_is_not_a_bad_key(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.faults.add("html", ACCOUNTS, status=403, times=None)
    run = bring(connection, "senders")
    assert "firewall" in run.outcome
    assert "key is not what it objects to" in run.outcome
    connection.refresh_from_db()
    assert (run.state, connection.health) == (RunState.FAILED, Health.OK)


def test_one_workspace_without_a_plan_costs_the_others_nothing(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    box.instantly.change("northwind", {"placement_plan": None})
    run = bring(connection, "tests")
    assert run.state == RunState.PARTIAL
    assert run.outcome.startswith("Read in part. Northwind: The Instantly plan does not include placement tests"), words(run)
    workspaces = {name: box.instantly.workspace(name).id for name in ("northwind", "atelier")}
    assert_true(box, "atelier", connection, workspaces["atelier"])
    assert not connection.tests.filter(workspace=workspaces["northwind"]).exists()


def test_a_client_is_told_which_of_its_workspaces_could_not_be_read(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency")
    bring(connection, "workspaces")
    for client, name in ((people.acme, "northwind"), (people.birch, "atelier")):
        connection.scopes.create(client=client, kind="workspace", value=box.instantly.workspace(name).id)
    box.instantly.change("northwind", {"placement_plan": None})
    bring(connection, "tests")
    mo = signed_in(people.mo)
    assert "can't be read" not in unescape(mo.get("/clients/acme/campaigns/").text), "it shows no tests"
    for tab in ("", "tests/"):
        said = unescape(mo.get(f"/clients/acme/{tab}").text)
        assert said.count(f"Part of Instantly, {connection.label}, can't be read. Northwind: The Instantly plan") == 1
        assert "Northwind: The Instantly" not in mo.get(f"/clients/birch/{tab}").text
    assert "Read in part. Northwind" in mo.get(f"/connections/{connection.uuid}/").text
    box.instantly.change("northwind", {"placement_plan": "pid_ip_g"})
    bring(connection, "tests")
    assert "can't be read" not in unescape(mo.get("/clients/acme/").text)


def test_a_workspace_that_loses_its_plan_keeps_what_it_had(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    bring(connection, "tests")
    theirs = Broadcast.objects.filter(test__workspace=box.instantly.workspace("northwind").id, gone_at=None)
    before = theirs.count()
    box.instantly.change("northwind", {"placement_plan": None})
    assert bring(connection, "tests").gone == 0
    assert theirs.count() == before > 0


def test_a_workspace_that_leaves_the_group_is_no_longer_read_and_keeps_what_it_had(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    bring_all(connection)
    northwind = box.instantly.workspace("northwind").id
    senders = connection.senders.filter(workspace=northwind, gone_at=None).count()
    box.instantly.change("agency", {"members": {"northwind": None}})
    for run in bring_all(connection):
        assert run.state == RunState.OK, words(run)
    assert connection.workspaces.get(external_id=northwind).gone_at
    assert connection.senders.filter(workspace=northwind, gone_at=None).count() == senders > 0
    assert connection.tests.filter(workspace=northwind, gone_at=None).exists()


def test_one_that_leaves_while_a_list_is_read_is_named(box: Sandbox, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    bring_all(connection)
    northwind = connection.workspaces.get(external_id=box.instantly.workspace("northwind").id)
    following = SenderPass.following

    def leaves(work: SenderPass) -> str | None:
        connection.workspaces.filter(pk=northwind.pk).update(gone_at=timezone.now())
        return following(work)

    monkeypatch.setattr(SenderPass, "following", leaves)
    run = bring(connection, "senders")
    assert (run.state, list(run.left_out)) == (RunState.PARTIAL, [northwind.external_id])
    assert run.outcome.startswith("Read in part. Northwind: it is no longer in the group"), words(run)
    monkeypatch.undo()
    assert bring(connection, "senders").state == RunState.OK, "nobody claims it"
    connection.scopes.create(client=people.acme, kind="workspace", value=northwind.external_id)
    assert "Northwind" not in bring(connection, "senders").outcome, "the feed of workspaces tells that"


def test_one_that_leaves_between_two_calls_is_told_apart_from_a_bad_key(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    bring(connection, "workspaces")
    box.instantly.change("agency", {"members": {"northwind": "rejected"}})
    run = bring(connection, "senders")
    assert run.outcome.startswith("Read in part. Northwind: Instantly does not let the key act for this workspace")
    connection.refresh_from_db()
    assert (run.state, connection.health) == (RunState.PARTIAL, Health.OK)
    assert list(run.left_out) == [box.instantly.workspace("northwind").id]


def test_without_the_scope_for_reports_the_tests_come_all_the_same(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.faults.add("error", REPORTS, status=401, times=None)
    run = bring(connection, "tests")
    assert run.state == RunState.PARTIAL
    assert run.outcome.startswith("Read in part. Reports of blacklists and SpamAssassin could not be read: "), words(run)
    assert "may lack the scope inbox_placement_reports:read" in run.outcome
    assert_true(box, "tidal", connection)
    assert (TestReport.objects.count(), asked(box, REPORTS)) == (0, 2)


@pytest.mark.parametrize("status", [401, 402])
def test_reports_that_were_refused_come_with_the_next_run_that_may_read_them(box: Sandbox, people: Cast, status: int) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.faults.add("error", REPORTS, status=status, times=None)
    bring(connection, "tests")
    settled = connection.tests.filter(settled=True)
    assert settled.exists()
    assert not connection.tests.filter(unreported="").exists()
    mails = asked(box, MAILS)
    again = bring(connection, "tests")
    assert again.state == RunState.PARTIAL
    assert "could not be read" in again.outcome
    assert asked(box, MAILS) - mails <= 2 * connection.tests.filter(settled=False).count(), "those of settled tests are known"
    test = settled.earliest("pk")
    page = signed_in(people.mo).get(f"/clients/acme/tests/{test.uuid}/").text
    assert "These reports could not be read" in page
    box.faults.clear()
    assert bring(connection, "tests").state == RunState.OK
    assert TestReport.objects.filter(test__in=settled).values("test").distinct().count() == settled.count()
    assert not connection.tests.exclude(unreported="").exists()
    assert "could not be read" not in signed_in(people.mo).get(f"/clients/acme/tests/{test.uuid}/").text
    assert_true(box, "tidal", connection)


def test_a_test_deleted_while_it_is_read_is_passed_over(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    newest = next(iter(box.instantly.truth("tidal")["tests"]))["test_id"]
    box.faults.add("change", MAILS, what={"remove_tests": [newest]})
    run = bring(connection, "tests")
    assert (run.state, run.outcome) == (RunState.OK, "Complete."), words(run)
    bring(connection, "tests")
    assert_true(box, "tidal", connection)


def test_a_key_of_one_workspace_asks_for_a_group_and_goes_on(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    run = bring(connection, "workspaces")
    assert (run.state, run.rows) == (RunState.OK, 0)
    assert "leads no group" in words(run)
    assert asked(box, MEMBERS) == 1


def test_a_workspace_whose_results_are_refused_is_asked_once_and_the_others_come(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    box.faults.add("error", MAILS, account="agency/northwind", status=402, times=None)
    run = bring(connection, "tests")
    assert run.state == RunState.PARTIAL
    assert "Northwind: The Instantly plan does not include placement tests" in run.outcome
    northwind, atelier = (box.instantly.workspace(name).id for name in ("northwind", "atelier"))
    assert_true(box, "atelier", connection, atelier)
    assert not Broadcast.objects.filter(test__workspace=northwind).exists()
    assert sum(one.account == "agency/northwind" for one in box.requests.to(MAILS)) == 1
    box.faults.clear()
    bring(connection, "tests")
    assert_true(box, "northwind", connection, northwind)


def test_where_all_tests_are_in_a_workspace_that_lost_its_plan_the_list_is_not_called_empty(box: Sandbox, people: Cast) -> None:
    for name in ("agency", "atelier"):
        box.instantly.change(name, {"remove_tests": list(box.instantly.workspace(name).tests)})
    connection = connect(people.north, box, "agency", people.acme)
    bring(connection, "tests")
    box.instantly.change("northwind", {"placement_plan": None})
    run = bring(connection, "tests")
    assert (run.state, run.outcome.startswith("Read in part. Northwind:")) == (RunState.PARTIAL, True), words(run)
