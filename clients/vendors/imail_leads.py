"""Leads of imail's campaigns: brought in bulk, and found again after a lost answer.

Reference: https://imail.now/api-docs, 'Leads'. That up to 5,000 are taken at once is documented; paths and bodies are assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.imail_lists import LABEL
from clients.vendors.imail_wire import CAMPAIGN, PATHS
from clients.vendors.imail_writes import Writes, read_object
from clients.vendors.leads import KnownLead, NewLead, Taken
from clients.vendors.rows import MOST, Row, readable
from clients.vendors.text import lowered, sentence

# ---- Assumed, since nobody has said it.
BULK = f"{PATHS['leads']}/bulk"
#: A lead that is in the campaign already stays as it is, and is counted among the skipped.
STAYS = "skip_duplicates"
A_LEAD = {"email": ("email",), "created_at": ("created_at",)}
COUNTED = {"created": ("created",), "updated": ("updated",), "skipped": ("skipped",)}
AT, SAID = "index", ("message", "code")  # of an error: the lead's place in the call, from 0


class Leads(Writes):
    leads_at_once: ClassVar[int] = 5_000

    def add_leads(self, campaign: str, leads: Sequence[NewLead]) -> Taken:
        body = {CAMPAIGN: campaign, "leads": [_body(lead) for lead in leads], STAYS: True}
        return _taken(read_object(self._send("POST", BULK, body)), len(leads))

    def leads_of(self, campaign: str, cursor: str | None) -> tuple[list[KnownLead], str | None]:
        listing = self._list("leads", cursor, {CAMPAIGN: campaign})
        return readable(listing.loose, _known, "lead")[0], listing.cursor


def _body(lead: NewLead) -> dict[str, Any]:
    """Without what the file does not tell."""
    told = {name: getattr(lead, name) for name in ("first_name", "last_name", "company", "timezone") if getattr(lead, name)}
    return {"email": lead.email, **told, **({"custom": dict(lead.custom)} if lead.custom else {})}


def _taken(content: dict[str, Any], asked: int) -> Taken:
    row = Row(content, COUNTED)
    counts = {name: row.number(name, MOST) for name in COUNTED}
    if counts["created"] is None:
        raise UnexpectedAnswer(f"{LABEL} did not say how many leads it took.", "created")
    errors = content.get("errors")
    refused = dict(filter(None, (_refused(one, asked) for one in errors))) if isinstance(errors, list) else {}
    return Taken(counts["created"], counts["updated"] or 0, counts["skipped"] or 0, refused)


def _refused(error: Any, asked: int) -> tuple[int, str] | None:
    place = error.get(AT) if isinstance(error, dict) else None
    if type(place) is not int or not 0 <= place < asked:
        return None
    said = next((error[name] for name in SAID if isinstance(error.get(name), str) and error[name]), "no reason given")
    return place, sentence(said, 200)


def _known(content: dict[str, Any]) -> KnownLead:
    row = Row(content, A_LEAD)
    return KnownLead(lowered(row.key("email", 320), 320), row.time("created_at"))
