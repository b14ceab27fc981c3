"""What an outreach vendor says of its senders, as lists and a sender's own page show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from clients.models import Client, Sender
from clients.sender_health import LATELY
from reports.queries.outreach import NOTHING, Reach
from reports.scope import Window
from reports.stats import UNMEASURED, Cell, mails

#: Of a sender's own rows: campaigns share a sender, and a day of it is of all of them.
RATES = ("replied", "bounced")
#: The vendors' words for warmup that is switched off.
_OFF = ("off", "paused")


@dataclass(frozen=True, slots=True)
class Line:
    email: str
    url: str  # empty: another client's, or nobody's
    status: str
    tone: str
    limit: str
    warmup: str
    score: str
    sent: str
    replied: Cell
    bounced: Cell


def lines(client: Client, senders: Iterable[Sender], reach: Mapping[tuple[int, str], Reach], window: Window) -> list[Line]:
    return [_line(client, one, reach.get((one.connection_id, one.external_id), NOTHING), window) for one in senders]


def status(sender: Sender) -> str:
    return "gone" if sender.gone_at else sender.status or UNMEASURED


def tone(word: str) -> str:
    if word == "active":
        return "good"
    return "bad" if "error" in word or word == "disconnected" else "look" if word in ("gone", "paused") else ""


def limit(sender: Sender) -> str:
    return _number(sender.raw.get("daily_limit"))


def warmup(sender: Sender) -> str:
    """The vendor's word for the state of its warmup."""
    return str(sender.raw.get("warmup_status") or UNMEASURED)


def is_off(sender: Sender) -> bool:
    return warmup(sender) in _OFF


def warmup_said(sender: Sender) -> str:
    """What the vendor says of it beyond that, in the last days: 'ready, 95.0 % of its mail in the inbox'; '' where nothing."""
    share = sender.raw.get("warmup_inbox_rate_7d")
    known = isinstance(share, float | int) and not isinstance(share, bool)
    landed = f"{share * 100:.1f}\u00a0% of its own mail in the inbox" if known else ""
    return ", ".join(filter(None, (str(sender.raw.get("warmup_state") or ""), landed)))


def score(sender: Sender) -> str:
    """Of warmup mail alone, 0 to 100: it says nothing about placement. Switched off, there is nothing to have a score."""
    return UNMEASURED if is_off(sender) else _number(sender.raw.get("warmup_score"))


def seen(sender: Sender) -> str:
    """What its health is judged by: '83 of 124 mails at seeds in the inbox, 2 missing; 30 days'."""
    if sender.mail_received is None:
        return "No mail of it has been looked at yet"
    missing = f", {sender.mail_missing:,} missing" if sender.mail_missing else ""
    return f"{sender.mail_inboxed:,} of {mails(sender.mail_received)} at seeds in the inbox{missing}; {LATELY} days"


def state(sender: Sender) -> str:
    return f"{limit(sender)} a day · warmup {warmup(sender)}, score {score(sender)}"


def page_of(client: Client, sender: Sender, window: Window) -> str:
    return f"{reverse('sender', args=[client.slug, sender.uuid])}?window={window.days}"


def _line(client: Client, one: Sender, reach: Reach, window: Window) -> Line:
    word = status(one)
    return Line(
        email=one.email,
        url=page_of(client, one, window) if one.client_id == client.pk else "",
        status=word,
        tone=tone(word),
        limit=limit(one),
        warmup=warmup(one),
        score=score(one),
        sent="0" if reach["sent"] is None else f"{reach['sent']:,}",
        replied=reach.cell("replied"),
        bounced=reach.cell("bounced"),
    )


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else UNMEASURED
