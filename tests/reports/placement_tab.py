"""The Placement tab as its reader gets it, and what stands on it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import Connection, Feed
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.reports.reading import as_user, text


def account(cast: Cast) -> Connection:
    connection = connect(cast.north, key="a" * 40, client=cast.acme)
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now() - timedelta(minutes=12))
    return connection


def fill(cast: Cast, days: int = 60) -> Connection:
    """Gmail steady at 90 %; Outlook falls from 90 to 50 % ten days ago, when mail.acme.example begins there."""
    connection = account(cast)
    for ago in range(days):
        mail(connection, cast.acme, days_ago(ago), {"gmail": (15, 3, 2), "outlook": (18, 0, 2)})
        if ago <= 10:
            mail(connection, cast.acme, days_ago(ago), {"outlook": (2, 0, 18)}, domain="mail.acme.example")
    roll_up(connection)
    return connection


def placement(cast: Cast, query: str = "") -> str:
    return text(as_user(cast.ben).get(f"/clients/acme/{query}"))


def charts(page: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script id="charts" type="application/json">(.*?)</script>', page, re.DOTALL)
    return dict(json.loads(found))
