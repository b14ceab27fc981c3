"""Leads: a workspace brings its own."""

from __future__ import annotations

from sandbox.answers import Answer, Json, ok
from sandbox.clock import iso
from sandbox.imail.call import Call, invalid, lacking, missing, refused
from sandbox.imail.campaigns import the_campaign
from sandbox.imail.workspace import LEAD_STATUSES, Campaign, Lead

MOST = 5_000
FIELDS = ("first_name", "last_name", "company", "timezone", "custom")
BULK_SINCE = "2026-04-22"


def listed(call: Call) -> Answer:
    campaign, status, email = (call.query.get(name) for name in ("campaign_id", "status", "email"))
    if status is not None and status not in LEAD_STATUSES:
        raise invalid("status", f"status must be one of {', '.join(LEAD_STATUSES)}")
    campaigns = [the_campaign(call, campaign)] if campaign else list(call.ledger.campaigns.values())
    found = [
        lead
        for one in campaigns
        for lead in call.ledger.leads_of(one)
        if status in (None, lead.status) and email in (None, lead.email)
    ]
    return call.listed(found, _values)


def one(call: Call) -> Answer:
    return call.one(_values(_the_lead(call)))


def create(call: Call) -> Answer:
    body = call.json()
    if "campaign_id" not in body:
        raise lacking("campaign_id")
    campaign = the_campaign(call, str(body["campaign_id"]))
    problem = _problem(body)
    if problem:
        raise invalid("email", problem)
    if body["email"].lower() in {lead.email for lead in call.ledger.leads_of(campaign)}:
        raise refused(409, "conflict", "This lead is in the campaign already", "email")
    return call.one(_values(_add(call, campaign, body)), 201)


def bulk(call: Call) -> Answer:
    if call.version < BULK_SINCE:
        raise missing("route")
    body = call.json()
    for name in ("campaign_id", "leads"):
        if name not in body:
            raise lacking(name)
    campaign, rows = the_campaign(call, str(body["campaign_id"])), body["leads"]
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST:
        raise invalid("leads", f"leads must be 1 to {MOST} leads")
    known = {lead.email: lead for lead in call.ledger.leads_of(campaign)}
    told: dict[str, Json] = {"created": 0, "updated": 0, "skipped": 0, "errors": []}
    for index, row in enumerate(rows):
        if problem := _problem(row):
            told["errors"].append({"index": index, "code": "invalid_email", "message": problem})
        elif (lead := known.get(row["email"].lower())) is None:
            known[row["email"].lower()] = _add(call, campaign, row)
            told["created"] += 1
        elif body.get("skip_duplicates", True):
            told["skipped"] += 1
        else:
            _set(call, lead, row)
            told["updated"] += 1
    return ok(told)


def edit(call: Call) -> Answer:
    lead, body = _the_lead(call), call.json()
    for name in body:
        if name not in (*FIELDS, "status"):
            raise invalid(name, f"{name} can't be changed")
    if body.get("status", lead.status) not in LEAD_STATUSES:
        raise invalid("status", f"status must be one of {', '.join(LEAD_STATUSES)}")
    lead.status = body.get("status", lead.status)
    _set(call, lead, body)
    return call.one(_values(lead))


def delete(call: Call) -> Answer:
    call.ledger.removed.add(_the_lead(call).id)
    return Answer(204, b"")


def _the_lead(call: Call) -> Lead:
    found = call.ledger.lead(call.named[0])
    if found is None:
        raise missing("lead")
    return found


def _add(call: Call, campaign: Campaign, row: dict[str, Json]) -> Lead:
    number = call.ledger.new_number()
    made = Lead(call.ledger.new_id("led", number), number, campaign.id, row["email"].lower(), "queued", call.now)
    _set(call, made, row)
    return made


def _set(call: Call, lead: Lead, row: dict[str, Json]) -> None:
    for name in FIELDS:
        if name in row:
            setattr(lead, name, row[name])
    call.ledger.added[lead.id] = lead


def _problem(row: Json) -> str:
    email = row.get("email") if isinstance(row, dict) else None
    name, at, domain = email.partition("@") if isinstance(email, str) else ("", "", "")
    return "" if name and at and "." in domain and len(domain) < 250 else "email is no address"


def _values(lead: Lead) -> dict[str, Json]:
    return {
        "id": lead.id,
        "email": lead.email,
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "company": lead.company,
        "timezone": lead.timezone,
        "custom": lead.custom,
        "campaign_id": lead.campaign_id,
        "status": lead.status,
        "current_step": lead.current_step,
        "last_event_at": None,
        "reply_class": "interested" if lead.status == "replied" else None,
        "created_at": iso(lead.created),
    }
