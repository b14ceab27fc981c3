"""What InboxAlly's wire is taken to say, and how its rows become records.

Reference: https://docs.inboxally.com/integrations/inboxally-api-overview-and-getting-started

Public are three paths (the lists), the header, `limit`, `page_token`, `next_page_token`, `from_email`, the presets and the
statuses. All else in these tables is assumed: when the truth is known, one line changes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from clients.vendors.records import BroadcastRecord, NewSender, PlacementRecord, Rules, SeedRecord, SenderRecord
from clients.vendors.rows import MOST, Row, as_time
from clients.vendors.text import clean, clean_json, lowered

PATHS = {
    "seeds": "/v3/seeds",
    "senders": "/v3/senders",
    "broadcasts": "/v3/broadcasts",
    "broadcast": "/v3/broadcasts/{id}",
    "sender": "/v3/senders/{id}",
    "shuffle": "/v3/seeds/shuffle",
    "shuffle_status": "/v3/seeds/shuffle/status",
    "shuffle_last": "/v3/seeds/shuffle/last",
    "shuffle_history": "/v3/seeds/shuffle/history",
}
#: All senders whose domain, or one of whose tags, is exactly this: listed here, and changed by the calls below it.
SELECTED = {"domain": "/v3/senders/domain/{value}", "tag": "/v3/senders/tag/{value}"}
LIMIT, CURSOR, STATUS, PROVIDER = "limit", "page_token", "status", "provider"  # query names
NEXT = ("next_page_token", "nextPageToken")
ROWS = ("data", "items", "results")  # where the rows may be, after the resource's own name
ONE = ("broadcast", "data")  # where a single broadcast may be wrapped
ONE_SENDER = ("sender", "data")
#: Verbs of the calls that change a sender, and what follows its path, or that of all selected ones.
CREATE, DESCRIBE, SET = "POST", "PATCH", "PUT"
RULES_OF, STATUS_OF = "/engagement-rules", "/status"
SPLIT = "providers"

SEED = {"email": ("email",), "provider": ("provider",), "status": ("status",), "created_at": ("created_at",)}
SENDER = {
    "external_id": ("id",),
    "name": ("name",),
    "email": ("email", "from_email", "sender_email"),
    "domain": ("domain",),
    "status": ("status",),
    "tags": ("tags",),
    "rules": ("engagement_rules", "engagement", "engagement_preset"),
    "seed_count": ("seed_count",),
    "created_at": ("created_at",),
    "last_activity_at": ("last_activity_at",),
}
RULES = {
    "preset": ("preset", "type", "mode"),
    "open": ("open",),
    "scroll_down": ("scroll_down", "scroll"),
    "spam_to_inbox": ("spam_to_inbox",),
    "promo_to_inbox": ("promo_to_inbox",),
    "mark_important": ("mark_important", "important"),
    "reply": ("reply",),
    "click_link": ("click_link", "click"),
}
COUNTS = {
    "received": ("total_emails", "total", "emails", "count"),
    "primary": ("primary_inbox", "primary", "inbox"),
    "promotions": ("promotions", "promo", "promotion"),
    "spam": ("spam",),
}
BROADCAST = {
    "external_id": ("id", "broadcast_id"),
    "subject": ("subject",),
    "from_email": ("from_email", "from", "sender_email"),
    "sender_ref": ("sender_id", "sender", "sender_profile", "sender_profile_id"),
    "day": ("date", "arrival_date", "received_at", "created_at"),
    **COUNTS,
}
SPLIT_ROW = {"provider": ("provider",), **COUNTS}

CUSTOM = "custom"  # the preset that stands for percentages of one's own
#: The first name of each is also what is sent; `percentages` and `mix` hold percent by mailbox provider.
SHUFFLE = {
    "id": ("id", "shuffle_id"),
    "method": ("method", "type"),
    "status": ("status", "state"),
    "percentage": ("percentage",),
    "percentages": ("provider_percentages", "percentages", "providers"),
    "mix": ("provider_mix", "distribution"),
    "replaced": ("seeds_replaced", "replaced"),
    "at": ("created_at", "shuffled_at", "completed_at"),
    "next_allowed_at": ("next_allowed_at", "next_available_at"),
}
ONE_SHUFFLE = ("shuffle", "data")  # where a single shuffle may be wrapped
COOLDOWN = {
    "allowed": ("allowed", "can_shuffle", "is_allowed", "shuffle_allowed"),
    "last_at": ("last_shuffle_at",),
    "next_allowed_at": ("next_allowed_at", "next_available_at"),
    "days": ("cooldown_days",),
}
COOLDOWN_DAYS = 30  # documented; counted from the last shuffle is assumed

#: Their words for mailbox providers, lower-case and without punctuation → ours.
PROVIDERS = {
    "gmail": "gmail",
    "gsuite": "google_workspace",
    "googleworkspace": "google_workspace",
    "yahoo": "yahoo",
    "hotmail": "hotmail",
    "outlook": "outlook",
    "ms365": "microsoft_365",
    "microsoft365": "microsoft_365",
    "office365": "microsoft_365",
    "webde": "web_de",
    "libero": "libero",
}
#: What the filter of broadcasts takes for each of ours.
FILTERS = {
    "gmail": "gmail",
    "yahoo": "yahoo",
    "google_workspace": "gsuite",
    "hotmail": "hotmail",
    "outlook": "outlook",
    "microsoft_365": "ms365",
}

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Email = Annotated[str, msgspec.Meta(max_length=320)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MOST)]


def _first(names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {ours: theirs[0] for ours, theirs in names.items()}


# The shapes of the quick way have no defaults: where a field goes by another name, the page is read with care instead.
class SeedRow(msgspec.Struct, gc=False, rename=_first(SEED)):
    email: Annotated[str, msgspec.Meta(min_length=1, max_length=320)]
    provider: Annotated[str, msgspec.Meta(max_length=60)]
    status: Annotated[str, msgspec.Meta(max_length=40)]
    created_at: str | None


class BroadcastRow(msgspec.Struct, gc=False, rename=_first(BROADCAST)):
    external_id: Key
    subject: Annotated[str, msgspec.Meta(max_length=1000)]
    from_email: Email
    sender_ref: Annotated[str, msgspec.Meta(max_length=255)] | None
    day: date
    received: Count | None
    primary: Count
    promotions: Count
    spam: Count


class SplitRow(msgspec.Struct, gc=False):
    provider: str
    primary: int
    promotions: int
    spam: int


def mailbox_provider(raw: str) -> str:
    """Ours for theirs, however it is written; 'other' for one we don't know."""
    return PROVIDERS.get(re.sub(r"[^a-z0-9]", "", raw.lower()), "other")


def seed_row(content: dict[str, Any]) -> SeedRow:
    row = Row(content, SEED)
    return SeedRow(row.key("email", 320), row.text("provider", 60), row.text("status", 40), row.text("created_at", 40))


def seed(row: SeedRow) -> SeedRecord:
    return SeedRecord(row.email, _provider(row.provider), row.provider, lowered(row.status, 40), as_time(row.created_at))


def broadcast_row(content: dict[str, Any]) -> BroadcastRow:
    row = Row(content, BROADCAST)
    return BroadcastRow(
        row.key("external_id"),
        row.text("subject", 1000),
        row.text("from_email", 320),
        row.text("sender_ref", 255),
        row.day("day"),
        None if row.raw("received") is None else row.count("received"),
        row.count("primary"),
        row.count("promotions"),
        row.count("spam"),
    )


def broadcast(row: BroadcastRow) -> BroadcastRecord:
    return BroadcastRecord(
        row.external_id,
        row.subject,
        row.from_email,
        _domain(row.from_email),
        row.sender_ref or "",
        row.day,
        row.primary + row.promotions + row.spam,
        row.primary,
        row.promotions,
        row.spam,
    )


def oddities(rows: list[BroadcastRow]) -> tuple[str, ...]:
    sums = ((row, row.primary + row.promotions + row.spam) for row in rows if row.received is not None)
    odd = [row.external_id for row, parts in sums if row.received != parts]
    return (f"Broadcasts whose total is not the sum of their parts: {len(odd)}, {odd[0][:60]} for one.",) if odd else ()


def split_row(content: dict[str, Any]) -> SplitRow:
    row = Row(content, SPLIT_ROW)
    return SplitRow(mailbox_provider(row.key("provider")), row.count("primary"), row.count("promotions"), row.count("spam"))


def folded(external_id: str, rows: list[SplitRow]) -> tuple[PlacementRecord, ...]:
    """One record a mailbox provider: two that we don't know are 'other' together."""
    sums: dict[str, SplitRow] = {}
    for row in rows:
        known = sums.setdefault(row.provider, SplitRow(row.provider, 0, 0, 0))
        known.primary += row.primary
        known.promotions += row.promotions
        known.spam += row.spam
    return tuple(placement(external_id, provider, row) for provider, row in sums.items())


def placement(external_id: str, provider: str, row: BroadcastRow | SplitRow) -> PlacementRecord:
    received = row.primary + row.promotions + row.spam
    return PlacementRecord(external_id, provider, received, row.primary, row.promotions, row.spam)


def sender(content: dict[str, Any]) -> SenderRecord:
    row = Row(content, SENDER)
    rules = row.raw("rules")
    percent = Row(rules if isinstance(rules, dict) else {"preset": rules}, RULES)
    email = row.text("email", 320)
    return SenderRecord(
        external_id=row.key("external_id"),
        email=email,
        name=row.text("name", 255),
        domain=lowered(row.text("domain", 255), 255) or _domain(email),
        status=lowered(row.text("status", 40), 40),
        tags=_tags(row.raw("tags")),
        preset=lowered(percent.text("preset", 40), 40),
        open=percent.number("open", 100),
        scroll_down=percent.number("scroll_down", 100),
        spam_to_inbox=percent.number("spam_to_inbox", 100),
        promo_to_inbox=percent.number("promo_to_inbox", 100),
        mark_important=percent.number("mark_important", 100),
        reply=percent.number("reply", 100),
        click_link=percent.number("click_link", 100),
        seed_count=row.number("seed_count", MOST),
        created_at=row.time("created_at"),
        last_activity_at=row.time("last_activity_at"),
        raw=clean_json(content),
    )


def rules_body(rules: Rules) -> dict[str, Any]:
    """A preset goes by its name alone; 'custom' takes all seven percentages."""
    body: dict[str, Any] = {"preset": rules.preset}
    if rules.preset == CUSTOM:
        body |= {RULES[name][0]: getattr(rules, name) for name in RULES if name != "preset"}
    return body


def new_sender_body(new: NewSender) -> dict[str, Any]:
    named = {"name": new.name, "email": new.email, "tags": list(new.tags), "status": new.status}
    return {SENDER[ours][0]: value for ours, value in named.items()} | {SENDER["rules"][0]: rules_body(new.rules)}


def ours(fields: Mapping[str, str]) -> dict[str, str]:
    """Our names for the vendor's."""
    known = {theirs: mine for mine, names in SENDER.items() for theirs in names}
    return {known.get(name, name): said for name, said in fields.items()}


def _tags(found: Any) -> tuple[str, ...]:
    each = [tag.get("name") if isinstance(tag, dict) else tag for tag in found] if isinstance(found, list) else []
    return tuple(dict.fromkeys(clean(tag, 120) for tag in each if isinstance(tag, str) and tag.strip()))


@lru_cache(maxsize=4096)
def _domain(email: str) -> str:
    """Of 'news@mail.acme.com' and of 'Acme <news@mail.acme.com>'."""
    return lowered(email.rpartition("@")[2].rstrip("> "), 255) if "@" in email else ""


_provider = lru_cache(maxsize=256)(mailbox_provider)
