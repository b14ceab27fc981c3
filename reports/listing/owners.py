"""Whose rows a list holds."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from clients.changes.selecting import UNASSIGNED
from clients.models.accounts import ClientQuerySet
from reports.scope import Scope

#: So many clients are named in a query one by one.
FEW = 20


def owned[M: Model](rows: QuerySet[M], scope: Scope) -> QuerySet[M]:
    """Those of `rows` (broadcasts or senders) that belong to the scope's clients, and nobody's where the reader may see them."""
    if scope.filters.client == UNASSIGNED:
        return unassigned(rows, scope)
    clients = chosen(scope)
    keys = list(clients.values_list("pk", flat=True))
    # Hundreds of numbers in each query of a page take longer to write and to plan than to look up there.
    mine = Q(client=keys[0]) if len(keys) == 1 else Q(client__in=keys if len(keys) <= FEW else clients.values("pk"))
    if scope.sees_unassigned and not scope.filters.client:
        mine |= Q(client=None, connection__agency=scope.agency)
    return rows.filter(mine)


def unassigned[M: Model](rows: QuerySet[M], scope: Scope) -> QuerySet[M]:
    return rows.filter(client=None, connection__agency=scope.agency) if scope.sees_unassigned else rows.none()


def chosen(scope: Scope) -> ClientQuerySet:
    """The scope's clients, or the one of them that `?client=` names."""
    return scope.clients.filter(slug=scope.filters.client) if scope.filters.client else scope.clients


def narrowed_by_client(scope: Scope) -> Scope:
    """For the Overview's address: `tag`, `manager` and `client` choose clients there, and then have no second meaning."""
    clients, asked = scope.clients, scope.filters
    if asked.tag:
        clients = clients.filter(tags__name=asked.tag)
    if asked.manager:
        clients = clients.filter(manager__uuid=_uuid(asked.manager))
    if asked.client:
        clients = clients.filter(slug=asked.client)
    some = bool(asked.tag or asked.manager or asked.client)
    free = scope.narrowed(tag="", manager="", client="")
    return replace(free, clients=clients, sees_unassigned=scope.sees_unassigned and not some)


def _uuid(text: str) -> UUID:
    """What is none becomes one that nobody has: an unknown word matches nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
