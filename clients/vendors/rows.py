"""Reading one row of a vendor's list, field by field, whatever shape it comes in.

A field goes by several names while nobody has promised one; each is also taken in camelCase.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.text import clean, sentence

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2100, 12, 31)
MOST = 100_000_000  # mails in one count: sums of many still fit an integer column


class BadField(Exception):
    """This row can't be read. `why` names the field and tells nothing of its content."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why


Names = Mapping[str, tuple[str, ...]]  # ours → the vendor's, the likeliest first


class Row:
    """The `required…` and counting readers raise `BadField`; the others give None or '' for what they can't read."""

    def __init__(self, content: dict[str, Any], names: Names) -> None:
        self._content = content
        self._names = names

    def raw(self, name: str) -> Any:
        """None where absent."""
        for theirs in self._names[name]:
            found = self._content.get(theirs)
            if found is None and "_" in theirs:
                found = self._content.get(camel(theirs))
            if found is not None:
                return found
        return None

    def bad(self, name: str, why: str) -> BadField:
        return BadField(self._names[name][0], why)

    def text(self, name: str, limit: int) -> str:
        found = self.raw(name)
        if isinstance(found, dict):  # {"id": …} where we expected the id
            found = found.get("id")
        if isinstance(found, bool) or not isinstance(found, str | int):
            return ""
        return clean(str(found), limit)

    def key(self, name: str, limit: int = 255) -> str:
        """Text that names the row, a number taken as text; never cut, since two cut keys may be equal."""
        found = self.raw(name)
        if found is None:
            raise self.bad(name, "is missing")
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise self.bad(name, "is no text")
        key = str(found)
        if clean(key, len(key) + 1) != key:
            # Mended, it would name another row, which the next, whole answer would double.
            raise self.bad(name, "holds characters that no database takes")
        if not key or len(key) > limit:
            raise self.bad(name, "is empty" if not key else f"is longer than {limit} characters")
        return key

    def count(self, name: str) -> int:
        found = self.raw(name)
        if found is None:
            raise self.bad(name, "is missing")
        number = whole(found)
        if number is None or not 0 <= number <= MOST:
            raise self.bad(name, "is no count")
        return number

    def number(self, name: str, most: int) -> int | None:
        number = whole(self.raw(name))
        return number if number is not None and 0 <= number <= most else None

    def day(self, name: str) -> date:
        found = self.raw(name)
        if found is None:
            raise self.bad(name, "is missing")
        day = as_day(found)
        if day is None:
            raise self.bad(name, "is no date")
        if not FIRST_DAY <= day <= LAST_DAY:
            raise self.bad(name, "is a date out of range")
        return day

    def time(self, name: str) -> datetime | None:
        return as_time(self.raw(name))


def whole(value: Any) -> int | None:
    """24 and 24.0, not '24', not true."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def as_day(value: Any) -> date | None:
    """'2026-09-13', or the UTC day of a time; one that names no zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value) if len(value) == 10 else _aware(value).date()
    except (ValueError, OverflowError):
        return None


def as_time(value: Any) -> datetime | None:
    """Aware, in UTC; a time that names no zone is UTC."""
    if not isinstance(value, str):
        return None
    try:
        time = _aware(value)
    except (ValueError, OverflowError):
        return None
    return time if FIRST_DAY <= time.date() <= LAST_DAY else None


def _aware(text: str) -> datetime:
    """In UTC, whatever this machine's own timezone is. Raises ValueError or OverflowError."""
    time = datetime.fromisoformat(text[:40])
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def readable[R](rows: Iterable[Any], read: Callable[[dict[str, Any]], R], what: str) -> tuple[list[R], list[str]]:
    """The rows that `read` understands, and for each other one why it was set aside.

    Raises `UnexpectedAnswer` where a page of ten rows or more has not one good one: then it is our reading that is wrong.
    """
    good: list[R] = []
    aside: list[str] = []
    field = ""
    for number, content in enumerate(rows, 1):
        try:
            if not isinstance(content, dict):
                raise BadField("", "it is no object")
            good.append(read(content))
        except BadField as bad:
            field = field or bad.field
            aside.append(f"{what} {_name(content, number)}: {f"'{bad.field}' " if bad.field else ''}{bad.why}")
    if len(aside) >= 10 and not good:
        raise UnexpectedAnswer(f"None of {len(aside)} rows could be read. {aside[0]}.", field)
    return good, aside


def _name(content: Any, number: int) -> str:
    known = content.get("id") if isinstance(content, dict) else None
    return (sentence(known, 60) if isinstance(known, str) else "") or f"in row {number}"
