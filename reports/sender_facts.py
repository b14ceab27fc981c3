"""What an outreach vendor says of its senders, as lists and a sender's own page show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from clients.models import Client, Sender
from clients.sender_health import LATELY
from reports.headlines import Fact
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
    """'' where the vendor has none."""
    return "gone" if sender.gone_at else sender.status


def tone(word: str) -> str:
    if word == "active":
        return "good"
    return "bad" if "error" in word or word == "disconnected" else "look" if word in ("gone", "paused") else ""


def limit(sender: Sender) -> str:
    return _number(sender.raw.get("daily_limit"))


def warmup(sender: Sender) -> str:
    """'off', else the vendor's word for how far it is. Everything shown of it takes the word from here."""
    if is_off(sender):
        return "off"
    return str(sender.raw.get("warmup_state") or sender.raw.get("warmup_status") or UNMEASURED)


def is_off(sender: Sender) -> bool:
    return sender.raw.get("warmup_status") in _OFF


def warmup_said(sender: Sender) -> str:
    """Where the vendor says more than a score: 'ready, 95.0 % of its own mail in the inbox'; '' where not."""
    share = _share(sender)
    if not share and not sender.raw.get("warmup_state"):
        return ""
    return f"{warmup(sender)}, {share} of its own mail in the inbox" if share else warmup(sender)


def score(sender: Sender) -> str:
    """Of warmup mail alone: 0 to 100, or the share in the inbox. It says nothing about placement. Switched off, there is nothing
    to have a score; the share is that of its last days all the same."""
    told = UNMEASURED if is_off(sender) else _number(sender.raw.get("warmup_score"))
    return _share(sender) or UNMEASURED if told == UNMEASURED else told


def _share(sender: Sender) -> str:
    share = sender.raw.get("warmup_inbox_rate_7d")
    known = isinstance(share, float | int) and not isinstance(share, bool)
    return f"{share * 100:.1f}\u00a0%" if known else ""


def seen(sender: Sender) -> str:
    """What its health is judged by: '83 of 124 mails at seeds in the inbox, 2 missing; 30 days'."""
    if sender.mail_received is None:
        return "No mail of it has been looked at yet"
    missing = f", {sender.mail_missing:,} missing" if sender.mail_missing else ""
    return f"{sender.mail_inboxed:,} of {mails(sender.mail_received)} at seeds in the inbox{missing}; {LATELY} days"


def state(sender: Sender) -> str:
    """What is known of it: '30 a day · warmup active, score 97'."""
    told = [f"{limit(sender)} a day"] if limit(sender) != UNMEASURED else []
    if warmup(sender) != UNMEASURED:
        scored = score(sender)
        beside = "" if scored == UNMEASURED else f", {scored} in the inbox" if scored == _share(sender) else f", score {scored}"
        told.append(f"warmup {warmup(sender)}{beside}")
    return " · ".join(told)


def facts(sender: Sender) -> list[Fact]:
    """The same as figures of a strip."""
    found = [Fact(limit(sender), "daily limit")] if limit(sender) != UNMEASURED else []
    word, scored = warmup(sender), score(sender)
    if is_off(sender) or (scored == UNMEASURED and word != UNMEASURED):
        return [*found, Fact(word, "warmup")]
    return [*found, Fact(scored, "warmup score", note=word, title="Warmup mail alone, 7 days")] if scored != UNMEASURED else found


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
