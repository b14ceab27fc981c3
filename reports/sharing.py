"""Report links: made, found by their token, counted, turned and closed. A token is shown once and kept as a hash only."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from agency import audit, once
from agency.models import User, new_token, token_hash
from clients.models import Client
from reports.models import ReportLink

#: What a mistyped address costs nobody, and a guesser everything.
GUESSES, GUESS_SECONDS = 30, 600


def make(client: Client, name: str, days: int | None, window: int, by: HttpRequest | None) -> tuple[ReportLink, str]:
    """(link, its token). `days` until it closes, None for never; `window`: how many days it shows. Raises `once.SentTwice`."""
    token, hashed = new_token()
    expires = timezone.now() + timedelta(days=days) if days else None
    user = by.user if by is not None and by.user.is_authenticated else None
    with transaction.atomic():
        Client.objects.select_for_update(no_key=True).only("pk").get(pk=client.pk)
        if user and _made_just_now(client, user, name=name, window=window, days=days):
            raise once.SentTwice
        link = ReportLink.objects.create(
            client=client, name=name, token_hash=hashed, window=window, expires_at=expires, created_by=user
        )
        said = {"for": name, "window": window, "expires": expires.isoformat(timespec="minutes") if expires else "never"}
        _record(by, "report_link.made", link, after=said)
    return link, token


def _made_just_now(client: Client, user: User, *, name: str, window: int, days: int | None) -> bool:
    now = timezone.now()
    since = now - once.AGAIN
    same = ReportLink.objects.open().filter(client=client, created_by=user, name=name, window=window, created_at__gt=since)
    closes = Q(expires_at__range=(since + timedelta(days=days), now + timedelta(days=days))) if days else Q(expires_at=None)
    return same.filter(closes).exists()


def rotate(link: ReportLink, by: HttpRequest | None) -> str:
    """A new token for the same recipient; the old one is closed from now on."""
    token, hashed = new_token()
    with transaction.atomic():
        link.token_hash = hashed
        link.save(update_fields=["token_hash"])
        _record(by, "report_link.rotated", link)
    return token


def revoke(link: ReportLink, by: HttpRequest | None) -> None:
    link.revoked_at = timezone.now()
    with transaction.atomic():
        if ReportLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=link.revoked_at):
            _record(by, "report_link.revoked", link)


def find(token: str) -> ReportLink | None:
    """The open link with this token: not expired, not revoked, its client not archived."""
    return ReportLink.objects.open().filter(token_hash=token_hash(token)).select_related("client__agency").first()


def count_opening(link: ReportLink) -> None:
    now = timezone.now()
    ReportLink.objects.filter(pk=link.pk).update(
        opened=F("opened") + 1, last_opened_at=now, first_opened_at=Coalesce(F("first_opened_at"), Value(now))
    )


def state(link: ReportLink) -> str:
    """open, expired, revoked, or closed (with its archived client)."""
    if link.revoked_at:
        return "revoked"
    if link.expires_at and link.expires_at <= timezone.now():
        return "expired"
    return "closed" if link.client.archived_at else "open"


def _record(by: HttpRequest | None, action: str, link: ReportLink, **said: object) -> None:
    audit.record(by, action, f"{link.client}: {link.name}", agency=link.client.agency, subject=link.client.uuid, **said)  # type: ignore[arg-type]
