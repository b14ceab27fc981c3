"""A plan: the whole matched set from a fresh read, frozen; which calls it takes and why; who is skipped and why."""

from __future__ import annotations

import pytest

from clients.changes import selecting
from clients.changes.calls import number_of
from clients.models import Change, ChangeState, Client, Connection, Health, ItemState, Scope, Sender
from clients.scoping import reassign
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import (
    CUSTOM,
    INACTIVE,
    REPAIR,
    bring_senders,
    items,
    on,
    picked,
    planned,
    states,
    tagged,
    whys,
    worked,
    writes,
)


def kinds(change: Change) -> list[tuple[str, str, int]]:
    return [(call["kind"], call["value"], call["calls"]) for call in change.calls]


@pytest.mark.parametrize("edit", [REPAIR, CUSTOM, INACTIVE], ids=["preset", "custom", "status"])
def test_a_whole_domain_is_one_call_and_says_why(
    box: Sandbox, people: Cast, connection: Connection, edit: dict[str, object]
) -> None:
    change = planned(people.mo, on("brand03.example"), edit, connection)

    assert (change.state, change.client, number_of(change.calls)) == (ChangeState.PLANNED, people.acme, 1)
    assert kinds(change) == [("domain", "brand03.example", 1)]
    assert "no other sender on brand03.example" in change.calls[0]["why"]
    assert states(change) == {"planned": 3}
    assert {item.before["preset"] for item in items(change)} == {"default"}
    assert [item.after for item in items(change)] == [edit] * 3
    assert writes(box) == []


def test_a_whole_tag_is_one_call(people: Cast, connection: Connection) -> None:
    change = planned(people.mo, tagged("tag2"), REPAIR, connection)
    assert kinds(change) == [("tag", "tag2", 1)]
    assert states(change) == {"planned": 12}


def test_ticked_senders_that_make_up_a_domain_are_one_call_and_the_rest_are_single(people: Cast, connection: Connection) -> None:
    rows = list(Sender.objects.filter(connection=connection, domain="brand03.example"))
    rows += list(Sender.objects.filter(connection=connection, domain="brand04.example")[:2])
    change = planned(people.mo, selecting.by_senders([str(row.uuid) for row in rows]), REPAIR, connection)
    assert kinds(change) == [("domain", "brand03.example", 1), ("sender", "", 2)]
    assert "1 other sender on brand04.example is not to be changed" in change.calls[1]["why"]


def test_few_ticked_senders_are_read_one_by_one(box: Sandbox, people: Cast, connection: Connection) -> None:
    planned(people.mo, picked(connection, 1), REPAIR, connection)
    assert [asked.path.startswith("/v3/senders/") for asked in box.requests] == [True]


def test_a_domain_shared_with_another_client_is_changed_one_by_one(people: Cast, connection: Connection) -> None:
    Scope.objects.create(connection=connection, client=people.birch, kind="tag", value="tag3")
    reassign(connection)
    asked = selecting.by_filter({"domain": "brand03.example", "client": "acme"})
    change = planned(people.mo, asked, REPAIR, connection)
    mine = Sender.objects.filter(domain="brand03.example", client=people.acme).count()
    assert 0 < mine < 3 or mine == 0
    assert change.items.count() == mine


def test_a_vendor_that_lists_something_else_for_a_domain_is_not_trusted_with_it(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    box.faults.add("error", "/v3/senders/domain/*", times=None, status=404)
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert kinds(change) == [("sender", "", 3)]
    assert "does not say what one call" in change.calls[0]["why"]


def test_where_the_vendors_two_lists_disagree_each_sender_has_its_own_call(
    box: Sandbox, people: Cast, connection: Connection
) -> None:
    joins = {next(iter(box.world.account("wide").senders)): {"email": "new@brand03.example"}}
    box.faults.add("change", "/v3/senders/domain/*", what={"senders": joins})
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert kinds(change) == [("sender", "", 3)]
    assert "would not touch just these" in change.calls[0]["why"]


def test_a_sync_under_way_still_knows_what_it_has_seen(people: Cast, connection: Connection) -> None:
    Sender.objects.update(seen_run=7)
    planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert set(Sender.objects.values_list("seen_run", flat=True)) == {7}


def test_what_the_vendor_has_counts_and_not_what_we_knew(box: Sandbox, people: Cast, connection: Connection) -> None:
    account = box.world.account("wide")
    first, second, third = [key for key, sender in account.senders.items() if sender.domain == "brand05.example"]
    box.change("wide", senders={first: {"preset": "boost"}, second: {"preset": "repair"}}, remove_senders=[third])
    change = planned(people.mo, on("brand05.example"), REPAIR, connection)

    found = {item.sender.external_id: item for item in items(change)}
    assert (found[first].state, found[first].before["preset"]) == (ItemState.PLANNED, "boost")
    assert found[second].state == ItemState.NOOP
    assert (found[third].state, found[third].why) == (ItemState.SKIPPED, "Gone: the vendor has it no more.")
    assert Sender.objects.get(external_id=first).preset == "boost"


def test_a_sender_that_is_new_at_the_vendor_is_part_of_the_whole_set(box: Sandbox, people: Cast, connection: Connection) -> None:
    account = box.world.account("wide")
    moved = next(iter(account.senders))
    box.change("wide", senders={moved: {"email": "new@brand05.example"}})
    Sender.objects.filter(external_id=moved).delete()
    change = planned(people.mo, on("brand05.example"), REPAIR, connection)
    assert states(change) == {"planned": 4}
    assert kinds(change) == [("domain", "brand05.example", 1)]


def test_one_that_no_longer_matches_is_skipped_and_says_so(box: Sandbox, people: Cast, connection: Connection) -> None:
    one = next(iter(box.world.account("wide").senders))
    box.change("wide", senders={one: {"preset": "boost"}})
    change = planned(people.mo, selecting.by_filter({"preset": "default"}), REPAIR, connection)
    assert states(change) == {"planned": 59, "skipped": 1}
    assert "No longer what was asked for" in whys(change).pop()


@pytest.mark.parametrize(("health", "why"), [(Health.PAUSED, "is paused"), (Health.REFUSED, "key is refused")])
def test_an_account_that_may_not_be_asked_is_skipped_and_the_others_are_planned(
    box: Sandbox, people: Cast, connection: Connection, health: Health, why: str
) -> None:
    other = connect(people.north, key=box.add_account("other", senders=20, broadcasts=1).key, label="Other", client=people.birch)
    bring_senders(other)
    Connection.objects.filter(pk=other.pk).update(health=health)
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert states(change) == {"planned": 3, "skipped": 1}
    assert why in whys(change).pop()
    assert change.client is None


def test_an_account_that_can_not_be_read_is_skipped_with_its_reason(box: Sandbox, people: Cast, connection: Connection) -> None:
    box.faults.add("error", times=None, status=503)
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert states(change) == {"skipped": 3}
    assert "could not be read: InboxAlly answered 503" in whys(change).pop()
    assert change.calls == []


def test_a_key_that_is_refused_while_planning_is_said(box: Sandbox, people: Cast, connection: Connection) -> None:
    box.faults.add("revoked", times=None)
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert "refuses the API key" in whys(change).pop()


def test_another_agencys_senders_of_the_same_domain_are_not_touched(box: Sandbox, people: Cast, connection: Connection) -> None:
    theirs = connect(people.south, key=box.add_account("south", senders=20, broadcasts=1).key, client=people.oak)
    bring_senders(theirs)
    box.requests.clear()
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert set(change.items.values_list("connection", flat=True)) == {connection.pk}
    assert {asked.account for asked in box.requests} == {"wide"}


def test_who_may_no_longer_change_anything_plans_nothing(people: Cast, connection: Connection) -> None:
    people.mo.memberships.update(role="analyst")
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    assert (change.state, change.items.count()) == (ChangeState.PLANNED, 0)


def test_an_archived_clients_senders_are_left_alone(people: Cast, connection: Connection) -> None:
    Client.objects.filter(pk=people.acme.pk).update(archived_at="2026-01-01T00:00:00Z")
    assert planned(people.mo, on("brand03.example"), REPAIR, connection).items.count() == 0


def test_a_plan_is_made_once(people: Cast, connection: Connection) -> None:
    change = planned(people.mo, on("brand03.example"), REPAIR, connection)
    made = list(change.items.values_list("pk", flat=True))
    worked(change)
    assert list(change.items.values_list("pk", flat=True)) == made
