"""Seeds as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from clients.models import Client, Connection, Seed
from reports.listing.accounts import Served
from reports.listing.heads import Column
from reports.stats import UNMEASURED

COLUMNS = [
    Column("Seed", "email"),
    Column("Mailbox provider", "provider"),
    Column("Status", "status"),
    Column("Account"),
    Column("First seen", "seen", best_first=True),
    Column("Gone since"),
]
_TONES = {"active": "good", "gone": "look"}


@dataclass(frozen=True, slots=True)
class Line:
    email: str
    mailbox_provider: str
    status: str
    tone: str
    account: str
    first_seen: str
    gone: str


def lines(rows: Iterable[Seed]) -> list[Line]:
    """`rows` come with their connection."""
    return [_line(row) for row in rows]


def _line(row: Seed) -> Line:
    status: str = row.shown_status  # type: ignore[attr-defined]
    known = row.get_mailbox_provider_display()
    raw = row.provider_raw if row.mailbox_provider == "other" and row.provider_raw else ""
    return Line(
        row.email,
        f"{known} ({raw})" if raw else known,
        status or UNMEASURED,
        _TONES.get(status, ""),
        row.connection.label,
        _day(row.first_seen),
        _day(row.gone_at),
    )


def _day(then: datetime | None) -> str:
    return f"{then:%-d %b %Y}" if then else UNMEASURED


def shared(client: Client, connections: Sequence[Connection], serving: dict[int, Served], *, names: bool) -> list[str]:
    """A sentence for each account whose seeds other clients' mail reaches too; `names` for who may know whose."""
    found = []
    for connection in connections:
        served = serving[connection.pk]
        others = [one.name for one in served.clients if one.pk != client.pk]
        if others or served.others:
            whom = _listed([client.name, *others]) if names and others else f"{client.name} and other clients"
            found.append(f"{connection.label} serves {whom}: its seeds receive the mail of all of them.")
    return found


def _listed(names: Sequence[str], at_most: int = 4) -> str:
    more = len(names) - at_most
    shown = [*names[:at_most], f"{more} more"] if more > 0 else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
