"""Exports read back as anybody's CSV reader would."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from agency.models import Agency
from clients.models import Client
from reports.exports.tables import TABLES
from reports.scope import Filters, Scope, Window

type Rows = list[dict[str, str]]


def read(content: bytes) -> Rows:
    """Fails on a row of another length than the header's."""
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""), strict=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def exported(table: str, scope: Scope) -> Rows:
    return read(b"".join(TABLES[table].stream(scope)))


def fetched(browser: Any, path: str) -> Rows:
    """By a member's request."""
    response = browser.get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return read(b"".join(response.streaming_content))


def whole(agency: Agency, **asked: str) -> Scope:
    """All of an agency over 30 days, as those see it who see every client."""
    return Scope(agency, Client.objects.of(agency).active(), Window.of(30), Filters(**asked), sees_unassigned=True)


def column(rows: Iterable[dict[str, str]], name: str) -> list[str]:
    return [row[name] for row in rows]
