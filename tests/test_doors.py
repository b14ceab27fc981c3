"""Every address × method × person, by the table in tests/doors/. An address without a row fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agency.models import User
from tests.doors import GUESTS, METHODS, WHO, Door
from tests.doors.standing import DOORS, Standing, from_table
from tests.doors.world import BIRCHS, NORTHS

NAMES = sorted({door.name for door in DOORS})
#: Whoever holds the link may read what it opens.
BY_LINK = {"report", "invitation"}
WITHOUT_COOKIE = {"report", "healthz", "favicon", "hook"}
#: What is posted there is signed, and comes from another site always.
SIGNED = {"hook"}
#: A GET may move these: who is signed in, and how often something was tried.
BOOKKEEPING = {"django_session", "agency_throttle"}


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_each_person_gets_the_answer_of_the_table(standing: Standing, door: Door) -> None:
    got = {who: _word(standing.knock(door.name, door.method, who)) for who in WHO}
    assert got == door.answers


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_no_answer_holds_what_is_not_for_its_reader(standing: Standing, door: Door) -> None:
    if door.name in BY_LINK:
        return
    for who, words in [("viewer", BIRCHS), *((who, NORTHS) for who in ("stranger", "anonymous", *GUESTS))]:
        body = standing.knock(door.name, door.method, who).body
        assert [word for word in words if word in body] == [], who


@pytest.mark.parametrize("name", NAMES)
def test_a_method_without_a_row_is_refused_to_everyone(standing: Standing, name: str) -> None:
    for method in set(METHODS) - {door.method for door in DOORS if door.name == name}:
        for who in WHO:
            response = standing.knock(name, method, who)
            assert _word(response) in {"405", "404", "403", "in", "go"}, (method, who, _word(response))
            assert response.written <= BOOKKEEPING, (method, who)


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=str)
def test_a_get_changes_nothing(standing: Standing, door: Door) -> None:
    allowed = BOOKKEEPING | from_table("WRITES", door.name, set())
    for who in WHO:
        assert standing.knock(door.name, "GET", who).written <= allowed, who


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "POST" and door.name not in SIGNED], ids=str)
def test_a_post_from_another_site_is_refused(standing: Standing, door: Door) -> None:
    response = standing.knock_with(standing.browser("owner", enforce_csrf_checks=True), door.name, "POST")
    assert response.status_code == 403


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_each_answer_carries_the_policy_and_no_needless_cookie(standing: Standing, door: Door) -> None:
    for who in WHO:
        response = standing.knock(door.name, door.method, who)
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert door.name not in WITHOUT_COOKIE or who not in ("anonymous", "link visitor") or not response.cookies


def test_every_address_has_a_row() -> None:
    assert {name for name, _ in _addresses()} - set(NAMES) == set()


def test_every_row_has_an_address() -> None:
    assert set(NAMES) - {name for name, _ in _addresses()} == set()


def test_every_address_has_a_name() -> None:
    assert [pattern for name, pattern in _addresses() if not name] == []


def test_the_admin_site_is_nobodys_but_a_superusers(standing: Standing) -> None:
    paths = [reverse("admin:index"), reverse("admin:agency_auditentry_changelist"), reverse("admin:agency_user_changelist")]
    for path in paths:
        got = {who: _word(standing.browser(who).get(path)) for who in WHO}
        assert got == {who: "in" if who == "anonymous" or who in GUESTS else "404" for who in WHO}, path
    root = User.objects.create_superuser("root@example.com", "correct horse battery")
    browser = Client()
    browser.force_login(root)
    assert [browser.get(path).status_code for path in paths] == [200] * 3


def _word(response: Any) -> str:
    if response.status_code not in {301, 302, 303}:
        return str(response.status_code)
    return "in" if response.url.split("?")[0] == reverse("sign-in") else "go"


def _addresses() -> list[tuple[str | None, str]]:
    return list(_below(get_resolver()))


def _below(resolver: URLResolver) -> Iterator[tuple[str | None, str]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield entry.name, str(entry.pattern)
        elif entry.namespace != "admin":  # has a test of its own
            yield from _below(entry)
