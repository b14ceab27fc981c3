"""Rubbish in every field of every form and in every parameter: an answer in words, never an error of ours, never a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from clients.vendors import waiting
from tests.cast import Cast
from tests.doors import Door
from tests.doors.world import World, make_world
from tests.test_doors import DOORS, _client, _from_table

#: No number that a database knows; longer than any field; a script; no text that a date or a digit would be.
RUBBISH = ("9" * 24, "x" * 10_000 + "😀", "=cmd()<script>alert(1)</script>", "²026-02-30")
PARAMETERS = ("page", "after", "before", "sort", "window", "search", "status", "since", "client", "manager", "sender")


@pytest.fixture
def world(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    settings.INBOXALLY_URL = "http://127.0.0.1:9"
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    return make_world(cast)


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=str)
def test_no_parameter_breaks_a_page(world: World, door: Door) -> None:
    browser = _client(world, "owner")
    for name in PARAMETERS:
        for rubbish in RUBBISH[::2]:
            _is_calm(browser.get(_path(world, door), {name: rubbish}), name)


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "POST"], ids=str)
def test_no_field_breaks_a_form(world: World, door: Door) -> None:
    path, sensible = _path(world, door), _from_table("DATA", door.name, lambda _: {})(world)
    browser = _client(world, "owner")
    page = browser.get(path)
    shown = set(re.findall(r'name="(\w+)"', page.content.decode())) if page.status_code == 200 else set()
    for name in sorted((shown | set(sensible) | {"client", "values"}) - {"csrfmiddlewaretoken"}):
        for rubbish in RUBBISH:
            browser = _client(world, "owner")  # it may have signed itself out
            _is_calm(browser.post(path, sensible | {name: rubbish}), name)


def _path(world: World, door: Door) -> str:
    return reverse(door.name, kwargs=_from_table("KWARGS", door.name, lambda _: {})(world))


def _is_calm(response: Any, name: str) -> None:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code < 500, name
    if response["Content-Type"].startswith("text/html"):
        assert b"<script>alert(1)" not in body, name
