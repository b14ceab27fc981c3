"""The world made once for a module, and knocks at its doors. Whatever a knock changes is taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.vendors import VENDORS, waiting
from tests.cast import make_cast
from tests.doors import WHO, agency, clients, reports
from tests.doors.world import make_world

MODULES = (agency, clients, reports)
DOORS = [door for module in MODULES for door in module.DOORS]


class Standing:
    """The world, with a session for each person and with the answers that were given already."""

    def __init__(self) -> None:
        self.world = make_world(make_cast())
        self.cookies = {who: _signed_in(user) for who in WHO if (user := self._user(who))}
        self.cookies |= {"link visitor": _reader(self.path("report")), "expired session": _expired(self.world.cast.ann)}
        self.answers: dict[tuple[str, str, str], Any] = {}

    def _user(self, who: str) -> Any:
        cast = self.world.cast
        return {"stranger": cast.zoe, "viewer": cast.cleo, "analyst": cast.ben, "manager": cast.mo, "owner": cast.ann}.get(who)

    def browser(self, who: str, **options: Any) -> Client:
        browser = Client(**options)
        browser.cookies.load(self.cookies.get(who, {}))
        return browser

    def knock(self, name: str, method: str, who: str) -> Any:
        """The answer, with the tables `written` to for it and the `body` as text; asked once, however many tests look at it."""
        key = (name, method, who)
        if key not in self.answers:
            self.answers[key] = self.knock_with(self.browser(who), name, method)
        return self.answers[key]

    def knock_with(self, browser: Client, name: str, method: str) -> Any:
        path = self.path(name) + (from_table("QUERY", name, "") if method == "GET" else "")
        data = self.data(name) if method == "POST" else None
        with taken_back(), CaptureQueriesContext(connection) as queries:
            response = browser.generic(method, path) if data is None else browser.post(path, data)
            response.body = read(response).decode(errors="replace")  # while a stream can still see what it reads from
        response.written = {table for query in queries if (table := written(query["sql"]))}
        # Thousands of answers are kept: not the rows and templates that they were made of.
        for heavy in ("context", "templates", "wsgi_request", "client", "request", "json", "resolver_match"):
            setattr(response, heavy, None)
        return response

    def path(self, name: str) -> str:
        return reverse(name, kwargs=from_table("KWARGS", name, lambda _: {})(self.world))

    def data(self, name: str) -> Any:
        return from_table("DATA", name, lambda _: {})(self.world)


@pytest.fixture(scope="module")
def _standing(module_db: None) -> Standing:
    return Standing()


@pytest.fixture
def standing(_standing: Standing, db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Standing:
    for vendor in VENDORS:  # nobody answers there: what asks a vendor hears of an outage, at once
        setattr(settings, f"{vendor.upper()}_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    return _standing


@contextmanager
def taken_back() -> Iterator[None]:
    around = transaction.atomic()
    around._from_testcase = True  # a view's own durable transaction may stand in it
    with around:
        yield
        transaction.set_rollback(True)


def read(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def written(sql: str) -> str:
    found = re.match(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', sql)
    return found[1] if found else ""


def from_table(column: str, name: str, default: Any) -> Any:
    return next((getattr(module, column)[name] for module in MODULES if name in getattr(module, column)), default)


def _signed_in(user: Any) -> Any:
    browser = Client()
    browser.force_login(user)
    return _cookies(browser)


def _expired(user: Any) -> Any:
    cookies = _signed_in(user)
    Session.objects.filter(pk=cookies[settings.SESSION_COOKIE_NAME]).update(expire_date=timezone.now() - timedelta(seconds=1))
    return cookies


def _reader(path: str) -> Any:
    browser = Client()
    assert browser.get(path).status_code == 200
    return _cookies(browser)


def _cookies(browser: Client) -> Any:
    return {name: morsel.value for name, morsel in browser.cookies.items()}
