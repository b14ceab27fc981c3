"""What a test may turn about the way lists and refusals look, without anything being at fault."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from sandbox.answers import Dialect, Json


@dataclass(slots=True)
class Switches:
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

    def turn(self, values: dict[str, Json]) -> None:
        """Raises ValueError for a name that is no switch, or a value of another type."""
        kinds = {field.name: field.type for field in fields(self)}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"no switch {name!r}; there are {', '.join(kinds)}")
            if name == "dialect" and value not in ("detail", "message"):
                raise ValueError("dialect is detail or message")
            if kinds[name] in ("int", "bool") and type(value).__name__ != kinds[name]:
                raise ValueError(f"{name} takes {kinds[name]}")
            setattr(self, name, value)

    def copy(self) -> Switches:
        return replace(self)
