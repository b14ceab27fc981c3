"""What the numbers of a workspace really are by now, for comparing a page with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime

from sandbox.answers import Json
from sandbox.clock import iso
from sandbox.imail.daily import METRICS, cells
from sandbox.imail.workspace import Ledger


def truth(ledger: Ledger, now: datetime) -> dict[str, Json]:
    """Counts by day × campaign × inbox, of all days there are, and leads by campaign × status."""
    rows, total = [], Counter[str]()
    for day, campaign, inbox, counts in cells(ledger, now, date(2000, 1, 1), now.date()):
        total.update(counts)
        rows.append(
            {
                "date": day.isoformat(),
                "campaign_id": campaign.id,
                "inbox_id": inbox.id,
                "email": inbox.email,
                **{name: counts[name] for name in METRICS},
            }
        )
    leads: dict[str, Counter[str]] = defaultdict(Counter)
    for campaign in ledger.campaigns.values():
        leads[campaign.id].update(lead.status for lead in ledger.leads_of(campaign))
    return {
        "workspace": ledger.name,
        "workspace_id": ledger.id,
        "live": ledger.live,
        "as_of": iso(now),
        "campaigns": sum(1 for one in ledger.campaigns.values() if one.status != "archived"),
        "inboxes": len(ledger.inboxes),
        "leads": leads,
        "rows": rows,
        "total": {name: total[name] for name in METRICS},
    }
