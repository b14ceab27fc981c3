"""Who brought leads to which campaign, written down; no lead is named."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from agency import audit
from clients.leads import wording
from clients.models import LeadState, LeadUpload


def said(upload: LeadUpload) -> dict[str, Any]:
    return {
        "campaign": str(upload.campaign),
        "account": upload.connection.label,
        "file": upload.file_name,
        "leads": upload.lines.filter(state=LeadState.WAITING).count(),
    }


def ended(upload: LeadUpload, action: str) -> None:
    result = " ".join(filter(None, (wording.result(upload.counts), upload.outcome)))
    record(upload, action, after={"campaign": str(upload.campaign), "result": result})


def record(upload: LeadUpload, action: str, by: HttpRequest | None = None, **said: Any) -> None:
    audit.record(
        by, action, upload.campaign, agency=upload.connection.agency, subject=upload.client.uuid,
        user=upload.user, actor=upload.actor or "terminal", page=("lead-upload", upload.uuid), **said,
    )  # fmt: skip
