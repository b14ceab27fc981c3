"""Ids of two agencies, or of two clients, in one request: neither the address nor the form leads from one to the other."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Connection
from tests.cast import connect
from tests.doors import METHODS
from tests.doors.standing import MODULES, Standing, from_table, written
from tests.doors.world import NORTHS, World
from tests.reports.reading import as_user
from tests.test_doors import BOOKKEEPING, _addresses

#: Addresses that name two things of ours.
DOUBLE = sorted(
    {
        name
        for module in MODULES
        for name in module.KWARGS
        for found, pattern in _addresses()
        if found == name and "slug:slug" in pattern and "uuid" in pattern
    }
)


@pytest.fixture
def world(standing: Standing) -> World:
    made = standing.world
    made.shuffle.clients.set([made.cast.acme])
    made.test.parts.exclude(client=made.cast.acme).delete()
    return made


def _ask(user: Any, method: str, path: str, data: dict[str, str] | None = None) -> Any:
    browser = as_user(user)
    with CaptureQueriesContext(database) as queries:
        response = browser.post(path, data or {}) if method == "POST" else browser.generic(method, path)
    response.written = {table for query in queries if (table := written(query["sql"]))} - BOOKKEEPING
    return response


def test_there_are_such_addresses() -> None:
    assert {"broadcast", "report-link-revoke", "rotation-tick"} <= set(DOUBLE)


@pytest.mark.parametrize("name", DOUBLE)
@pytest.mark.parametrize(("who", "slug"), [("zoe", "oak"), ("mo", "birch"), ("cleo", "birch")])
def test_my_client_in_the_address_opens_nothing_of_another(world: World, name: str, who: str, slug: str) -> None:
    path = reverse(name, kwargs=from_table("KWARGS", name, None)(world) | {"slug": slug})
    for method in METHODS:
        response = _ask(getattr(world.cast, who), method, path)
        assert response.status_code in {403, 404, 405}, method
        assert not response.written, method


OF_NORTH: dict[str, Any] = {
    "client-new": lambda world: {"name": "Elm", "timezone": "UTC", "manager": str(world.cast.mo.memberships.get().uuid)},
    "unassigned-claim": lambda world: {"connection": str(world.connection.uuid), "client": "oak", "kind": "all", "values": ""},
    "change-new": lambda world: {"sender": str(world.sender.uuid), "what": "preset", "to_preset": "repair"},
    "connection-new": lambda world: {"client": "acme", "kind": "all", "label": "Mine", "api_key": "k" * 20, "untested": "yes"},
    "sender-new": lambda world: {"connection": str(world.connection.uuid), "email": "x@oak.example"},
    "team-invite": lambda world: {"email": "x@oak.example", "role": "viewer", "clients": str(world.cast.acme.uuid)},
}


@pytest.mark.parametrize("name", OF_NORTH)
def test_a_form_of_mine_takes_no_id_of_another_agency(world: World, name: str) -> None:
    connect(world.cast.south, key="oaks-own-long-key", label="Oak's", client=world.cast.oak)
    response = _ask(world.cast.zoe, "POST", reverse(name), OF_NORTH[name](world))
    assert response.status_code in {404, 422}
    assert not response.written
    assert [word for word in NORTHS if word in response.content.decode()] == []


@pytest.mark.parametrize("name", ["connection-scopes", "seed-file"])
def test_an_account_of_mine_is_given_to_no_client_of_another_agency(world: World, name: str) -> None:
    own = connect(world.cast.south, key="oaks-own-long-key", label="Oak's", client=world.cast.oak)
    data = {"client": "acme", "kind": "domain", "values": "elm.example", "file": "current:plain"}
    response = _ask(world.cast.zoe, "POST", reverse(name, args=[own.uuid]), data)
    assert response.status_code in {404, 422}
    assert not response.written
    assert Connection.objects.get(pk=own.pk).scopes.get().client == world.cast.oak


@pytest.mark.parametrize(
    "path", ["/senders/", "/seeds/", "/", "/connections/", "/settings/audit/", "/settings/events/", "/changes/new/"]
)
def test_filters_that_name_another_agencys_things_find_nothing(world: World, path: str) -> None:
    cast = world.cast
    connect(cast.south, key="oaks-own-long-key", label="Oak's", client=cast.oak)
    mine = cast.mo.memberships.get().uuid
    for asked in (
        "client=acme",
        f"manager={mine}",
        "who=Ann",
        f"sender={world.sender.uuid}",
        f"account={world.event.connection.uuid}",
        "search=Vault",
        "tag=Acme",
    ):
        response = as_user(cast.zoe).get(f"{path}?{asked}")
        assert response.status_code in {200, 404}
        shown = response.content.decode().replace(asked.partition("=")[2], "")
        assert [word for word in NORTHS if word in shown] == [], asked
