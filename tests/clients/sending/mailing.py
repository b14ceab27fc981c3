"""Mails asked for, sent and found again, and what the vendor really did with them."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from clients.models import Client, Connection, Mail
from clients.sending import asking, identities, working
from clients.sending.asking import Draft, Time
from clients.vendors import VENDORS
from sandbox.server import Sandbox
from tests.cast import Cast, connect

#: A vendor that sends.
VENDOR = next(slug for slug, vendor in VENDORS.items() if "sending" in vendor.can)
LABEL = VENDORS[VENDOR].label
ORG = "harbour"
MAYA, JAN = "maya.northwind@inboxbase.ai", "jan.brunnen@inboxbase.ai"


def account_of(cast: Cast, box: Sandbox | None = None) -> Connection:
    key = box.key(ORG, VENDOR) if box else "sk_sandbox_nobody_0001"
    connection = connect(cast.north, key=key, label="Mail", vendor=VENDOR)
    connection.scopes.create(client=cast.acme, kind="handle", value=MAYA)
    connection.scopes.create(client=cast.birch, kind="handle", value=JAN)
    return connection


def asked(client: Client, *to: str, by: Any = None, at: datetime | None = None, zone: str = "UTC", **values: Any) -> list[Mail]:
    [identity] = identities.of(client)
    batch = values.pop("batch", None) or uuid.uuid4()
    to = to or ("one@there.example",)
    times = dict.fromkeys(to, Time(at, zone)) if at else {}
    draft = Draft(identity, to, **{"subject": "Hello", "text": "A word.", "times": times, **values})
    return asking.ask(client, draft, batch, by)


def mail_of(client: Client, *to: str, **values: Any) -> Mail:
    [mail] = asked(client, *to, **values)
    return mail


def worked(mail: Mail) -> Mail:
    """What the next worker makes of it, however soon."""
    Mail.objects.filter(pk=mail.pk).update(due_at=timezone.now(), claimed_until=None)
    working.send(mail.pk)
    mail.refresh_from_db()
    return mail


def aged(mail: Mail, **by: float) -> None:
    """As if its first call had been so long ago."""
    Mail.objects.filter(pk=mail.pk).update(called_at=timezone.now() - timedelta(**by))


def left(box: Sandbox) -> list[dict[str, Any]]:
    """The mails that the vendor really let go, once each time it did."""
    return list(box.truth(ORG, VENDOR)["mails"])


def times_left(box: Sandbox) -> Counter[str]:
    """By recipient."""
    return Counter(mail["to"] for mail in left(box))


def posts(box: Sandbox) -> int:
    return sum(one.method == "POST" for one in box.requests)


def turn(box: Sandbox, handle: str = MAYA, **what: Any) -> None:
    box.change(f"{ORG}/{handle}", VENDOR, **what)
