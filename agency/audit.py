"""Each act that changes something is written down, once."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest

from agency.access import client_address
from agency.models import Agency, AuditEntry, User


def record(
    by: HttpRequest | None,
    action: str,
    target: object,
    *,
    agency: Agency | None = None,
    subject: uuid.UUID | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    user: User | None = None,
) -> AuditEntry:
    """`by` is the member's request, or None for a command (then `agency` is needed), or for a worker that goes on with what a
    `user` began. Never pass a secret in before or after."""
    user = by.user if by is not None and isinstance(by.user, User) else user
    return AuditEntry.objects.create(
        agency=agency or by.agency,  # type: ignore[union-attr]
        user=user,
        actor=str(user) if user else "terminal",
        action=action,
        target=str(target)[:254],
        subject=subject,
        before=before or {},
        after=after or {},
        reason=reason,
        address=client_address(by) if by is not None else None,
    )
