"""Campaigns made and started at imail.

Reference: https://imail.now/api-docs, 'Campaigns': the fields of one are documented; paths, steps and the shape of the window are
assumed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from clients.vendors import imail_wire as wire
from clients.vendors.campaigns import NewCampaign, SendWindow, Step
from clients.vendors.errors import Rejected, UnexpectedAnswer
from clients.vendors.imail_leads import Leads
from clients.vendors.imail_lists import LABEL
from clients.vendors.imail_wire import DAYS, PATHS
from clients.vendors.imail_writes import GONE, path_to, read_object
from clients.vendors.records import CampaignRecord
from clients.vendors.rows import BadField, readable

# ---- Assumed, since nobody has said it.
THE_LEADS_OWN = "lead"  # the timezone of a window that is each lead's
EMAIL = "email"  # the type of a step
OF_A_LEAD = ("first_name", "last_name", "company", "email")  # what {{…}} in a step stands for
#: Their field → ours, for what a refusal is about.
PLACES = {
    "name": "name",
    "inbox_ids": "senders",
    "steps": "steps",
    "daily_limit": "daily_limit",
    "send_window": "days",
    "track_opens": "tracks_opens",
    "track_clicks": "tracks_clicks",
}


class Campaigns(Leads):
    most_steps: ClassVar[int] = 20
    most_a_day: ClassVar[frozenset[int]] = frozenset({5_000, 25_000})  # documented of Surge alone, Velocity's is assumed
    longest_campaign_name: ClassVar[int] = 120
    placeholders: ClassVar[tuple[str, ...]] = OF_A_LEAD

    def campaign_named(self, name: str) -> CampaignRecord | None:
        for listing in self._all("campaigns", {}):
            found = readable(listing.loose, lambda row: wire.campaign(row, self._addresses), "campaign")[0]
            if one := next((record for record in found if record.name == name), None):
                return one
        return None

    def create_campaign(self, new: NewCampaign) -> CampaignRecord:
        ids = {address: key for key, address in self._addresses.items()}
        if missing := [email for email in new.senders if email.lower() not in ids]:
            raise Rejected(f"{LABEL} has no inbox {missing[0]}.", GONE, {"senders": f"{LABEL} has no inbox {missing[0]}."})
        body = _body(new, [ids[email.lower()] for email in new.senders])
        try:
            content = read_object(self._send("POST", PATHS["campaigns"], body))
        except Rejected as refusal:
            placed = {_place(theirs): said for theirs, said in refusal.fields.items()}
            problem = Rejected(refusal.text, refusal.status, placed, refusal.said)
        else:
            return self._made(content)
        raise problem from None

    def start_campaign(self, external_id: str) -> None:
        path = path_to("campaigns", external_id)
        try:
            self._send("POST", f"{path}/start")
        except Rejected as refusal:
            if refusal.status != GONE:
                raise
            self._send("PATCH", path, {"status": "active"})

    def _made(self, content: dict[str, Any]) -> CampaignRecord:
        try:
            return wire.campaign(content, self._addresses)
        except BadField as bad:
            raise UnexpectedAnswer(f"{LABEL} sent a campaign whose '{bad.field}' {bad.why}.", bad.field) from None


def _body(new: NewCampaign, inboxes: list[str]) -> dict[str, Any]:
    return {
        "name": new.name,
        "inbox_ids": inboxes,
        "steps": [_step(place, step) for place, step in enumerate(new.steps, 1)],
        "send_window": _window(new.window),
        "track_opens": new.tracks_opens,
        "track_clicks": new.tracks_clicks,
        **({"daily_limit": new.daily_limit} if new.daily_limit else {}),
    }


def _step(place: int, step: Step) -> dict[str, Any]:
    told = {"id": f"s{place}", "type": EMAIL, "subject": step.subject, "body": step.body, "delay_days": step.delay_days}
    if at := step.branch:
        ways = {"then": f"s{at.then}" if at.then else None, "else": f"s{at.otherwise}" if at.otherwise else None}
        return {**told, "condition": {"on": f"s{at.on}", "event": at.event, "within_days": at.within_days, **ways}}
    return told


def _window(window: SendWindow) -> dict[str, Any]:
    days = [DAYS[day - 1] for day in window.days]
    return {"start": window.start, "end": window.end, "days": days, "timezone": window.zone or THE_LEADS_OWN}


def _place(theirs: str) -> str:
    """'steps[2].condition' is about the steps."""
    first = theirs.replace("[", ".").partition(".")[0]
    return PLACES.get(first, theirs)
