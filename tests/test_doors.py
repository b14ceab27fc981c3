"""Every address × method × person, by the table in tests/doors/. An address without a row fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agency.models import User
from tests.cast import Cast
from tests.doors import METHODS, WHO, Door, agency, clients, reports
from tests.doors.world import BIRCHS, NORTHS, World, make_world

MODULES = (agency, clients, reports)
DOORS = [door for module in MODULES for door in module.DOORS]
NAMES = sorted({door.name for door in DOORS})
#: Whoever holds the link may read what it opens.
BY_LINK = {"report", "invitation"}
WITHOUT_COOKIE = {"report", "healthz", "favicon", "hook"}
#: What is posted there is signed, and comes from another site always.
SIGNED = {"hook"}
#: A GET may move these: who is signed in, and how often something was tried.
BOOKKEEPING = {"django_session", "agency_throttle"}


@pytest.fixture
def world(cast: Cast, settings: Any) -> World:
    settings.INBOXALLY_URL = settings.INBOX_URL = (
        "http://127.0.0.1:9"  # nobody answers there: what asks a vendor hears of an outage
    )
    return make_world(cast)


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_each_person_gets_the_answer_of_the_table(world: World, door: Door) -> None:
    got = {who: _word(_knock(world, door.name, door.method, who)) for who in WHO}
    assert got == door.answers


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_no_answer_holds_what_is_not_for_its_reader(world: World, door: Door) -> None:
    if door.name in BY_LINK:
        return
    for who, words in (("stranger", NORTHS), ("anonymous", NORTHS), ("viewer", BIRCHS)):
        body = _body(_knock(world, door.name, door.method, who))
        assert [word for word in words if word in body] == [], who


@pytest.mark.parametrize("name", NAMES)
def test_a_method_without_a_row_is_refused_to_everyone(world: World, name: str) -> None:
    for method in set(METHODS) - {door.method for door in DOORS if door.name == name}:
        for who in WHO:
            response = _knock(world, name, method, who)
            assert _word(response) in {"405", "404", "403", "in", "go"}, (method, who, _word(response))
            assert response.written <= BOOKKEEPING, (method, who)


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=str)
def test_a_get_changes_nothing(world: World, door: Door) -> None:
    allowed = BOOKKEEPING | _from_table("WRITES", door.name, set())
    for who in WHO:
        assert _knock(world, door.name, "GET", who).written <= allowed, who


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "POST" and door.name not in SIGNED], ids=str)
def test_a_post_from_another_site_is_refused(world: World, door: Door) -> None:
    response = _knock(world, door.name, "POST", "owner", enforce_csrf_checks=True)
    assert response.status_code == 403


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_each_answer_carries_the_policy_and_no_needless_cookie(world: World, door: Door) -> None:
    for who in WHO:
        response = _knock(world, door.name, door.method, who)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert door.name not in WITHOUT_COOKIE or who != "anonymous" or not response.cookies


def test_every_address_has_a_row() -> None:
    assert {name for name, _ in _addresses()} - set(NAMES) == set()


def test_every_row_has_an_address() -> None:
    assert set(NAMES) - {name for name, _ in _addresses()} == set()


def test_every_address_has_a_name() -> None:
    assert [pattern for name, pattern in _addresses() if not name] == []


def test_the_admin_site_is_nobodys_but_a_superusers(world: World) -> None:
    paths = [reverse("admin:index"), reverse("admin:agency_auditentry_changelist"), reverse("admin:agency_user_changelist")]
    for path in paths:
        assert [_word(_client(world, who).get(path)) for who in WHO] == ["in", *["404"] * 5], path
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    browser = Client()
    browser.force_login(root)
    assert [browser.get(path).status_code for path in paths] == [200] * 3


def _knock(world: World, name: str, method: str, who: str, **options: Any) -> Any:
    """The answer, with the tables `written` to for it; whatever it changed is taken back."""
    path = reverse(name, kwargs=_from_table("KWARGS", name, lambda _: {})(world))
    if method == "GET":
        path += _from_table("QUERY", name, "")
    data = _from_table("DATA", name, lambda _: {})(world) if method == "POST" else None
    client = _client(world, who, **options)
    around = transaction.atomic()
    around._from_testcase = True  # a view's own durable transaction may stand in it
    with around, CaptureQueriesContext(connection) as queries:
        response = client.generic(method, path) if data is None else client.post(path, data)
        if response.streaming:
            response.content_read = b"".join(response.streaming_content)  # read while it can still see what it read from
        transaction.set_rollback(True)
    response.written = {table for query in queries if (table := _written(query["sql"]))}
    return response


def _client(world: World, who: str, **options: Any) -> Client:
    cast = world.cast
    user = {"stranger": cast.zoe, "viewer": cast.cleo, "analyst": cast.ben, "manager": cast.mo, "owner": cast.ann}.get(who)
    client = Client(**options)
    if user is not None:
        client.force_login(user)
    return client


def _word(response: Any) -> str:
    if response.status_code not in {301, 302, 303}:
        return str(response.status_code)
    return "in" if response.url.split("?")[0] == reverse("sign-in") else "go"


def _body(response: Any) -> str:
    content: bytes = response.content_read if response.streaming else response.content
    return content.decode(errors="replace")


def _written(sql: str) -> str:
    found = re.match(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', sql)
    return found[1] if found else ""


def _from_table(column: str, name: str, default: Any) -> Any:
    return next((getattr(module, column)[name] for module in MODULES if name in getattr(module, column)), default)


def _addresses() -> list[tuple[str | None, str]]:
    return list(_below(get_resolver()))


def _below(resolver: URLResolver) -> Iterator[tuple[str | None, str]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry.name, str(entry.pattern)
        elif entry.namespace != "admin":  # has a test of its own
            yield from _below(entry)
