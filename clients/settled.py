"""A mail or a message, while a worker holds it, to the end of one try: what became of it, written down as the lease is let go.

Whatever breaks on the way is written down too.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from clients import leases
from clients.leases import Lost
from clients.models import Mail, Message

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verdict:
    state: str
    why: str = ""
    due_at: datetime | None = None  # when it is looked at again; none where it is over
    values: dict[str, Any] = field(default_factory=dict)


def settled[R: (Mail, Message), V: Verdict](
    row: R, find: Callable[[], V], write: Callable[[V], None], broke: Callable[[Exception], V]
) -> R | None:
    """None where its lease was lost on the way: `find` and `write` raise `Lost` then."""
    try:
        write(find())
    except Lost:
        return None
    except DatabaseError:
        # The lease ends, and the next worker finds out.
        raise
    except Exception as error:
        log.exception("%s %s broke", type(row).__name__, row.uuid)
        write(broke(error))
    return row


def let_go(row: Mail | Message, token: uuid.UUID, verdict: Verdict, **values: Any) -> None:
    """Sets what the verdict says, and `values`. Raises `Lost`."""
    when = {"due_at": verdict.due_at} if verdict.due_at else {"finished_at": timezone.now()}
    told = {**verdict.values, "state": verdict.state, "why": verdict.why[:300], **values, **when}
    if not leases.give_back(row, token, **told):
        raise Lost
