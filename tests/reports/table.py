"""The Overview's table, read back from its HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from tests.reports.reading import words


@dataclass
class Line:
    name: str
    cells: list[str]  # text, in the order of the columns
    html: str

    def __contains__(self, said: str) -> bool:
        return said in unescape(self.html)


def lines(page: str) -> list[Line]:
    body = re.search(r'<table class="table board">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    return [_line(row) for row in re.findall(r"<tr>(.*?)</tr>", body[1], re.DOTALL)] if body else []


def heads(page: str) -> list[str]:
    head = re.search(r'<table class="table board">.*?<thead>(.*?)</thead>', page, re.DOTALL)
    assert head
    return [words(cell) for cell in re.findall(r"<th[ >].*?</th>", head[1], re.DOTALL)]


def facts(page: str) -> dict[str, str]:
    """Label, delta and note → value."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    return {words(label): words(value) for label, value in found}


def _line(row: str) -> Line:
    name, *cells = re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)
    return Line(words(name), [words(cell) for cell in cells], row)
