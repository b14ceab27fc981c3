"""Whose row it is, and that history moves at once when that changes."""

# ruff: noqa: F811  (fixtures of the sync's tests)

from __future__ import annotations

from typing import Any

import pytest

from clients import scoping, sync
from clients.models import Broadcast, Client, Connection, RunState, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.conftest import _box, box, pauses  # noqa: F401  (fixtures)
from tests.clients.sync.syncing import assert_sums_hold, bring, rolled_cells, true_cells
from tests.factories import SenderFactory


@pytest.fixture
def connection(people: Cast) -> Connection:
    return connect(people.north, key="a key of some length")


def _claim(connection: Connection, client: Client, kind: str, value: str = "") -> None:
    connection.scopes.create(client=client, kind=kind, value=value)


def _owner(connection: Connection, domain: str, *tags: str) -> tuple[int | None, bool]:
    owner = scoping.Resolver(connection).owner(domain, tags)
    return owner.client_id, owner.conflict


def test_the_most_specific_scope_wins(people: Cast, connection: Connection) -> None:
    other = Client.objects.create(agency=people.north, name="Other", slug="other")
    assert _owner(connection, "acme.example") == (None, False)
    _claim(connection, people.acme, "all")
    assert _owner(connection, "") == (people.acme.pk, False)
    _claim(connection, people.birch, "domain", "birch.example")
    _claim(connection, other, "domain", "deep.birch.example")
    assert _owner(connection, "anything.example") == (people.acme.pk, False)
    assert _owner(connection, "birch.example") == (people.birch.pk, False)
    assert _owner(connection, "mail.birch.example") == (people.birch.pk, False)
    assert _owner(connection, "very.deep.birch.example") == (other.pk, False)
    # Not a subdomain, though it ends alike.
    assert _owner(connection, "notbirch.example") == (people.acme.pk, False)
    assert _owner(connection, "anything.example", "vip") == (people.acme.pk, False)


def test_scopes_that_disagree_leave_the_row_to_nobody(people: Cast, connection: Connection) -> None:
    _claim(connection, people.acme, "all")
    _claim(connection, people.acme, "domain", "acme.example")
    _claim(connection, people.birch, "tag", "birch")
    _claim(connection, people.acme, "tag", "ours")
    assert _owner(connection, "acme.example", "birch") == (None, True)
    assert _owner(connection, "other.example", "birch", "ours") == (None, True)
    assert _owner(connection, "acme.example", "ours") == (people.acme.pk, False)
    assert _owner(connection, "other.example", "birch", "unknown") == (people.birch.pk, False)


def test_a_sender_of_today_is_meant_where_a_gone_one_had_its_address(people: Cast, connection: Connection) -> None:
    _claim(connection, people.acme, "tag", "old")
    _claim(connection, people.birch, "tag", "new")
    SenderFactory(connection=connection, email="News@acme.example", tagged=["new"])
    SenderFactory(
        connection=connection, email="news@acme.example", external_id="was", gone_at="2026-01-01T00:00Z", tagged=["old"]
    )
    resolver = scoping.Resolver(connection)
    assert resolver.broadcast_owner("", "news@acme.example", "acme.example").client_id == people.birch.pk
    assert resolver.broadcast_owner("was", "news@acme.example", "acme.example").client_id == people.acme.pk
    # One that is named and has none of the tags is not confused with its address.
    SenderFactory(connection=connection, email="news@acme.example", external_id="bare")
    assert scoping.Resolver(connection).broadcast_owner("bare", "news@acme.example", "acme.example").client_id is None


@pytest.fixture
def shared(box: Sandbox, people: Cast) -> Connection:
    connection = connect(people.north, key=box.key("shared"))
    bring(connection, "senders")
    bring(connection, "broadcasts")
    return connection


def test_history_moves_at_once_and_back(box: Sandbox, people: Cast, shared: Connection) -> None:
    whole = true_cells(box, "shared")
    assert rolled_cells(client=None) == whole
    _claim(shared, people.acme, "domain", "polar.example")
    scoping.reassign(shared)
    assert rolled_cells(client=people.acme) == true_cells(box, "shared", ["mail.polar.example"])
    assert Sender.objects.filter(client=people.acme).count() == 12
    assert_sums_hold(shared)
    _claim(shared, people.birch, "tag", "fjord")
    scoping.reassign(shared)
    assert (rolled_cells(client=people.acme), rolled_cells(client=people.birch)) == ({}, {})
    assert Sender.objects.filter(conflict=True).count() == 12
    shared.scopes.filter(kind="domain").delete()
    scoping.reassign(shared)
    assert rolled_cells(client=people.birch) == true_cells(box, "shared", ["mail.polar.example"])
    shared.scopes.all().delete()
    scoping.reassign(shared)
    assert rolled_cells(client=None) == whole
    assert not Broadcast.objects.exclude(client=None).exists()
    assert not Sender.objects.filter(conflict=True).exists()
    assert_sums_hold(shared)


def test_tags_changed_at_the_vendor_move_the_broadcasts(box: Sandbox, people: Cast, shared: Connection) -> None:
    _claim(shared, people.acme, "tag", "kestrel")
    scoping.reassign(shared)
    assert rolled_cells(client=people.acme) == true_cells(box, "shared", ["kestrel.example"])
    moved = Sender.objects.filter(domain="kestrel.example")
    box.change("shared", senders={one.external_id: {"tags": ["newsletter"]} for one in moved})
    box.change(
        "shared", senders={one.external_id: {"tags": ["kestrel"]} for one in Sender.objects.filter(domain="stray.example")}
    )
    # Killed after its rows were stored: the next run must still move what these rows decide.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scoping, "reassign", _breaks)
        assert bring(shared, "senders").state == RunState.FAILED
    assert bring(shared, "senders").state == RunState.OK
    assert rolled_cells(client=people.acme) == true_cells(box, "shared", ["stray.example"])
    assert_sums_hold(shared)


def _breaks(*_: Any) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("page", [1, 3])
def test_scopes_changed_while_a_sync_runs_hold_for_all_of_it(
    box: Sandbox,
    people: Cast,
    monkeypatch: pytest.MonkeyPatch,
    page: int,
) -> None:
    connection = connect(people.north, key=box.key("petit"), client=people.acme)
    box.switches.short_pages = 7
    real, calls = sync._Run._store, []

    def changed(self: Any, work: Any, batch: Any) -> None:
        real(self, work, batch)
        calls.append(batch)
        if len(calls) == page:
            connection.scopes.update(client=people.birch)
            scoping.reassign(Connection.objects.get(pk=connection.pk))

    monkeypatch.setattr(sync._Run, "_store", changed)
    assert bring(connection).state == RunState.OK
    assert set(Broadcast.objects.values_list("client", flat=True)) == {people.birch.pk}
    assert rolled_cells(client=people.birch) == true_cells(box, "petit")
    assert_sums_hold(connection)
