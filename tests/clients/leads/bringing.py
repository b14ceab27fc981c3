"""Bringing leads to a campaign, and what the vendor saw of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from agency.models import User
from clients.leads import working
from clients.models import Campaign, LeadUpload
from sandbox.log import Asked
from sandbox.server import Sandbox
from tests.clients.doing import signed_in

#: The product's clock is the machine's, so the vendor's data end on the same day.
TODAY = datetime.now(UTC).date()
VENDOR, KEY = "imail", "northwind"
BULK = "/v1/leads/bulk"
FRESH = "email,first name\nada@fresh.example,Ada\nben@fresh.example,Ben\n"
THERE = "ada0@prospect-0.example"  # in the campaign with people since it began


def posted(user: User, campaign: Campaign, text: str | bytes, name: str = "fair.csv") -> Any:
    file = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text, "text/csv")
    return signed_in(user).post(f"/clients/acme/campaigns/{campaign.uuid}/leads/", {"file": file})


def planned(user: User, campaign: Campaign, text: str | bytes = FRESH) -> LeadUpload:
    answer = posted(user, campaign, text)
    assert answer.status_code == 302, answer.context["form"].errors
    return LeadUpload.objects.latest("pk")


def confirmed(user: User, campaign: Campaign, text: str | bytes = FRESH) -> LeadUpload:
    upload = planned(user, campaign, text)
    signed_in(user).post(f"/uploads/{upload.uuid}/confirm/")
    upload.refresh_from_db()
    assert upload.state == "sending"
    return upload


def go_on(upload: LeadUpload) -> LeadUpload:
    """What the next worker makes of it, however soon."""
    LeadUpload.objects.filter(pk=upload.pk).update(next_at=timezone.now())
    working.run(upload.pk)
    upload.refresh_from_db()
    return upload


def died(upload: LeadUpload) -> None:
    """As if the lease of the worker that died had ended."""
    LeadUpload.objects.filter(pk=upload.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def sent(box: Sandbox) -> list[Asked]:
    return box.requests.to(BULK, "POST")


def states(upload: LeadUpload) -> dict[str, str]:
    return dict(upload.lines.order_by("line").values_list("email", "state"))


def there(box: Sandbox, campaign: Campaign) -> list[str]:
    ledger = box.imail.ledger(KEY)
    return [lead.email for lead in ledger.leads_of(ledger.campaigns[campaign.external_id])]
