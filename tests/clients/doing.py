"""Doing what people do on the pages of clients and connections."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from agency.models import AuditEntry, User

CANARY = "canary-key-4f2a9b17e6d3c850-zzzz"
HTMX = {"HX-Request": "true"}


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def text_of(response: Any) -> str:
    return str(response.content.decode())


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def newest_entry() -> AuditEntry:
    return AuditEntry.objects.order_by("-pk")[0]
