"""Secrets at rest: a field of JSON encrypted with the key ring, each value tied to the row it belongs to.

`CREDENTIAL_KEYS` is the ring: the first key encrypts, all decrypt (`cryptography.fernet.MultiFernet`).
A ciphertext carries its row's own id inside; copied into another row it does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.models import Model, QuerySet

log = logging.getLogger(__name__)


class Unreadable(Exception):
    """A stored secret that no key of the ring opens, or that was copied from another row. Never holds the text."""


def seal(value: dict[str, str], *, owner: str) -> str:
    """The ciphertext of `value` for the row called `owner` (its uuid, as text)."""
    return ring().encrypt(json.dumps({"owner": owner, "value": value}).encode()).decode()


def unseal(ciphertext: str, *, owner: str) -> dict[str, str]:
    """Raises `Unreadable`; never returns the ciphertext, nor another row's secret."""
    return _opened(ciphertext, owner)


def reseal(ciphertext: str, *, owner: str) -> str:
    """The same secret under the ring's first key."""
    return seal(_opened(ciphertext, owner), owner=owner)


def under_first_key(ciphertext: str) -> bool:
    try:
        Fernet(settings.CREDENTIAL_KEYS[0].encode()).decrypt(ciphertext.encode())
    except InvalidToken:
        return False
    return True


@dataclass(frozen=True)
class Sealed:
    """A column of ciphertexts: `model` as 'app.Model', and the field whose text is each row's owner."""

    model: str
    field: str
    owner: str = "uuid"

    def rows(self) -> QuerySet[Model]:
        """Those that hold one, oldest first."""
        found: QuerySet[Model] = apps.get_model(self.model)._default_manager.exclude(**{self.field: ""}).order_by("pk")
        return found


#: Every column that `seal` is used for. An app names its own in AppConfig.ready(), so the frame needs to know none of them.
COLUMNS: set[Sealed] = set()

#: How many ciphertexts a start looks at: 10,000 take about half a second.
_LOOKED_AT = 10_000


def verify_ring(*, at_start: bool = True) -> None:
    """Raises ImproperlyConfigured when the ring does not open what is stored. A database not there yet holds nothing to open, of
    which only a start speaks."""
    ring()
    closed = total = 0
    try:
        for column in COLUMNS:
            for ciphertext in column.rows().values_list(column.field, flat=True)[:_LOOKED_AT]:
                total += 1
                closed += not _opens(ciphertext)
    except DatabaseError:
        if at_start:
            log.warning("The key ring was not compared with what is stored: the database does not answer, or has no tables yet.")
        return
    if closed:
        raise ImproperlyConfigured(
            f"CREDENTIAL_KEYS does not open {closed} of {total} stored API keys. Put the key that encrypted them back "
            "into the ring (behind the first, separated by a comma); 'manage.py rotatekeys --check' lists what is closed."
        )


def _opens(ciphertext: str) -> bool:
    try:
        ring().decrypt(ciphertext.encode())
    except InvalidToken:
        return False
    return True


def fingerprint(secret: str) -> str:
    """A name for an API key that does not tell it: the same key, the same name, on this installation only."""
    return hmac.new(settings.SECRET_KEY.encode(), b"api-key:" + secret.encode(), hashlib.sha256).hexdigest()


def ring() -> MultiFernet:
    return _ring(tuple(settings.CREDENTIAL_KEYS))


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("CREDENTIAL_KEYS is empty.")
    try:
        return MultiFernet([Fernet(key.encode()) for key in keys])
    except ValueError:
        # `from None`: the cause would show a key.
        raise ImproperlyConfigured("CREDENTIAL_KEYS: each key must be 32 bytes in url-safe base64 (44 characters).") from None


def _opened(ciphertext: str, owner: str) -> dict[str, str]:
    try:
        content: Any = json.loads(ring().decrypt(ciphertext.encode()))
    except (InvalidToken, ValueError):
        raise Unreadable("A stored API key does not open with the key ring CREDENTIAL_KEYS.") from None
    if content.get("owner") != owner:
        raise Unreadable("A stored API key belongs to another row: it was copied or swapped.")
    value: dict[str, str] = content["value"]
    return value
