"""What a test may turn about imail's answers without anything being at fault. Defaults are what the product assumes."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.switches import Turned


@dataclass(slots=True)
class Switches(Turned):
    choices = {  # noqa: RUF012
        "reset": ("epoch", "delta"),
        "one": ("bare", "data"),
    }

    default_limit: int = 50
    max_limit: int = 100
    short_pages: int = 0
    """When not 0: no page holds more rows than this, whatever the limit."""
    limits: bool = True
    """Whether the token buckets are counted down."""
    told_limit: bool = False
    """X-RateLimit-Limit stands beside the other two."""
    reset: str = "epoch"
    """X-RateLimit-Reset: when the bucket is full again, or in how many seconds."""
    one: str = "bare"
    """A single object: as it is, or under `data`."""
    start_routes: bool = True
    """Campaigns are started, paused and resumed by routes of their own; else by PATCH alone."""
    extra_keys: bool = False
    """Rows carry keys that are declared nowhere."""
