"""Where what an audit entry speaks of can be looked at: a change, a shuffle, a mail, a message, an account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from agency.audit import PAGE
from agency.models import AuditEntry, Membership, Role
from clients.models import Change, Connection, LeadUpload, Mail, Message, Shuffle, TestOrder

#: An address' name → who may open it, and what stands there for a member; what is gone has no page.
_PLACES: dict[str, tuple[Role, Callable[[Membership], QuerySet[Any]]]] = {
    "change": (Role.MANAGER, lambda member: Change.objects.of(member.agency)),
    "shuffle": (Role.ANALYST, lambda member: Shuffle.objects.visible_to(member).filter(connection__removed_at=None)),
    "mail": (Role.VIEWER, Mail.objects.visible_to),
    "message": (Role.MANAGER, Message.objects.visible_to),
    "test-order": (Role.MANAGER, TestOrder.objects.visible_to),
    "lead-upload": (Role.MANAGER, LeadUpload.objects.visible_to),
    "connection": (Role.ANALYST, Connection.objects.visible_to),
    "seed-account": (Role.VIEWER, lambda member: Connection.objects.visible_to(member).present()),
}


def of(rows: Iterable[AuditEntry], member: Membership) -> dict[int, str]:
    """Addresses by the entries' keys, those alone that this member may open. A query for each kind of place."""
    asked: dict[str, dict[int, UUID]] = defaultdict(dict)
    for row in rows:
        if (found := row.after.get(PAGE)) and found[0] in _PLACES:
            asked[found[0]][row.pk] = UUID(found[1])
        elif row.subject and row.action.startswith("connection."):
            asked["connection"][row.pk] = row.subject
    links: dict[int, str] = {}
    for name, wanted in asked.items():
        role, standing = _PLACES[name]
        if not member.may(role):
            continue
        there = set(standing(member).filter(uuid__in=set(wanted.values())).values_list("uuid", flat=True))
        links |= {pk: reverse(name, args=[uuid]) for pk, uuid in wanted.items() if uuid in there}
    return links
