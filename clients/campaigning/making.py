"""A campaign made at the vendor while somebody waits: write down that it is made → look for its name → send once → keep it.

Its name is what it is known by: there is one of a name on an account. Where the answer is lost, or the process dies waiting for
it, the next try looks for the name, and takes what it finds for ours. No HTTP happens inside a transaction.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from agency import audit
from clients import outreach
from clients.calling import open_vendor
from clients.models import Campaign, CampaignOrder, Client, Connection, MakingState
from clients.scoping import Resolver
from clients.vendors import waiting
from clients.vendors.base import Vendor
from clients.vendors.campaigns import NewCampaign
from clients.vendors.errors import UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.records import CampaignRecord

#: A call that was lost so long ago has happened or never will.
SURE_AFTER = timedelta(minutes=2)
#: The same form within so long is one that was sent twice.
ALIKE = timedelta(minutes=10)
#: What the vendor made so long after we asked is somebody else's; clocks differ.
LATE = timedelta(hours=1)
#: Who presses twice waits for what becomes of the first press: so often, so many seconds, while it is so young.
LOOKS, BETWEEN, YOUNG = 20, 0.25, timedelta(seconds=15)

LOST = (
    "The vendor's answer was lost, and it knows no campaign of this name yet. Send the form again in two minutes: it is looked "
    "for first, and not made twice."
)
UNDER_WAY = "A campaign of this name is being made just now. Send the form again in two minutes: it is looked for first."


class NotNow(Exception):
    """The text says why, and what helps."""


class UnderWay(NotNow):
    def __init__(self) -> None:
        super().__init__(UNDER_WAY)


class NameTaken(Exception):
    pass


class Made(NamedTuple):
    """`lacks`: the parts that were asked for otherwise when it was made."""

    campaign: Campaign
    lacks: tuple[str, ...] = ()


def make(client: Client, connection: Connection, new: NewCampaign, by: HttpRequest) -> Made:
    """A draft; of one form that is sent twice, the same. Raises `NotNow`, `NameTaken`, `VendorError` with our fields where it
    says so, and `agency.secrets.Unreadable`."""
    if twin := _twin(client, connection, new):
        return Made(twin)
    try:
        return _make(client, connection, new, by)
    except (UnderWay, NameTaken) as error:
        if twin := _twin(client, connection, new, patiently=True):
            return Made(twin)
        orders = CampaignOrder.objects.filter(connection=connection, name=new.name, state=MakingState.SENT)
        if isinstance(error, NameTaken) or orders.exists():
            raise
    # The other press was refused: this one hears why.
    return _make(client, connection, new, by)


def _twin(client: Client, connection: Connection, new: NewCampaign, *, patiently: bool = False) -> Campaign | None:
    """What another press of the same form has made."""
    asked = _digests(new)
    for _ in range(LOOKS if patiently else 1):
        lately = CampaignOrder.objects.filter(client=client, connection=connection, name=new.name)
        orders = lately.filter(sent_at__gt=timezone.now() - ALIKE).select_related("campaign__client").order_by("-pk")
        alike = [order for order in orders if order.asked == asked]
        if made := next((one.campaign for one in alike if one.campaign and not one.campaign.gone_at), None):
            return made
        if not any(one.state == MakingState.SENT and timezone.now() - one.sent_at < YOUNG for one in alike):
            return None
        if patiently:
            waiting.pause(BETWEEN)
    return None


def _make(client: Client, connection: Connection, new: NewCampaign, by: HttpRequest) -> Made:
    with open_vendor(connection, foreground=True) as vendor:
        order, earlier = _begin(client, connection, new)
        young = earlier is not None and timezone.now() - earlier < SURE_AFTER
        try:
            there = vendor.campaign_named(new.name)
        except VendorError:
            if earlier is None:
                _turn(order, MakingState.FAILED)
            raise
        if there and earlier and _is_of(order, client, there, earlier):
            return Made(_made(order, there, by), _lacks(order, new))
        if there:
            if order.client_id == client.pk:
                _turn(order, MakingState.FAILED)
            raise NameTaken
        if young:
            raise UnderWay
        order.client, order.asked = client, _digests(new)
        return Made(_send(vendor, order, new, by))


def _begin(client: Client, connection: Connection, new: NewCampaign) -> tuple[CampaignOrder, datetime | None]:
    """Kept before anybody looks or sends, so that of two at once the second finds it; and when an earlier try was sent of which
    nothing is known."""
    orders = CampaignOrder.objects.filter(state=MakingState.SENT)
    known = {"state": MakingState.SENT, "client": client, "asked": _digests(new)}
    order, fresh = orders.get_or_create(connection=connection, name=new.name, defaults=known)
    earlier = None if fresh else order.sent_at
    if earlier and timezone.now() - earlier >= SURE_AFTER:
        same = CampaignOrder.objects.filter(pk=order.pk, sent_at=earlier, state=MakingState.SENT)
        if not same.update(sent_at=timezone.now()):
            raise UnderWay
    return order, earlier


def _is_of(order: CampaignOrder, client: Client, there: CampaignRecord, sent_at: datetime) -> bool:
    """Not where the order is another client's, or somebody made one of the same name long after it was sent."""
    late = there.created_at is not None and there.created_at > sent_at + LATE
    return order.client_id == client.pk and not late


def _lacks(order: CampaignOrder, new: NewCampaign) -> tuple[str, ...]:
    """Nothing is known of an order without digests."""
    was, asked = order.asked, _digests(new)
    return tuple(name for name in asked | was if was.get(name) != asked.get(name)) if was else ()


def _digests(new: NewCampaign) -> dict[str, str]:
    """By what people call its parts."""
    parts: dict[str, Any] = {
        "senders": sorted(new.senders),
        "mails a day": new.daily_limit,
        "when it sends": new.window,
        "tracking": (new.tracks_opens, new.tracks_clicks),
        **{f"step {place}": step for place, step in enumerate(new.steps, 1)},
    }
    return {name: hashlib.sha256(msgspec.json.encode(part)).hexdigest()[:16] for name, part in parts.items()}


def _send(vendor: Vendor, order: CampaignOrder, new: NewCampaign, by: HttpRequest) -> Campaign:
    order.sent_at, order.steps = timezone.now(), msgspec.to_builtins(new.steps)
    order.save(update_fields=["sent_at", "client", "asked", "steps"])
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
        if CampaignOrder.objects.filter(pk=order.pk, state=MakingState.MADE).exists():
            # By another press of the form, which has found it first.
            return campaign
        order.campaign = campaign
        _turn(order, MakingState.MADE)
        said = {"account": order.connection.label, "senders": len(record.senders), "daily limit": record.daily_limit}
        audit.record(by, "campaign.created", campaign, agency=locked.agency, subject=order.client.uuid, after=said)
    return campaign


def _turn(order: CampaignOrder, state: MakingState) -> None:
    order.state = state
    order.save(update_fields=["state", "campaign"])
