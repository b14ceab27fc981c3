"""Cells of a CSV row made here, as `cells` and `rates` make them in the database."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from reports.exports.cells import FORMULA_STARTS
from reports.stats import Change, Counts, Rate, wilson

type Row = tuple[Any, ...]


def harmless(text: str) -> str:
    """As `cells.words` does it in SQL."""
    safe = _BEHIND.sub(r";'\1", text)
    return f"'{safe}" if text[:1] and text[0] in FORMULA_STARTS else safe


_BEHIND = re.compile(f";([{re.escape(FORMULA_STARTS)}])")


def moment(then: datetime | None) -> str:
    return f"{then:%Y-%m-%dT%H:%M:%SZ}" if then else ""


def rate(of: Rate) -> Row:
    """`received`, `inboxing`, `low`, `high`."""
    if not of.n:
        return (0, "", "", "")
    low, high = wilson(*of)
    return of.n, inboxing(of), f"{low:.4f}", f"{high:.4f}"


def counted(counts: Counts) -> Row:
    """`received`, `primary`, `promotions`, `spam`, `missing`, `inboxing`, `low`, `high`."""
    return (*counts[:4], "" if counts.missing is None else counts.missing, *rate(counts.inboxing)[1:])


def inboxing(of: Rate) -> str:
    """Half up, as the other tables have it."""
    return f"{(of.hits * 20_000 + of.n) // (2 * of.n) / 10_000:.4f}" if of.n else ""


def compared(before: Rate, change: Change) -> Row:
    """The change as a fraction, the difference of the rates as they are written: 0.0512 is 5.12 percentage points."""
    if change.points is None:
        return before.n, inboxing(before), "", ""
    moved = float(inboxing(change.now)) - float(inboxing(before))
    return before.n, inboxing(before), f"{moved:.4f}", "yes" if change.clear else "no"
