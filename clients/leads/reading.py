"""A file of leads, line by line, whatever its length: which column is what, and what is wrong with a line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

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
#: A first line that spreadsheets write and read, to say by what cells are parted.
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)


#: Addresses of which Django's validator, which takes a second for 100,000, would say yes too: nearly all that there are.
_PLAIN = re.compile(r"[\w+-]+(?:\.[\w+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII | re.IGNORECASE)


class BadFile(Exception):
    """The file as a whole can't be read; the text says why, and names the line."""


@dataclass(frozen=True, slots=True)
class Column:
    header: str
    what: str  # of NAMES, or 'custom'


class Line(NamedTuple):
    """`wrong`: why it is not sent; only of the others `lead` tells all."""

    number: int
    email: str
    lead: dict[str, Any]
    wrong: str = ""


class Leads:
    """The columns at once, the lines while they are iterated. Raises `BadFile` at either."""

    def __init__(self, file: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
        try:
            first = self._text.readline(100_000)
            self._text.seek(0)
        except UnicodeError:
            raise _not_utf8() from None
        told = _SEPARATOR.fullmatch(first.strip("\r\n"))
        self._rows = csv.reader(self._text, delimiter=told[1] if told else max(DELIMITERS, key=first.count), strict=True)
        if told:
            next(self._rows)
        self.columns = _columns(next(self._cells(), (0, []))[1])

    def __iter__(self) -> Iterator[Line]:
        for number, cells in self._cells():
            texts = [cell.strip() for cell in cells]
            if any(texts):
                yield _line(number, texts, self.columns)

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
            except UnicodeError:
                raise _not_utf8() from None
            except csv.Error:
                raise BadFile(f"Line {number:,} is no line of a CSV file: look at its quotation marks.") from None


def _encoding(file: IO[bytes]) -> str:
    """UTF-16 says so by its first two bytes: so Excel saves ‘Unicode text’."""
    begins = file.read(2)
    file.seek(0)
    return "utf-16" if begins in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


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


def _line(number: int, texts: Sequence[str], columns: Sequence[Column]) -> Line:
    """Of 100,000 of them, within a request: nothing is done twice here."""
    lead: dict[str, Any] = {}
    own: dict[str, str] = {}
    odd = "It has more cells than the first line has columns." if any(texts[len(columns) :]) else ""
    for text, column in zip(texts, columns, strict=False):
        if not text:
            continue
        if len(text) > LONGEST:
            odd = odd or f"‘{column.header}’ is longer than {LONGEST:,} characters."
        elif "\x00" in text:
            odd = odd or f"‘{column.header}’ holds a character that is none."
        if column.what != CUSTOM:
            lead[column.what] = text
        elif column.header:
            own[column.header] = text
    if own:
        lead[CUSTOM] = own
    email = lead.get(EMAIL, "")
    if wrong := odd or _wrong(email, lead.get("timezone", "")):
        return Line(number, _short(email), lead, wrong)
    # What is sent is known again by just this.
    return Line(number, email.lower(), lead)


def _wrong(email: str, zone: str) -> str:
    if not email:
        return "There is no e-mail address."
    if not _is_address(email):
        return f"‘{sentence(email, 80)}’ is no e-mail address."
    return f"‘{sentence(zone, 60)}’ is no timezone such as Europe/Berlin." if zone and zone not in zones.names() else ""


def _is_address(email: str) -> bool:
    if len(email) <= LONGEST_ADDRESS and _PLAIN.fullmatch(email):
        return True
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email.lower()) <= LONGEST_ADDRESS  # some letters are longer so


def _short(email: str) -> str:
    return sentence(email, LONGEST_ADDRESS).lower()[:LONGEST_ADDRESS]


def _not_utf8() -> BadFile:
    return BadFile("It is not UTF-8. In a spreadsheet, save it as ‘CSV UTF-8’.")
