"""Who did what to the seeds of an account, written down."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest

from agency import audit
from clients.models import Connection, Shuffle
from clients.shuffles import seedbook
from clients.shuffles.wording import how


def said(shuffle: Shuffle) -> dict[str, Any]:
    """What the audit log keeps of it."""
    return {"how": how(shuffle.order), "clients": [client.name for client in shuffle.clients.all()]}


def record(shuffle: Shuffle, action: str, by: HttpRequest | None = None, **said: Any) -> None:
    """One entry for what happened to the whole account: its subject is the only client served, or the account itself."""
    connection = shuffle.connection
    audit.record(
        by, action, connection.label, agency=connection.agency, subject=subject_of(connection),
        user=shuffle.user, actor=shuffle.actor or "terminal", page=("shuffle", shuffle.uuid), **said,
    )  # fmt: skip


def subject_of(connection: Connection) -> uuid.UUID:
    served = list(seedbook.served(connection)[:2])
    return served[0].uuid if len(served) == 1 else connection.uuid
