"""Reading one placement test's page."""

from __future__ import annotations

import re

from clients.models import PlacementTest
from tests.reports.reading import cells


def path(test: PlacementTest, slug: str = "acme") -> str:
    return f"/clients/{slug}/tests/{test.uuid}/"


def table(page: str, label: str) -> dict[str, list[str]]:
    """Of the region `label`: heading of the row → its cells as text, those of the foot among them."""
    body = re.search(rf'aria-label="{label}" tabindex="0">(.*?)</table>', page, re.DOTALL)
    rows = cells(body[1].partition("</thead>")[2]) if body else []
    return {row[0].replace(" ", ""): row[1:] for row in rows}


def matrix(page: str) -> dict[str, list[str]]:
    return table(page, "By sender and mailbox provider")
