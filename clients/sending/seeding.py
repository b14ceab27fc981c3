"""Writing to addresses that are watched, so that a mail's placement can be seen: an account's seeds, or those of a test that
waits for mail from outside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from django.db.models import Count, Q

from clients.models import Client, Mail, MailState, PlacementTest, Seed
from clients.models.sending import OPEN
from clients.sending.asking import MOST
from clients.sending.identities import Identity
from clients.vendors import VENDORS


@dataclass(frozen=True, slots=True)
class Batch:
    """Addresses to write to now, from `first` on, counted from 0, of `all` there are; `room`: what bounds it, where something
    does."""

    to: list[str]
    first: int
    all: int
    room: int | None

    @property
    def next(self) -> int | None:
        """Where the rest begins."""
        end = self.first + len(self.to)
        return end if self.to and end < self.all else None

    @property
    def left(self) -> int:
        return self.all - self.first - len(self.to)


def batch(addresses: Sequence[str], identity: Identity | None, first: int = 0) -> Batch:
    """No more than the identity may still send today, beside what waits to leave."""
    room = None if identity is None or identity.left is None else max(0, identity.left - identity.waiting)
    first = max(0, min(first, len(addresses)))
    most = MOST if room is None else min(MOST, room)
    return Batch(list(addresses[first : first + most]), first, len(addresses), room)


def seeds(client: Client) -> list[str]:
    """Of the accounts that serve the client: as many of each mailbox provider as of the next, while there are any."""
    watched = [slug for slug, vendor in VENDORS.items() if "seeds" in vendor.feeds]
    rows = Seed.objects.filter(
        connection__scopes__client=client, connection__vendor__in=watched, connection__removed_at=None, gone_at=None,
        status="active",
    )  # fmt: skip
    at: dict[str, list[str]] = defaultdict(list)
    for provider, email in rows.order_by("mailbox_provider", "email").values_list("mailbox_provider", "email").distinct():
        at[provider].append(email)
    return [email for email in chain.from_iterable(zip_longest(*at.values())) if email]


def of_test(test: PlacementTest) -> list[str]:
    """Whom to write to; nobody, where the test's vendor sends its mails itself."""
    return list(test.raw["recipients"]) if test.is_outside else []


def stranger(test: PlacementTest, known: Sequence[Identity]) -> str:
    """Whose mail the test counts, where none of these is among them; '' otherwise."""
    its = {email.lower() for email in test.senders}
    return "" if not its or any(one.handle.lower() in its for one in known) else ", ".join(sorted(its)[:3])


def code_of(test: PlacementTest) -> str:
    """What must stand in the text, for the test to know the mail as its own."""
    return str(test.raw.get("test_code") or "")


def probes_of(test: PlacementTest, client: Client) -> dict[str, int] | None:
    """How many of its mails the client's identities have sent, and are still to send. None where they were never asked to."""
    counts = Mail.objects.filter(test=test, client=client).aggregate(
        sent=Count("pk", filter=Q(state=MailState.ACCEPTED)), waiting=Count("pk", filter=Q(state__in=OPEN))
    )
    return counts if any(counts.values()) else None
