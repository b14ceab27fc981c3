"""Rubbish in every field of every form and in every parameter: an answer in words, never an error of ours, never a script."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.doors import Door
from tests.doors.standing import DOORS, Standing, read, taken_back

#: No number that a database knows; longer than any field; a script; no text that a date or a digit would be.
RUBBISH = ("9" * 24, "x" * 10_000 + "😀", "=cmd()<script>alert(1)</script>", "²026-02-30")
PARAMETERS = ("page", "after", "before", "sort", "window", "search", "status", "since", "client", "manager", "sender")


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "GET"], ids=str)
def test_no_parameter_breaks_a_page(standing: Standing, door: Door) -> None:
    browser = standing.browser("owner")
    for name in PARAMETERS:
        for rubbish in RUBBISH[::2]:
            _is_calm(browser.get(standing.path(door.name), {name: rubbish}), name)


@pytest.mark.parametrize("door", [door for door in DOORS if door.method == "POST"], ids=str)
def test_no_field_breaks_a_form(standing: Standing, door: Door) -> None:
    path, sensible = standing.path(door.name), standing.data(door.name)
    page = standing.browser("owner").get(path)
    shown = set(re.findall(r'name="(\w+)"', page.content.decode())) if page.status_code == 200 else set()
    for name in sorted((shown | set(sensible) | {"client", "values"}) - {"csrfmiddlewaretoken"}):
        for rubbish in RUBBISH:
            with taken_back():  # the act may go through all the same, and the next one starts from the same rows
                _is_calm(standing.browser("owner").post(path, sensible | {name: rubbish}), name)


def _is_calm(response: Any, name: str) -> None:
    body = read(response)
    assert response.status_code < 500, name
    if response["Content-Type"].startswith("text/html"):
        assert b"<script>alert(1)" not in body, name
