"""A draft begins to send: asked for once, and read back."""

from __future__ import annotations

from django.http import HttpRequest

from agency import audit
from clients.calling import open_vendor
from clients.changes.planning import barred_from
from clients.models import Campaign, CampaignStatus
from clients.vendors.errors import Rejected, UnexpectedAnswer, VendorDown, VendorError


def barred(campaign: Campaign) -> str:
    """Why it can't be started; empty where it can."""
    vendor = campaign.connection.vendor_class
    if "campaigning" not in vendor.can:
        return f"{vendor.label} lets nobody start campaigns from outside."
    if campaign.gone_at:
        return "The vendor no longer lists this campaign."
    return barred_from(campaign.connection) if campaign.status == CampaignStatus.DRAFT else "It is no draft any more."


def start(campaign: Campaign, by: HttpRequest) -> None:
    """Raises `VendorError` and `agency.secrets.Unreadable`; what the vendor says of it then is in the row."""
    with open_vendor(campaign.connection, foreground=True) as opened:
        vendor = opened.acting_for(campaign.workspace)
        problem: VendorError | None = None
        try:
            vendor.start_campaign(campaign.external_id)
        except (VendorDown, UnexpectedAnswer, Rejected) as error:
            problem = error  # it may have begun all the same, or have been started by somebody else
        status = vendor.campaign_status(campaign.external_id)
    before = campaign.status
    Campaign.objects.filter(pk=campaign.pk).update(status=status)
    campaign.status = status
    if status != CampaignStatus.ACTIVE:
        raise problem or VendorError(f"The vendor took it, and says that the campaign is {status}.")
    owner = campaign.client.uuid if campaign.client else None
    audit.record(
        by, "campaign.started", campaign, agency=campaign.connection.agency, subject=owner,
        before={"status": before}, after={"status": status},
    )  # fmt: skip
