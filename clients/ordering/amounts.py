"""How many seeds a test would write to. The vendor tells it of a test that is made, not before: earlier tests do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clients.models import Connection, PlacementTest
from clients.vendors.testing import SeedGroup

_LOOKED_AT = 200  # tests, the newest


@dataclass(frozen=True, slots=True)
class Amount:
    """`seeds` that each sender writes to, None where no earlier test tells. `exact`: one with just these groups did."""

    seeds: int | None
    exact: bool = False
    at_most: bool = False


def seeds(connection: Connection, workspace: str, groups: Sequence[SeedGroup]) -> Amount:
    """Groups have the size they have for everyone, so another workspace's test tells as well."""
    known = _known(connection, workspace)
    asked = frozenset(groups)
    if asked in known:
        return Amount(known[asked], exact=True)
    alone = [known.get(frozenset([group])) for group in asked]
    if None not in alone:
        return Amount(sum(number for number in alone if number))
    if found := [number for had, number in known.items() if had > asked]:
        return Amount(min(found), at_most=True)
    return Amount(None)


def _known(connection: Connection, workspace: str) -> dict[frozenset[SeedGroup], int]:
    found: dict[frozenset[SeedGroup], int] = {}
    rows = PlacementTest.objects.filter(connection=connection, seeds__gt=0).order_by("-created_at", "-pk")
    for at, raw, number in rows.values_list("workspace", "raw", "seeds")[:_LOOKED_AT]:
        had = frozenset(connection.vendor_class.recipe_of(raw).groups)
        if had and (had not in found or at == workspace):
            found.setdefault(had, number)
    return found
