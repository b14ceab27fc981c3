"""A campaign made at the vendor while somebody waits: write down that it is made → look for its name → send once → keep it.

Its name is what it is known by: there is one of a name on an account. Where the answer is lost, or the process dies waiting for
it, the next try looks for the name, and takes what it finds for ours. No HTTP happens inside a transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from agency import audit
from clients import outreach
from clients.calling import open_vendor
from clients.models import Campaign, CampaignOrder, Client, Connection, MakingState
from clients.scoping import Resolver
from clients.vendors.base import Vendor
from clients.vendors.campaigns import NewCampaign
from clients.vendors.errors import UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.records import CampaignRecord

#: A call that was lost so long ago has happened or never will.
SURE_AFTER = timedelta(minutes=2)

LOST = (
    "The vendor's answer was lost, and it knows no campaign of this name yet. Send the form again in two minutes: it is looked "
    "for first, and not made twice."
)
UNDER_WAY = "A campaign of this name is being made just now. Send the form again in two minutes: it is looked for first."


class NotNow(Exception):
    """The text says why, and what helps."""


class NameTaken(Exception):
    pass


def make(client: Client, connection: Connection, new: NewCampaign, by: HttpRequest) -> Campaign:
    """A draft. Raises `NotNow`, `NameTaken`, `VendorError` with our fields where it says so, and `agency.secrets.Unreadable`."""
    with open_vendor(connection, foreground=True) as vendor:
        order, earlier = _begin(client, connection, new.name)
        young = earlier is not None and timezone.now() - earlier < SURE_AFTER
        try:
            there = vendor.campaign_named(new.name)
        except VendorError:
            if earlier is None:
                _turn(order, MakingState.FAILED)
            raise
        if there and earlier:
            return _made(order, there, by)
        if there:
            _turn(order, MakingState.FAILED)
            raise NameTaken
        if young:
            raise NotNow(UNDER_WAY)
        return _send(vendor, order, new, by)


def _begin(client: Client, connection: Connection, name: str) -> tuple[CampaignOrder, datetime | None]:
    """Kept before anybody looks or sends, so that of two at once the second finds it; and when an earlier try was sent of which
    nothing is known."""
    orders = CampaignOrder.objects.filter(state=MakingState.SENT)
    known = {"state": MakingState.SENT, "client": client}
    order, fresh = orders.get_or_create(connection=connection, name=name, defaults=known)
    earlier = None if fresh else order.sent_at
    if earlier and timezone.now() - earlier >= SURE_AFTER:
        same = CampaignOrder.objects.filter(pk=order.pk, sent_at=earlier, state=MakingState.SENT)
        if not same.update(sent_at=timezone.now()):
            raise NotNow(UNDER_WAY)
    return order, earlier


def _send(vendor: Vendor, order: CampaignOrder, new: NewCampaign, by: HttpRequest) -> Campaign:
    CampaignOrder.objects.filter(pk=order.pk).update(sent_at=timezone.now())
    try:
        record = vendor.create_campaign(new)
    except (VendorDown, UnexpectedAnswer):
        return _found(vendor, order, by)
    except VendorError:
        # A no in so many words: nothing was made.
        _turn(order, MakingState.FAILED)
        raise
    return _made(order, record, by)


def _found(vendor: Vendor, order: CampaignOrder, by: HttpRequest) -> Campaign:
    """The answer was lost: the vendor's list tells whether it was made all the same."""
    try:
        record = vendor.campaign_named(order.name)
    except VendorError:
        raise NotNow(LOST) from None
    if record is None:
        raise NotNow(LOST)
    return _made(order, record, by)


def _made(order: CampaignOrder, record: CampaignRecord, by: HttpRequest) -> Campaign:
    """Its row at once, without waiting for a sync; which pass of one has seen it stays as it is."""
    with transaction.atomic():
        locked = Connection.objects.select_for_update(no_key=True).get(pk=order.connection_id)
        rows = Campaign.objects.filter(connection=locked, external_id=record.external_id)
        seen = rows.values_list("seen_run", flat=True).first() or 0
        outreach.store_campaigns(locked, [record], seen, Resolver(locked))
        campaign: Campaign = rows.select_related("client").get()
        order.campaign = campaign
        _turn(order, MakingState.MADE)
        said = {"account": order.connection.label, "senders": len(record.senders), "daily limit": record.daily_limit}
        audit.record(by, "campaign.created", campaign, agency=locked.agency, subject=order.client.uuid, after=said)
    return campaign


def _turn(order: CampaignOrder, state: MakingState) -> None:
    order.state = state
    order.save(update_fields=["state", "campaign"])
