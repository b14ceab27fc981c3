"""Each act that changes something is written down, once."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest

from agency.access import client_address
from agency.models import Agency, AuditEntry, User

PAGE = "page"


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
    actor: str = "terminal",
    page: tuple[str, uuid.UUID] | None = None,
) -> AuditEntry:
    """`by` is the member's request, or None for a command (then `agency` is needed). Never pass a secret in before or after.

    Without a request, `user` and `actor` say on whose behalf something is done in the background. `page`: the name of an
    address and its uuid, where what the entry speaks of can be looked at; kept in `after` as PAGE.
    """
    if by is not None and isinstance(by.user, User):
        user, actor = by.user, str(by.user)
    elif user:
        actor = str(user)
    return AuditEntry.objects.create(
        agency=agency or by.agency,  # type: ignore[union-attr]
        user=user,
        actor=actor[:254],
        action=action,
        target=str(target)[:254],
        subject=subject,
        before=before or {},
        after={**(after or {}), **({PAGE: [page[0], str(page[1])]} if page else {})},
        reason=reason,
        address=client_address(by) if by is not None else None,
    )
