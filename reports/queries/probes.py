"""Conversations that a placement test's probe began: with seeds, so they say nothing of prospects."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from clients.models import Connection, Conversation, Mail, Purpose
from reports.scope import Scope


def without(rows: QuerySet[Conversation], scope: Scope) -> QuerySet[Conversation]:
    return rows.exclude(pk__in=_begun(scope))


def only(rows: QuerySet[Conversation], scope: Scope) -> QuerySet[Conversation]:
    return rows.filter(pk__in=_begun(scope))


def _begun(scope: Scope) -> QuerySet[Any, Any]:
    """Their keys. From the probes, which are few, to the conversations, which have an index for it."""
    accounts = Connection.objects.of(scope.agency).filter(scopes__client__in=scope.clients)
    probes = Mail.objects.filter(purpose=Purpose.PROBE, connection__in=accounts.values("pk")).exclude(conversation="").order_by()
    theirs = Conversation.objects.filter(connection=OuterRef("connection"), external_id=OuterRef("conversation"))
    return probes.annotate(begun=Subquery(theirs.values("pk")[:1])).filter(begun__isnull=False).values("begun")
