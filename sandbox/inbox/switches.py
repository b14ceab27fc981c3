"""What a test may turn about Inbox's answers without anything being at fault."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.switches import Turned


@dataclass(slots=True)
class Switches(Turned):
    choices = {"errors": ("nested", "flat", "second")}  # noqa: RUF012

    default_limit: int = 20
    short_pages: int = 0
    """When not 0: no page holds more rows than this, whatever the limit."""
    errors: str = "nested"
    """How refusals look: {"error": {…}}, the older flat one, or the second version's."""
    kept_days: int = 7
    """How long events are kept."""
    a_minute: int = 300
    """Requests a minute that a team is allowed, by the sandbox's clock; 0 for any number."""
    sends_a_minute: int = 10
    """Messages a minute that an account link may send; 0 for any number."""
    seq_step: int = 1
    """How far apart the numbers of two events are."""
    ids_of_old: bool = False
    """Events name `data.accountLink` and `prospect.id` instead of what the documentation says."""
