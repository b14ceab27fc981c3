"""To whom, as somebody types or pastes it: addresses, each with a timezone of its own where its line says one.

one@there.example, two@there.example
three@there.example, Europe/Berlin
email,name,timezone                     ← or a CSV with a header: other columns are left aside
four@there.example,Ann,Asia/Tokyo
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from agency import zones
from clients.leads.reading import DELIMITERS, EMAIL, meaning

ZONE = "timezone"


class BadLine(Exception):
    """The text names the line and says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    zone: str = ""  # where its line said none
    line: int = 1


type Parse = Callable[[str, int], Iterator[Recipient]]


def read(text: str) -> list[Recipient]:
    """Each address once, in the order of its first line. Raises BadLine."""
    found: dict[str, Recipient] = {}
    for one in _lines(text):
        before = found.setdefault(one.address.casefold(), one)
        if before.zone and one.zone and before.zone != one.zone:
            raise BadLine(f"Line {one.line}: {one.address} stands in line {before.line} with another timezone, {before.zone}.")
        if one.zone and not before.zone:
            found[one.address.casefold()] = Recipient(before.address, one.zone, before.line)
    return list(found.values())


def _lines(text: str) -> Iterator[Recipient]:
    parse: Parse = _plain
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip(f" \t{DELIMITERS}"):
            continue
        if parse is _plain and "@" not in line and (columns := _header(line)):
            parse = columns
            continue
        yield from parse(line, number)


def _plain(line: str, number: int) -> Iterator[Recipient]:
    addresses: list[str] = []
    said: list[str] = []
    for cell in re.split(f"[{DELIMITERS}]", line):
        words = cell.strip(' "').split()
        many = next((place for place, word in enumerate(words) if "@" not in word), len(words))
        addresses += words[:many]
        if rest := " ".join(words[many:]):
            said.append(rest)
    if said and not addresses:
        raise BadLine(f"Line {number}: ‘{said[0][:80]}’ is no e-mail address.")
    if said and (len(addresses) > 1 or len(said) > 1):
        raise BadLine(
            f"Line {number}: beside ‘{said[0][:80]}’ stands more than one address. Give each timezone a line of its own."
        )
    zone = _zone(said[0], number) if said else ""
    for address in addresses:
        yield Recipient(_address(address, number), zone, number)


def _header(line: str) -> Parse | None:
    """How the lines beneath are read; None where it names no column of addresses."""
    delimiter = max(DELIMITERS, key=line.count)
    columns = [meaning(cell) for cell in _cells(line, delimiter)]
    if EMAIL not in columns:
        return None

    def parse(below: str, number: int) -> Iterator[Recipient]:
        told = dict(zip(columns, _cells(below, delimiter), strict=False))
        zone = told.get(ZONE, "")
        yield Recipient(_address(told.get(EMAIL, ""), number), _zone(zone, number) if zone else "", number)

    return parse


def _cells(line: str, delimiter: str) -> Sequence[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except (csv.Error, StopIteration):
        raise BadLine(f"‘{line[:80]}’ is no line of a CSV: look at its quotation marks.") from None


def _address(text: str, number: int) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise BadLine(f"Line {number}: ‘{text[:80]}’ is no e-mail address.") from None
    return text


def _zone(text: str, number: int) -> str:
    found = zones.find(text)
    if not found:
        raise BadLine(f"Line {number}: ‘{text[:60]}’ is no timezone such as Europe/Berlin.")
    return found
