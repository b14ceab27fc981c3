"""Mails of a client, the newest first, as their list and its file have them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from clients import ages
from clients.models import Mail, MailState, Purpose
from clients.sending import latest, wording
from clients.sending.latest import Latest
from reports.listing.changes import EVER
from reports.listing.forms import Offers
from reports.scope import Scope


def mails(scope: Scope) -> QuerySet[Mail]:
    asked = scope.filters
    rows = Mail.objects.filter(client__in=scope.clients).select_related("client", "connection", "test")
    if scope.window != EVER:
        rows = rows.filter(created_at__range=scope.window.times)
    if asked.status:
        rows = rows.filter(state=asked.status)
    if asked.kind:
        rows = rows.filter(purpose=asked.kind)
    if asked.search:
        words = asked.search
        rows = rows.filter(Q(to__icontains=words) | Q(subject__icontains=words) | Q(identity__icontains=words))
    return rows.newest_first()


def offers(scope: Scope) -> Offers:
    known = Mail.objects.filter(client__in=scope.clients).order_by()
    states, purposes = (set(known.values_list(name, flat=True).distinct()) for name in ("state", "purpose"))
    return {
        "status": ("State", [pair for pair in MailState.choices if pair[0] in states]),
        "kind": ("Purpose", [pair for pair in Purpose.choices if pair[0] in purposes]),
    }


def lines(mails: Iterable[Mail]) -> list[dict[str, Any]]:
    found = list(mails)
    known = latest.of(found)
    return [_line(mail, known[mail.pk]) for mail in found]


def _line(mail: Mail, known: Latest) -> dict[str, Any]:
    now = timezone.now()
    when = wording.at(mail.due_at if mail.is_open else mail.finished_at or mail.created_at)
    return {
        "mail": mail,
        "subject": mail.subject or "(in its conversation)",
        "state": known.word,
        "tone": known.tone,
        "more": known.more,
        "purpose": mail.get_purpose_display(),
        "asked": ages.ago(mail.created_at, now),
        "when": when,
    }
