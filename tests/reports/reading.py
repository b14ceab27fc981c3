"""Pages read as a browser would get them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from tests.clients.doing import signed_in

as_user = signed_in
_CELL = re.compile(r"<t[hd][ >].*?</t[hd]>", re.DOTALL)


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content.decode())


def subjects(page: str) -> list[str]:
    """Of a list of broadcasts, or of placement tests."""
    return re.findall(r'class="wrap subject"><a[^>]*>([^<]*)</a>', page)


def link(page: str, rel: str) -> str:
    (found,) = re.findall(rf'rel="{rel}" href="([^"]*)"', page)
    return str(found).replace("&amp;", "&")


def words(html: str) -> str:
    """Its text alone."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def cells(html: str) -> list[list[str]]:
    """Of lines of a table: their cells as text."""
    return [[words(cell) for cell in _CELL.findall(row)] for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)]


def body(page: str) -> list[list[str]]:
    """Of the page's first table, below its head: each line's cells as text."""
    found = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return cells(found[1]) if found else []
