"""How much a campaign may send a day: what it is set to, and what its senders let through."""

from __future__ import annotations

from collections.abc import Iterable

from clients.models import Campaign, Sender, sender_ref
from clients.vendors.base import Vendor


def is_most(campaign: Campaign) -> bool:
    """Whether its limit is the most that its vendor allows, as where none was asked for."""
    return campaign.daily_limit in campaign.connection.vendor_class.most_a_day


def senders(campaign: Campaign) -> list[Sender]:
    refs = [sender_ref(campaign.workspace, email) for email in campaign.senders]
    return list(Sender.objects.filter(connection=campaign.connection_id, external_id__among=refs, gone_at=None))


def too_much(campaign: Campaign, senders: Iterable[Sender]) -> str:
    """Where its limit is over those of all its senders together that can send now, and how many can't.

    '' too where a sender of it is not known, or the limit of one that can send.
    """
    found = list(senders)
    if campaign.daily_limit is None or campaign.sender_tags or len(found) < max(1, len(campaign.senders)):
        return ""
    sending = [sender for sender in found if _can_send(campaign.connection.vendor_class, sender)]
    limits = [sender.raw.get("daily_limit") for sender in sending]
    known = [limit for limit in limits if isinstance(limit, int) and not isinstance(limit, bool)]
    if not sending:
        return "None of its senders can send now: each is paused or failing."
    if len(known) < len(sending) or campaign.daily_limit <= (whole := sum(known)):
        return ""
    mails = f"{whole:,} mail{'' if whole == 1 else 's'}"
    said = f"Its senders' own limits let {mails} a day through together: fewer than its limit."
    if idle := len(found) - len(sending):
        said += f" {idle:,} of its {len(found):,} senders {'is' if idle == 1 else 'are'} paused or failing and left out of that."
    return said


def _can_send(vendor: type[Vendor], sender: Sender) -> bool:
    able = not vendor.sending_statuses or sender.status in vendor.sending_statuses
    return able and sender.gone_at is None and sender.status not in vendor.signed_out
