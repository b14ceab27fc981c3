"""Which client a workspace belongs to."""

from __future__ import annotations

import pytest

from clients import claiming, rollups
from clients.health import state_of
from clients.models import Broadcast, Connection, PlacementTest, Scope, SyncRun, TestSender
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.sync.syncing import assert_sums_hold, bring, bring_all
from tests.clients.tests.testing import MEMBERS, connect


@pytest.fixture
def connection(box: Sandbox, people: Cast) -> Connection:
    connection = connect(people.north, box, "agency")
    bring_all(connection)
    return connection


def owners(connection: Connection, workspace: str) -> list[set[int | None]]:
    """Of a workspace's senders, senders in tests, and broadcasts."""
    rows = (
        connection.senders.filter(workspace=workspace),
        TestSender.objects.filter(test__connection=connection, test__workspace=workspace),
        Broadcast.objects.filter(connection=connection, test__workspace=workspace),
    )
    return [set(each.values_list("client", flat=True)) for each in rows]


def test_a_claim_moves_a_workspace_with_its_history_and_no_other(box: Sandbox, people: Cast, connection: Connection) -> None:
    northwind, atelier = (box.instantly.workspace(name).id for name in ("northwind", "atelier"))
    scope = claiming.claim(connection, people.acme, "workspace", northwind, None)
    assert str(scope) == "workspace Northwind"
    assert owners(connection, northwind) == [{people.acme.pk}] * 3
    assert owners(connection, atelier) == owners(connection, "") == [{None}] * 3
    assert_sums_hold(connection)
    claiming.release(scope, None)
    assert owners(connection, northwind) == [{None}] * 3
    assert rollups.check(connection) == 0


def test_a_domain_and_a_tag_come_before_the_workspace_and_that_before_everything(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    northwind = box.instantly.workspace("northwind").id
    claiming.claim(connection, people.birch, "all", "", None)
    claiming.claim(connection, people.acme, "workspace", northwind, None)
    assert owners(connection, northwind)[0] == {people.acme.pk}
    assert owners(connection, "")[0] == {people.birch.pk}
    claiming.claim(connection, people.birch, "tag", "outbound", None)
    by_domain = dict(connection.senders.filter(workspace=northwind).values_list("domain", "client"))
    assert by_domain == {"northwind.example": people.acme.pk, "getnorthwind.example": people.birch.pk}
    claiming.claim(connection, people.birch, "domain", "northwind.example", None)
    assert owners(connection, northwind) == [{people.birch.pk}] * 3
    assert_sums_hold(connection)


def test_rows_that_come_after_the_claim_are_the_clients(box: Sandbox, people: Cast, connection: Connection) -> None:
    northwind = box.instantly.workspace("northwind")
    claiming.claim(connection, people.acme, "workspace", northwind.id, None)
    emails = [one.email for one in northwind.mailboxes.newest_first()]
    made = box.instantly.change("northwind", {"add_test": {"emails": emails, "name": "Fresh"}})["add_test"]
    box.clock.forward(3600)
    bring_all(connection)
    fresh = PlacementTest.objects.get(external_id=made)
    assert set(fresh.broadcasts.values_list("client", flat=True)) == {people.acme.pk}
    assert PlacementTest.objects.of_client(people.acme).filter(pk=fresh.pk).exists()
    assert not PlacementTest.objects.of_client(people.birch).exists()
    viewer, stranger = people.cleo.memberships.get(), people.zoe.memberships.get()
    assert PlacementTest.objects.visible_to(viewer).filter(pk=fresh.pk).exists()
    assert not PlacementTest.objects.visible_to(stranger).exists()


def test_a_workspace_is_claimed_on_the_page_by_its_name(box: Sandbox, people: Cast, connection: Connection) -> None:
    northwind = box.instantly.workspace("northwind").id
    browser = signed_in(people.ann)
    page = f"/connections/{connection.uuid}/scopes/"
    assert "These workspaces" in browser.get(page).text
    sent = browser.post(page, {"client": "acme", "kind": "workspace", "workspaces": [northwind], "values": ""}, follow=True)
    assert "Workspace Northwind is Acme" in sent.text
    assert Scope.objects.get(connection=connection).value == northwind
    wrong = browser.post(page, {"client": "acme", "kind": "workspace", "values": "somebody-elses"})
    assert (wrong.status_code, "Choose at least one workspace." in wrong.text) == (422, True)


def test_one_that_nobody_claims_is_listed_and_given_in_one_step(box: Sandbox, people: Cast, connection: Connection) -> None:
    atelier = box.instantly.workspace("atelier").id
    browser = signed_in(people.ann)
    assert "Client for Atelier" in browser.get("/unassigned/").text
    given = {"connection": str(connection.uuid), "kind": "workspace", "values": atelier, "client": "birch"}
    browser.post("/unassigned/claim/", given, follow=True)
    assert owners(connection, atelier) == [{people.birch.pk}] * 3
    assert "Client for Atelier" not in browser.get("/unassigned/").text


def test_a_sync_learns_which_workspace_is_the_keys_own_and_who_has_not_joined(connection: Connection) -> None:
    connection.refresh_from_db()
    assert connection.home.name == "Harbour Agency"
    assert connection.absent == [("Petit Studio", "pending"), ("Halden", "rejected")]
    assert sorted(map(str, connection.workspaces.filter(gone_at=None))) == ["Atelier", "Northwind"]


def test_a_key_that_leads_no_group_is_asked_once_for_it(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal")
    bring_all(connection)
    box.requests.clear()
    bring_all(connection)
    assert (len(box.requests.to(MEMBERS)), len(box.requests.to("/api/v2/workspaces/current"))) == (1, 0)


def test_a_key_that_is_none_any_more_is_not_taken_for_one_without_a_group(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal")
    box.faults.add("error", times=None, status=401)
    run = bring(connection, "workspaces")
    connection.refresh_from_db()
    assert (run.state, connection.health) == ("failed", "refused")


def test_an_account_that_lost_a_workspace_says_so_wherever_it_stands(box: Sandbox, people: Cast, connection: Connection) -> None:
    claiming.claim(connection, people.acme, "workspace", box.instantly.workspace("northwind").id, None)
    browser, said = signed_in(people.ann), "Northwind: it is no longer in the group"
    page = f"/connections/{connection.uuid}/"
    assert state_of(connection).word == "working"
    assert said not in browser.get(page).text
    box.instantly.change("agency", {"members": {"northwind": None}})
    for _ in range(2):
        bring_all(connection)
        # One that begins says nothing of what is read.
        SyncRun.objects.create(feed=connection.feeds.get(resource="senders"))
    state = state_of(connection)
    assert (state.tone, state.word, state.detail.count(said)) == ("look", "part not read", 1)
    told = text_of(browser.get(page))
    assert "Northwind (left the group)" in told
    assert said in told
    assert "part not read" in told
    for address in ("/connections/", "/connections/?health=lacking", "/feeds/", "/feeds/?status=parted"):
        assert said in text_of(browser.get(address)), address
    assert connection.label not in text_of(browser.get("/connections/?health=ok"))
    exported = b"".join(browser.get("/feeds/export/feeds.csv")).decode()
    assert said in exported
    assert ",parted," in exported


def test_a_workspace_that_has_left_is_one_state_with_what_to_do(box: Sandbox, people: Cast, connection: Connection) -> None:
    claiming.claim(connection, people.acme, "workspace", box.instantly.workspace("northwind").id, None)
    bring_all(connection)
    test = PlacementTest.objects.filter(connection=connection, workspace=box.instantly.workspace("northwind").id).first()
    assert test
    box.instantly.change("agency", {"members": {"northwind": None}})
    for _ in range(2):
        bring_all(connection)
    connection = Connection.objects.get(pk=connection.pk)
    assert {feed.resource for feed in connection.feeds.all() if feed.left_out} == {"workspaces"}
    assert "take its claim away" in state_of(connection).detail
    browser, tab = signed_in(people.ann), "/clients/acme/tests/"
    listed = text_of(browser.get(tab))
    assert listed.count("it is no longer in the group") == 1
    assert ("New test…" in listed, f"Delete {test}" in listed) == (False, False)
    shown = text_of(browser.get(f"{tab}{test.uuid}/"))
    assert "Northwind has left the group of this key" in shown
    assert ("Pause" in shown, "Delete…" in shown, "Again…" in shown) == (False, False, False)
    assert "has left the group" in text_of(browser.post(f"{tab}{test.uuid}/delete/"))
    (scope,) = connection.scopes.filter(kind="workspace")
    claiming.release(scope, None)
    bring(connection, "workspaces")
    assert state_of(Connection.objects.get(pk=connection.pk)).word == "working"


def test_health_tells_each_thing_once(connection: Connection) -> None:
    northwind, why = "w1", "Northwind: the plan does not include this."
    for name, told in {
        "workspaces": {"w2": "Atelier: it is no longer in the group."},
        "senders": {northwind: why, "w2": "Atelier: the key may not act for it."},
        "tests": {northwind: why, f"{northwind}/results": "Results ended too early."},
    }.items():
        SyncRun.objects.create(feed=connection.feeds.get(resource=name), state="partial", left_out=told)
    state = state_of(Connection.objects.get(pk=connection.pk))
    assert state.points == ("Atelier: it is no longer in the group.", why, "Results ended too early.")
