"""The demo's webhooks: an address and a secret for each of one client's accounts that have them, which the sandbox is told, as a
person would put them in at the vendor. Secrets are random, sealed as everybody's, and never shown.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from agency.models import token_hash
from agency.secrets import Unreadable, fingerprint
from clients.models import Connection, EventSource, Hook
from clients.webhooks import doors

if TYPE_CHECKING:
    from clients.demo import Account


@sensitive_variables()
def deliver(accounts: Iterable[Account], connections: Iterable[Connection], web: str) -> None:
    """Has the sandbox deliver to `web`, where this house answers or soon will. An address that somebody has made or closed
    meanwhile stays as it is."""
    tokens = _kept()
    named = {(account.vendor, fingerprint(account.key)): account.name for account in accounts}
    for connection in connections:
        name, scheme = named.get((connection.vendor, connection.fingerprint)), connection.vendor_class.hooks
        if name is None or scheme is None:
            continue
        hook, known = doors.of(connection), str(connection.uuid)
        if known not in tokens and hook.token_hash is None:
            tokens[known] = doors.open_address(connection, None)
            doors.put_in(connection, f"{scheme.secret_prefix}{secrets.token_hex(24)}", None)
            _keep(tokens)
            hook.refresh_from_db()
        if known in tokens and hook.token_hash == token_hash(tokens[known]) and (secret := _secret(hook)):
            told = {"vendor": connection.vendor, "account": name, "url": web + reverse("hook", args=[tokens[known]])}
            told |= {"since": _known_to(connection)}
            answer = httpx.post(f"{settings.SANDBOX_URL}/_sandbox/subscribe", json=told | {"secret": secret}, trust_env=False)
            answer.raise_for_status()


def _known_to(connection: Connection) -> str:
    """The day from which on something may be missing; '' for all that the vendor has."""
    last: datetime | None = connection.events.filter(source=EventSource.DELIVERED).aggregate(at=Max("occurred_at"))["at"]
    if last:
        return (last - timedelta(days=1)).date().isoformat()
    days: int = settings.DEMO_EVENT_DAYS
    return (timezone.now() - timedelta(days=days)).date().isoformat() if days else ""


@sensitive_variables()
def _secret(hook: Hook) -> str:
    try:
        return next(iter(hook.taken_secrets()), "")
    except Unreadable:
        return ""


def _file() -> Path:
    """Addresses, which the database has as hashes alone: only this system's user reads it."""
    return Path(settings.DATA_DIR) / "demo-hooks"


@sensitive_variables()
def _kept() -> dict[str, str]:
    try:
        return dict(json.loads(_file().read_text()))
    except (FileNotFoundError, ValueError):
        return {}


@sensitive_variables()
def _keep(tokens: dict[str, str]) -> None:
    part = _file().with_name("demo-hooks.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(tokens, file)
    part.replace(_file())
