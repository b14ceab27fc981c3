"""Queries over a scope's clients, prepared for the scope that is asked most: one client's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BigIntegerField, QuerySet

from clients.models import Client
from clients.models.accounts import ClientQuerySet
from reports.queries.prepared import Given, Prepared
from reports.scope import Scope

_ONE: ClientQuerySet = Client.objects.filter(pk=Given("client", BigIntegerField()))


class OfScope[Row: tuple[Any, ...]]:
    """`rows`: some clients → a `values_list` of what is theirs. Put together once for one client, for several each time."""

    def __init__(self, rows: Callable[[ClientQuerySet], QuerySet[Any, Row]]) -> None:
        self._rows, self._of_one = rows, Prepared(rows(_ONE))

    def __call__(self, scope: Scope, **given: Any) -> list[Row]:
        if scope.client:
            return self._of_one(client=scope.client.pk, **given)
        return Prepared(self._rows(scope.clients))(**given)
