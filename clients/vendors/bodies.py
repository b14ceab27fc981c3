"""From the bytes of a list's answer to its rows: quickly where it has the shape we expect, with care where it has not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec

from clients.vendors.errors import UnexpectedAnswer, VendorDown
from clients.vendors.text import clean


@dataclass(frozen=True)
class Envelope:
    """Where a vendor's lists keep their rows and their next cursor; the likeliest name first."""

    rows: tuple[str, ...]
    cursor: tuple[str, ...]
    inside: str = ""  # the object beside the rows that the cursor stands in; such a list is read loosely
    more: str = ""  # beside the cursor: whether it leads to anything


@dataclass(frozen=True, slots=True)
class Listing[R]:
    """`typed` when all rows have the expected shape, else `loose`, which holds whatever came."""

    cursor: str | None
    typed: list[R] | None = None
    loose: tuple[Any, ...] = ()


class ListDecoder[R: msgspec.Struct]:
    """Decodes one kind of list. `row` is the exact shape; with None every row is read loosely."""

    def __init__(self, envelope: Envelope, row: type[R] | None, vendor: str) -> None:
        self._envelope, self._vendor = envelope, vendor
        self._typed = msgspec.json.Decoder(_shape(envelope, row)) if row else None

    def __call__(self, body: bytes) -> Listing[R]:
        """Raises `VendorDown` for what is no JSON, `UnexpectedAnswer` for JSON that is no list of ours."""
        # An escaped NUL decodes well, and no database takes it.
        if self._typed and b"\\u0000" not in body:
            try:
                found: Any = self._typed.decode(body)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
            else:
                cursors = (getattr(found, f"cursor{index}") for index in range(len(self._envelope.cursor)))
                return Listing(next(filter(None, cursors), None), found.rows)
        return self._loosely(body)

    def _loosely(self, body: bytes) -> Listing[R]:
        content = loads(body, self._vendor)
        if isinstance(content, list):
            return Listing(None, loose=tuple(content))
        wanted = self._envelope.rows[0]
        if not isinstance(content, dict):
            raise UnexpectedAnswer(f"{self._vendor} sent something else than a list of {wanted}.", wanted)
        for name in self._envelope.rows:
            if isinstance(rows := content.get(name), list):
                return Listing(self._cursor(content), loose=tuple(rows))
        raise UnexpectedAnswer(f"{self._vendor} sent an answer without '{wanted}'.", wanted)

    def _cursor(self, content: dict[str, Any]) -> str | None:
        told = content.get(self._envelope.inside) if self._envelope.inside else content
        if not isinstance(told, dict):
            raise UnexpectedAnswer(f"{self._vendor} sent a list without '{self._envelope.inside}'.", self._envelope.inside)
        found = next((value for name in self._envelope.cursor if (value := told.get(name)) is not None), None)
        if isinstance(found, bool) or not isinstance(found, str | int | None):
            field = self._envelope.cursor[0]
            raise UnexpectedAnswer(f"{self._vendor} sent a '{field}' that is no text.", field)
        cursor = clean(str(found), 4000) or None if found is not None else None
        return cursor if not self._envelope.more else self._led(cursor, told.get(self._envelope.more))

    def _led(self, cursor: str | None, more: Any) -> str | None:
        if more is True and cursor is None:
            field = self._envelope.cursor[0]
            raise UnexpectedAnswer(f"{self._vendor} promised more, and sent no '{field}'.", field)
        return None if more is False else cursor


def loads(body: bytes, vendor: str) -> Any:
    """Any JSON, with the lone surrogates and endless numbers that strict decoders refuse: one bad row must not cost a page.

    Raises `VendorDown`.
    """
    if not body.strip():
        raise VendorDown(f"{vendor} sent an empty answer.")
    try:
        return json.loads(body.decode("utf-8", "replace").removeprefix("\ufeff"), strict=False, parse_int=_int)
    except (ValueError, RecursionError):
        what = "a web page instead of data" if body.lstrip()[:1] == b"<" else "an answer that is cut off or damaged"
        raise VendorDown(f"{vendor} sent {what}.") from None


def _shape(envelope: Envelope, row: type[msgspec.Struct]) -> type[msgspec.Struct]:
    names = {f"cursor{index}": name for index, name in enumerate(envelope.cursor)}
    fields: list[Any] = [("rows", list[row])]  # type: ignore[valid-type]
    fields += [(name, str | None, None) for name in names]
    return msgspec.defstruct("Shape", fields, rename={"rows": envelope.rows[0], **names})


def _int(digits: str) -> float:
    # Python refuses to read a number of thousands of digits, and with it the page.
    return int(digits) if len(digits) < 40 else float("inf")
