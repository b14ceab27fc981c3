"""A file of leads, line by line, whatever its length: which column is what, and what is wrong with a line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from agency import zones
from clients.vendors.text import sentence

EMAIL, CUSTOM = "email", "custom"
#: What a column is called, without its case and signs → what it is.
NAMES = {
    EMAIL: ("email", "emailaddress", "mail"),
    "first_name": ("firstname", "givenname", "forename"),
    "last_name": ("lastname", "surname", "familyname"),
    "company": ("company", "companyname", "organisation", "organization"),
    "timezone": ("timezone", "tz"),
}
_KNOWN = {name: what for what, names in NAMES.items() for name in names}
LONGEST = 1_000  # characters of one cell
MOST_COLUMNS = 100
LONGEST_ADDRESS = 320
DELIMITERS = ",;\t"


class BadFile(Exception):
    """The file as a whole can't be read; the text says why, and names the line."""


@dataclass(frozen=True, slots=True)
class Column:
    header: str
    what: str  # of NAMES, or 'custom'


@dataclass(frozen=True, slots=True)
class Line:
    """`wrong`: why it is not sent."""

    number: int
    email: str = ""
    lead: dict[str, Any] = field(default_factory=dict)
    wrong: str = ""


class Leads:
    """The columns at once, the lines while they are iterated. Raises `BadFile` at either."""

    def __init__(self, file: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        try:
            first = self._text.readline(100_000)
            self._text.seek(0)
        except UnicodeDecodeError:
            raise _not_utf8() from None
        self._rows = csv.reader(self._text, delimiter=max(DELIMITERS, key=first.count), strict=True)
        self.columns = _columns(next(self._cells(), (0, []))[1])

    def __iter__(self) -> Iterator[Line]:
        for number, cells in self._cells():
            if any(cell.strip() for cell in cells):
                yield _line(number, cells, self.columns)

    def release(self) -> None:
        """The file is another's to close."""
        self._text.detach()

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        while True:
            number = self._rows.line_num + 1
            try:
                yield number, next(self._rows)
            except StopIteration:
                return
            except UnicodeDecodeError:
                raise _not_utf8() from None
            except csv.Error:
                raise BadFile(f"Line {number:,} is no line of a CSV file: look at its quotation marks.") from None


def meaning(header: str) -> str:
    """What a column of that name is: one of NAMES, or 'custom'."""
    return _KNOWN.get(re.sub(r"[\W_]", "", header.lower()), CUSTOM)


def _columns(header: Sequence[str]) -> list[Column]:
    found = [Column(name := sentence(cell, 60), meaning(name)) for cell in header]
    if not any(column.header for column in found):
        raise BadFile("Its first line must name the columns, ‘email’ among them.")
    if len(found) > MOST_COLUMNS:
        raise BadFile(f"It has {len(found)} columns: {MOST_COLUMNS} are the most.")
    seen: dict[str, str] = {}
    for column in found:
        key = column.header.lower() if column.what == CUSTOM else column.what
        if key and key in seen:
            raise BadFile(f"The columns ‘{seen[key]}’ and ‘{column.header}’ are the same: leave one.")
        seen[key] = column.header
    if EMAIL not in seen:
        raise BadFile(f"None of its columns is ‘email’. Its first line is: {', '.join(column.header for column in found)[:200]}")
    return found


def _line(number: int, cells: Sequence[str], columns: Sequence[Column]) -> Line:
    texts = [cell.strip() for cell in cells]
    lead: dict[str, Any] = {}
    email = next((text for text, column in zip(texts, columns, strict=False) if column.what == EMAIL), "")
    if any(texts[len(columns) :]):
        return Line(number, _short(email), wrong="It has more cells than the first line has columns.")
    for text, column in zip(texts, columns, strict=False):
        if len(text) > LONGEST:
            return Line(number, _short(email), wrong=f"‘{column.header}’ is longer than {LONGEST:,} characters.")
        if "\x00" in text:
            return Line(number, _short(email), wrong=f"‘{column.header}’ holds a character that is none.")
        if text and column.what == CUSTOM and column.header:
            lead.setdefault(CUSTOM, {})[column.header] = text
        elif text and column.what != CUSTOM:
            lead[column.what] = text
    wrong = _wrong(email, lead.get("timezone", ""))
    # What is sent is known again by just this.
    return Line(number, _short(email) if wrong else email.lower(), lead, wrong)


def _wrong(email: str, zone: str) -> str:
    if not email:
        return "There is no e-mail address."
    if not _is_address(email):
        return f"‘{sentence(email, 80)}’ is no e-mail address."
    return f"‘{sentence(zone, 60)}’ is no timezone such as Europe/Berlin." if zone and zone not in zones.names() else ""


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email.lower()) <= LONGEST_ADDRESS  # some letters are longer so


def _short(email: str) -> str:
    return sentence(email, LONGEST_ADDRESS).lower()[:LONGEST_ADDRESS]


def _not_utf8() -> BadFile:
    return BadFile("It is not UTF-8. In a spreadsheet, save it as ‘CSV UTF-8’.")
