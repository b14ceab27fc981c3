"""The page of one account's seeds as its reader gets it, and the files it gives."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from clients.models import Connection, Shuffle
from reports.listing.seed_account import iso
from tests.reports.reading import text


def page(browser: Browser, account: Connection, query: str = "") -> str:
    return text(browser.get(f"/seeds/{account.uuid}/{query}"))


def take(browser: Browser, account: Connection, file: str, since: str | None = None, client: str = "acme") -> Any:
    if since is None:
        since = iso(Shuffle.objects.happened()[0].sent_at)
    return browser.post(f"/seeds/{account.uuid}/file/", {"file": file, "since": since, "client": client})
