"""The table of doors: who gets what answer from which address.

Each app's rows stand in a module of its name here, as text:

    table('''
                              anonymous  stranger  viewer  analyst  manager  owner
    GET   client-edit            in        404       403     403      200     200
    ''')

`in`: sent to sign-in; `go`: a redirect elsewhere; a number: that status. `stranger` is the owner of another agency, knocking with
our ids; `viewer` may see one client of two. GUESTS have less than a session and are answered like `anonymous`: theirs is the same
column, written once. A method that has no row must be refused to everyone.

WORLD      what the ids in addresses stand for: see world.py
KWARGS     name → the address' parts, from the world
DATA       name → what is posted; without it nothing is
QUERY      name → the query string of a GET
WRITES     name → tables that its GET may write to (an 'opened' counter)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.doors.world import World

COLUMNS = ("anonymous", "stranger", "viewer", "analyst", "manager", "owner")
#: A browser that has opened a client's report link, and the owner's whose session has ended since.
GUESTS = ("link visitor", "expired session")
WHO = COLUMNS + GUESTS
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

type FromWorld = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Door:
    method: str
    name: str
    answers: dict[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def table(text: str) -> list[Door]:
    return list(_rows(text))


def _rows(text: str) -> Iterator[Door]:
    header, *lines = [line.split() for line in text.strip().splitlines() if line.strip()]
    assert tuple(header) == COLUMNS, header
    for line in lines:
        method, name, *answers = line
        assert method in METHODS, line
        assert len(answers) == len(COLUMNS), line
        told = dict(zip(COLUMNS, answers, strict=True))
        yield Door(method, name, told | dict.fromkeys(GUESTS, told["anonymous"]))
