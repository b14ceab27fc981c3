"""Seeds as files that an ESP's import takes: a plain list, or the columns that it maps by itself.

References: Klaviyo 'How to create and add subscribers to a new list', HubSpot 'Set up your import files', Mailchimp 'Format
guidelines for your import file'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clients.models import MailboxProvider
from clients.shuffles.rotating import Line
from reports.exports import streaming
from reports.exports.making import harmless

LABELS = dict(MailboxProvider.choices)
TAG = "Inboxdeck seed"


@dataclass(frozen=True)
class Layout:
    """`columns` stand above the rows; without any it is a list of addresses, one on each line, as it came."""

    label: str
    columns: tuple[str, ...] = ()

    @property
    def ending(self) -> str:
        return "csv" if self.columns else "txt"

    @property
    def content_type(self) -> str:
        return f"text/{'csv' if self.columns else 'plain'}; charset=utf-8"

    def body(self, lines: Iterable[Line]) -> bytes:
        if not self.columns:
            return "".join(f"{line.email}\n" for line in lines).encode()
        # The address, a name that tells people at the ESP what it is, and the mark that a segment can be made of.
        rows = ((line.email, "Seed", LABELS.get(line.mailbox_provider, "Other"), TAG)[: len(self.columns)] for line in lines)
        return streaming.lines([self.columns, *(tuple(map(harmless, row)) for row in rows)])


LAYOUTS = {
    "plain": Layout("Plain list"),
    "klaviyo": Layout("Klaviyo", ("Email Address", "First Name", "Last Name", "Seed List")),
    "hubspot": Layout("HubSpot", ("Email", "First Name", "Last Name")),
    "mailchimp": Layout("Mailchimp", ("Email Address", "First Name", "Last Name", "Tags")),
}
