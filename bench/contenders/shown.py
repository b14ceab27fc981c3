"""What the two pages show of placement, by the product's own queries, for a peer that is asked for the same. Options: agency.

{agency, client: ids; clients: how many a page of the Overview has; windows: page → {now, before, trend: [first, last]};
cells: page → {row: {mailbox provider: inboxing}}}. A row is a client's id, or a day.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import django

CLIENT = "client-000"


def main(options: dict[str, Any]) -> None:
    django.setup()
    print(json.dumps(shown(**options)))


def shown(agency: str) -> dict[str, Any]:
    from agency.models import Agency
    from clients.models import Client
    from reports.board import PAGE_SIZE
    from reports.scope import Scope, Window

    owner = Agency.objects.get(slug=agency)
    clients = Client.objects.filter(agency=owner)
    many = Scope(owner, clients, Window.of(7), sees_unassigned=True)
    one = Scope.of_client(clients.get(slug=CLIENT))
    scopes = {"Overview": many, "Placement tab": one}
    return {
        "agency": owner.pk,
        "client": clients.get(slug=CLIENT).pk,
        "clients": min(PAGE_SIZE, clients.count()),
        "windows": {name: _windows(scope) for name, scope in scopes.items()},
        "cells": {"Overview": _overview(many), "Placement tab": _placement(one)},
    }


def _windows(scope: Any) -> dict[str, list[str]]:
    from reports.queries.overview import trend_start

    window, before = scope.window, scope.window.before
    spans = {
        "now": (window.first, window.last),
        "before": (before.first, before.last),
        "trend": (trend_start(scope), window.last),
    }
    return {name: [str(day) for day in span] for name, span in spans.items()}


def _overview(scope: Any) -> dict[int, dict[str, float]]:
    from clients.models import ALL_PROVIDERS
    from reports.queries import overview

    split = overview.details(scope, list(scope.clients.values_list("pk", flat=True)))
    totals = overview.inboxing(scope)
    return {client: _shares({ALL_PROVIDERS: rates.now, **split[client].providers}) for client, rates in totals.items()}


def _placement(scope: Any) -> dict[str, dict[str, float]]:
    from reports.queries import placement

    found: dict[str, dict[str, float]] = {}
    for provider, days in placement.by_day(scope, scope.window).items():
        for day, counts in days.items():
            found.setdefault(str(day), {})[provider] = counts.inboxing.hits / counts.inboxing.n
    return found


def _shares(rates: Mapping[str, Any]) -> dict[str, float]:
    return {provider: rate.hits / rate.n for provider, rate in rates.items() if rate.n}


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
