"""An upload of leads, in words and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import Count

from clients.leads.reading import CUSTOM, EMAIL
from clients.models import LeadChunk, LeadLine, LeadState, LeadUpload, UploadState

SHOWN = 100  # lines that the page lists
SAMPLES = 5
TONES = {
    UploadState.DONE: "good",
    UploadState.STOPPED: "look",
    UploadState.FAILED: "bad",
}
#: The same, of a line.
OF_LINE = {LeadState.CREATED: "good", LeadState.UPDATED: "good", LeadState.REFUSED: "bad", LeadState.WRONG: "look"}
TARGETS = {EMAIL: "e-mail", "first_name": "first name", "last_name": "last name", "company": "company", "timezone": "timezone"}


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str
    band: str = ""
    title: str = ""


def counts(upload: LeadUpload) -> dict[str, int]:
    """LeadState → lines; by what was kept once they are forgotten."""
    if upload.counts:
        return dict(upload.counts)
    return dict(upload.lines.order_by().values_list("state").annotate(n=Count("pk")))


def result(found: Mapping[str, int]) -> str:
    """'4,980 created, 18 already there, 2 refused.'"""
    parts = [f"{found[state]:,} {str(state.label).lower()}" for state in LeadState if found.get(state)]
    return f"{', '.join(parts)}." if parts else ""


def facts(found: Mapping[str, int], *, over: bool) -> list[Fact]:
    """What is there; of a preview or while it moves also what is yet to be sent."""
    bands = {LeadState.REFUSED: "bad", LeadState.WRONG: "look", LeadState.SENT: "look"}
    names = {
        LeadState.WAITING: "not sent" if over else "to be sent",
        LeadState.WRONG: "wrong",
        LeadState.TWICE: "twice in the file",
    }
    shown = [state for state in LeadState if found.get(state) or (state == LeadState.WAITING and not over)]
    return [Fact(names.get(state, str(state.label).lower()), f"{found.get(state, 0):,}", bands.get(state, "")) for state in shown]


def columns(upload: LeadUpload) -> list[tuple[str, str]]:
    """Header → what it is sent as; '' of one that is not sent."""
    return [(header or "(no name)", _target(header, what)) for header, what in upload.columns]


def samples(upload: LeadUpload) -> list[list[str]]:
    """The first leads, cell by cell in the order of `columns`, just as they would be sent."""
    chunk = LeadChunk.objects.filter(upload=upload, done=False).order_by("number").first()
    return [
        [_cell(lead, header, what) for header, what in upload.columns] for lead in islice(chunk.leads if chunk else (), SAMPLES)
    ]


def lines(upload: LeadUpload) -> list[LeadLine]:
    """Those that somebody must look at: the wrong ones, the refused ones."""
    rows = upload.lines.filter(state__in=(LeadState.WRONG, LeadState.REFUSED, LeadState.TWICE)).order_by("line")
    return list(rows[:SHOWN])


def _target(header: str, what: str) -> str:
    if what == CUSTOM:
        return f"custom: {header}" if header else ""
    return TARGETS[what]


def _cell(lead: dict[str, Any], header: str, what: str) -> str:
    return str((lead.get(CUSTOM) or {}).get(header, "") if what == CUSTOM else lead.get(what, ""))
