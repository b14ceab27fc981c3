"""Aggregates that come as the driver gives them.

Django passes each value of an aggregate through a function of its own, for databases that return another type than asked
for. Whole numbers come as `int` from PostgreSQL and SQLite alike, and a page reads thousands of them.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum


class _Plain:
    def get_db_converters(self, connection: Any) -> list[Any]:
        return []


class Mails(_Plain, Sum):
    """Of a column of whole numbers; None over no rows."""


class Tally(_Plain, Count):
    """Of rows, or of values that are not null."""
