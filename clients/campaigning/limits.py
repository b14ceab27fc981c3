"""How much a campaign may send a day: what it is set to, and what its senders let through."""

from __future__ import annotations

from collections.abc import Iterable

from clients.models import Campaign, Sender, sender_ref


def is_most(campaign: Campaign) -> bool:
    """Whether its limit is the most that its vendor allows, as where none was asked for."""
    return campaign.daily_limit in campaign.connection.vendor_class.most_a_day


def senders(campaign: Campaign) -> list[Sender]:
    refs = [sender_ref(campaign.workspace, email) for email in campaign.senders]
    return list(Sender.objects.filter(connection=campaign.connection_id, external_id__among=refs, gone_at=None))


def too_much(campaign: Campaign, senders: Iterable[Sender]) -> str:
    """Where its limit is over those of all its senders together; '' too where one of them is not known."""
    found = list(senders)
    limits = [sender.raw.get("daily_limit") for sender in found]
    known = [limit for limit in limits if isinstance(limit, int) and not isinstance(limit, bool)]
    if campaign.daily_limit is None or campaign.sender_tags or len(known) < max(1, len(found), len(campaign.senders)):
        return ""
    whole = sum(known)
    if campaign.daily_limit <= whole:
        return ""
    return f"Its senders' own limits let {whole:,} mail{'' if whole == 1 else 's'} a day through together: fewer than its limit."
