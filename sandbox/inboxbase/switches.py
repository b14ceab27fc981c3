"""What a test may turn about InboxBase's answers without anything being at fault."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.switches import Turned


@dataclass(slots=True)
class Switches(Turned):
    choices = {"mode": ("direct", "queued"), "bounces": ("event", "mail")}  # noqa: RUF012

    mode: str = "direct"
    """direct: a mail is handed over with the call. queued: it is dispatched later, and the answer has another shape."""
    queue_seconds: int = 600
    """In queued mode: from the call to the dispatch of a cold mail."""
    bounces: str = "event"
    """event: email.bounced. mail: a message of mailer-daemon in the conversation, as it was before that event."""
    default_limit: int = 50
    max_limit: int = 200
    short_pages: int = 0
    """When not 0: no page of conversations or events holds more rows than this, whatever the limit."""
    partial_status: int = 202
    """The status where only some recipients were rejected; one page of the vendor's says 200."""
    label_stats: bool = True
    """Whether there is a path for the figures of labels."""
    extra_keys: bool = False
    """Rows carry keys that are declared nowhere."""
