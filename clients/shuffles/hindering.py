"""What keeps an account from being shuffled now: its vendor, its health, a shuffle under way, the cooldown."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from clients.models import Connection, SeedBook, Shuffle
from clients.shuffles import seedbook
from clients.shuffles.wording import moment

UNDER_WAY = "Another shuffle of this account is under way. Wait for its end, and plan again."


def hindrance(connection: Connection, book: SeedBook) -> str:
    """Why the account can't be shuffled now, as far as we know; empty where nothing speaks against it."""
    if not seedbook.can_shuffle(connection):
        return f"{connection.vendor_class.label} offers no shuffles."
    if not seedbook.may_be_asked(connection):
        return unasked(connection)
    if Shuffle.objects.filter(connection=connection).under_way().exists():
        return UNDER_WAY
    until = cooldown_until(book)
    return f"In cooldown until {moment(until)}." if until else ""


def unasked(connection: Connection) -> str:
    why = "removed" if connection.removed_at else connection.get_health_display().lower()
    return f"{connection.label} can't be asked: {why}. {connection.health_reason}".strip()


def cooldown_until(book: SeedBook) -> datetime | None:
    """None where a shuffle is allowed, or where nobody has told yet."""
    until = book.next_allowed_at
    return until if until and until > timezone.now() and book.allowed is not True else None
