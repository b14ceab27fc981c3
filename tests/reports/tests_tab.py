"""The Tests tab as its reader gets it."""

from __future__ import annotations

from tests.reports.reading import body

PATH = "/clients/acme/tests/"


def rows(page: str) -> list[list[str]]:
    """Each line's cells as text: made, name and subject, kind, status, senders, received, inboxing, missing, results."""
    return body(page)
