"""Writing to addresses that are watched, so that a mail's placement can be seen: an account's seeds, or those of a test that
waits for mail from outside."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, zip_longest

from django.db.models import Count, Q

from clients.models import Client, Mail, MailState, PlacementTest, Seed
from clients.models.sending import OPEN
from clients.sending.asking import MOST
from clients.vendors import VENDORS


def seeds(client: Client, most: int = MOST) -> list[str]:
    """Of the accounts that serve the client: as many of each mailbox provider as of the next, while there are any."""
    watched = [slug for slug, vendor in VENDORS.items() if "seeds" in vendor.feeds]
    rows = Seed.objects.filter(
        connection__scopes__client=client, connection__vendor__in=watched, connection__removed_at=None, gone_at=None,
        status="active",
    )  # fmt: skip
    at: dict[str, list[str]] = defaultdict(list)
    for provider, email in rows.order_by("mailbox_provider", "email").values_list("mailbox_provider", "email").distinct():
        at[provider].append(email)
    return [email for email in chain.from_iterable(zip_longest(*at.values())) if email][:most]


def of_test(test: PlacementTest) -> list[str]:
    """Whom to write to; nobody, where the test's vendor sends its mails itself."""
    return list(test.raw["recipients"])[:MOST] if test.is_outside else []


def code_of(test: PlacementTest) -> str:
    """What must stand in the text, for the test to know the mail as its own."""
    return str(test.raw.get("test_code") or "")


def probes_of(test: PlacementTest, client: Client) -> dict[str, int] | None:
    """How many of its mails the client's identities have sent, and are still to send. None where they were never asked to."""
    counts = Mail.objects.filter(test=test, client=client).aggregate(
        sent=Count("pk", filter=Q(state=MailState.ACCEPTED)), waiting=Count("pk", filter=Q(state__in=OPEN))
    )
    return counts if any(counts.values()) else None
