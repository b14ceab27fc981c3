"""What a test may turn about the way lists and refusals look, without anything being at fault."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self, get_args

from sandbox.answers import Dialect, Json


class Turned:
    """Fields of a dataclass that are turned by name. Their types are plain: text, whole numbers, booleans."""

    choices: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Switches that take one of a few words."""

    __slots__ = ()

    def turn(self, values: dict[str, Json]) -> None:
        """Raises ValueError for a name that is no switch, or a value of another type."""
        kinds = {field.name: field.type for field in fields(self)}  # type: ignore[arg-type]
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"no switch {name!r}; there are {', '.join(kinds)}")
            if name in self.choices and value not in self.choices[name]:
                raise ValueError(f"{name} is {' or '.join(self.choices[name])}")
            if kinds[name] in ("int", "bool") and type(value).__name__ != kinds[name]:
                raise ValueError(f"{name} takes {kinds[name]}")
            setattr(self, name, value)

    def as_json(self) -> dict[str, Json]:
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]

    def copy(self) -> Self:
        return replace(self)  # type: ignore[type-var]


@dataclass(slots=True)
class Switches(Turned):
    choices = {"dialect": get_args(Dialect)}  # noqa: RUF012

    dialect: Dialect = "detail"
    max_limit: int = 100
    default_limit: int = 50
    retention_days: int = 120
    short_pages: int = 0
    """When not 0: no page holds more rows than this, whatever the limit."""
    empty_pages: int = 0
    """So many empty pages with a token stand before each page that follows the first."""
    items_key: str | None = None
    """Envelope key of every list: None = the plural of the resource, "" = a bare list (then only one page exists)."""
    grow_every: int = 0
    """When not 0: each so-many-th read of a first page of broadcasts finds half an hour more of today's mail."""
    detail_providers: bool = True
    """Whether one broadcast carries its counts per mailbox provider."""
    shuffle_seconds: int = 0
    """When not 0: a shuffle stays pending for so long."""
    shuffle_fails: bool = False
    """With `shuffle_seconds`: the pending shuffle ends as failed, and leaves no cooldown."""
