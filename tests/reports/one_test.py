"""Reading one placement test's page."""

from __future__ import annotations

import re
from html import unescape

from clients.models import PlacementTest


def path(test: PlacementTest, slug: str = "acme") -> str:
    return f"/clients/{slug}/tests/{test.uuid}/"


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def table(page: str, label: str) -> dict[str, list[str]]:
    """Of the region `label`: heading of the row → its cells as text, those of the foot among them."""
    body = re.search(rf'aria-label="{label}" tabindex="0">(.*?)</table>', page, re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", body[1].partition("</thead>")[2], re.DOTALL) if body else []
    rows = [[words(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)] for row in found]
    return {row[0].replace(" ", ""): row[1:] for row in rows}


def matrix(page: str) -> dict[str, list[str]]:
    return table(page, "By sender and mailbox provider")
