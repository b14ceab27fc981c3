"""Events as webhooks carry them: those that the stories lead to, and their delivery.

POST /_sandbox/deliver?vendor=imail takes {account, url, secret} and

- `events`: the events themselves, or how many of the stories' last ones (100);
- `style`: timed or raw; `duplicated`, `dropped`, `forged`, `corrupt`: shares of them; `shuffled`, `seed`: see `sandbox/hooks.py`.

With one of these shares, or `shuffled`, each letter is posted once, whatever comes of it. Else they are delivered as the vendor
does it: in order, and tried again on the sandbox's clock, which goes on with {"go_on": true}.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from sandbox.answers import Json
from sandbox.clock import Clock, iso
from sandbox.hooks import Endpoint, Postman, Scheme, disturbed
from sandbox.imail.cast import steady
from sandbox.imail.daily import cells
from sandbox.imail.ids import chance, ident
from sandbox.imail.workspace import Campaign, Inbox, Lead, Ledger, Webhook, days
from sandbox.readers import slides

VERSION = "2026-05-10"
#: Seconds from the first attempt to each further one.
RETRIES = (10, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400)
HEADERS = {"X-Imail-Event": "type", "Imail-Version": "api_version"}
SOFT = ("mailbox_full", "rate_limited", "greylisted", "content", "dns", "other")
CLASSES = ("interested", "not_interested", "out_of_office", "unsubscribe", "referral", "question", "other")
#: What the demo's webhook is not subscribed to: a delivery for each mail that opens or arrives tells nothing more.
COUNTED_ELSEWHERE = ("email.delivered", "email.opened", "email.clicked", "reply.received")
DISTURBANCES = ("duplicated", "dropped", "forged", "corrupt", "shuffled", "seed")


class Deliveries:
    def __init__(self, clock: Clock) -> None:
        self.postman = Postman(clock, RETRIES)

    def deliver(self, ledger: Ledger, now: datetime, wanted: dict[str, Json]) -> dict[str, Json]:
        """What came of it: statuses by how often they were answered ("None" for no answer), and how many tries wait."""
        if wanted.pop("go_on", False):
            return self._told(self.postman.go_on())
        url, secret, wished = str(wanted.pop("url")), str(wanted.pop("secret")), wanted.pop("events", 100)
        scheme = Scheme("X-Imail-Signature", wanted.pop("style", "timed"), HEADERS)
        events = wished if isinstance(wished, list) else newest(ledger, now, int(wished))
        disturbing = {name: wanted.pop(name) for name in DISTURBANCES if name in wanted}
        if wanted:
            raise ValueError(f"no {', '.join(wanted)}; see sandbox/imail/events.py")
        if disturbing:
            letters = disturbed(events, secret, scheme, **disturbing)
            sums = Counter((letter.kind, str(letter.post(url))) for letter in letters)
            return {"letters": {kind: {s: n for (k, s), n in sums.items() if k == kind} for kind, _ in sums}}
        endpoint, before = Endpoint(url, secret, scheme), len(self.postman.attempts)
        for event in events:
            self.postman.send(endpoint, event)
        return self._told(len(self.postman.attempts) - before)

    def test(self, ledger: Ledger, webhook: Webhook, now: datetime) -> None:
        event = envelope(ledger, "email.sent", now, {"test": True}, f"test/{webhook.id}/{iso(now)}")
        types = () if "*" in webhook.events else tuple(webhook.events)
        self.postman.send(Endpoint(webhook.url, webhook.secret, Scheme("X-Imail-Signature", told=HEADERS), types), event)

    def _told(self, tries: int) -> dict[str, Json]:
        last = self.postman.attempts[-tries:] if tries else []
        return {"tries": Counter(str(one.status) for one in last), "waiting": self.postman.waiting}


def newest(ledger: Ledger, now: datetime, count: int) -> list[dict[str, Json]]:
    """The last so many, oldest first."""
    found: list[dict[str, Json]] = []
    day = now.date()
    while len(found) < count and day > ledger.anchor - timedelta(days=90):
        found = [*_of_day(ledger, now, day), *found]
        day -= timedelta(days=1)
    return found[-count:] if count else []


def envelope(ledger: Ledger, kind: str, at: datetime, data: dict[str, Json], key: str) -> dict[str, Json]:
    return {
        "id": ident("evt", ledger.name, ledger.live, kind, key),
        "type": kind,
        "created_at": iso(at),
        "workspace_id": ledger.id,
        "api_version": VERSION,
        "livemode": ledger.live,
        "data": data,
    }


def happened(ledger: Ledger, since: date, now: datetime) -> list[dict[str, Json]]:
    """From that day on, oldest first."""
    return [event for day in days(since, now.date()) for event in _of_day(ledger, now, day)]


def _of_day(ledger: Ledger, now: datetime, day: date) -> list[dict[str, Json]]:
    # Of the whole day, whatever of it is over: so what is told of a mail in the morning is told in the evening.
    found = [event for cell in cells(ledger, _clock(day, 23.9), day, day) for event in _of_cell(ledger, *cell)]
    for inbox in ledger.inboxes.values():
        if inbox.lost == day:
            data: dict[str, Json] = {"inbox_id": inbox.id, "email": inbox.email, "protocol": "imap", "error": inbox.last_error}
            found.append(envelope(ledger, "inbox.disconnected", _clock(day, 16.5), data, f"{inbox.id}/{day}"))
        if inbox.warmup == "threshold_paused" and day == ledger.anchor - timedelta(days=1):
            data = {"inbox_id": inbox.id, "metric": "spam_rate", "value": 0.27, "threshold": 0.2}
            found.append(envelope(ledger, "warmup.threshold_paused", _clock(day, 8.5), data, f"{inbox.id}/{day}"))
    return sorted((event for event in found if event["created_at"] <= iso(now)), key=lambda event: str(event["created_at"]))


def _of_cell(ledger: Ledger, day: date, campaign: Campaign, inbox: Inbox, counts: Counter[str]) -> Iterator[dict[str, Json]]:
    """As many of each type as the day's figures count; each mail has one story."""
    leads, prefix = ledger.leads_of(campaign), f"{campaign.id}/{inbox.id}/{day}"
    mails = [_mail(f"{prefix}/{number}", leads) for number in range(min(counts["sent"], 5_000))]
    hard = _hard(mails, counts)
    others = [number for number in range(len(mails)) if number not in hard]
    soft, fine = others[: counts["bounced_soft"]], others[counts["bounced_soft"] :]
    kinds = {
        "email.sent": range(len(mails)),
        "email.delivered": fine,
        "email.opened": fine[: counts["opened"]],
        "email.clicked": fine[: counts["clicked"]],
        "email.bounced.hard": sorted(hard),
        "email.bounced.soft": soft,
        "reply.received": fine[: counts["replied"]],
        "reply.classified": fine[: counts["replied"]],
    }
    for late, (kind, numbers) in enumerate(kinds.items()):
        for place, number in enumerate(numbers):
            key, lead = mails[number]
            data = {
                "campaign_id": campaign.id,
                "inbox_id": inbox.id,
                "lead_id": lead.id if lead else None,
                "email": lead.email if lead else None,
                "message_id": ident("msg", key),
                "step_id": "s1",
                **_also(kind, key, counts, place),
            }
            yield envelope(ledger, kind, _clock(day, 9 + 7.5 * number / len(mails) + late / 60), data, key)


type _Mail = tuple[str, Lead | None]  # its name, and to whom it went


def _mail(key: str, leads: list[Lead]) -> _Mail:
    return key, leads[int(chance("lead of", key) * len(leads))] if leads else None


def _hard(mails: list[_Mail], counts: Counter[str]) -> set[int]:
    """Those that bounced for good: beyond the usual, of those who read where the client's mail slides."""
    by_chance = sorted(range(len(mails)), key=lambda number: chance("bounces", mails[number][0]))
    usual = min(counts["bounced_hard"], int(len(mails) * steady(0) + 0.5))
    sliding = [number for number in by_chance if (lead := mails[number][1]) and slides(lead.email)]
    return set([*dict.fromkeys((*by_chance[:usual], *sliding, *by_chance))][: counts["bounced_hard"]])


def _also(kind: str, key: str, counts: Counter[str], number: int) -> dict[str, Json]:
    match kind:
        case "email.sent":
            return {"subject": "Hello"}
        case "email.bounced.hard":
            return {"smtp_code": 550, "smtp_response": "5.1.1 no such user", "suppressed": True}
        case "email.bounced.soft":
            return {"category": SOFT[int(chance("soft", key) * len(SOFT))], "smtp_code": 452}
        case "reply.received":
            return {"reply_id": ident("rpl", key), "subject": "Re: Hello", "snippet": "Thank you"}
        case "reply.classified":
            good = number < counts["replies_positive"]
            word = CLASSES[0] if good else CLASSES[1 + int(chance("class", key) * (len(CLASSES) - 1))]
            return {"reply_id": ident("rpl", key), "class": word, "confidence": 0.9}
    return {}


def _clock(day: date, hour: float) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC) + timedelta(seconds=int(hour * 3600))
