"""Through the whole suite: no line that a test logs holds a secret that was sealed in it.

What is encrypted is a secret, but for the credential fields that a vendor shows. The product's own loggers speak at DEBUG; what
httpx and httpcore would say there, and where else a secret might turn up, `tests/canary.py` looks at.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.fernet import MultiFernet

from agency.logs import LineFormatter
from clients.vendors import VENDORS

OURS = ("agency", "clients", "reports")
SHOWN = {field.name for vendor in VENDORS.values() for field in vendor.fields if not field.secret}
#: Shorter ones are words that a line may hold for other reasons.
SHORTEST = 12


class Ear(logging.Handler):
    """What was logged and what was sealed since `begin`."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(LineFormatter("%(name)s: %(message)s"))
        self.lines: list[str] = []
        self.secrets: set[str] = set()

    def begin(self) -> None:
        """Also where somebody has set up logging anew since the last time."""
        self.lines.clear()
        self.secrets.clear()
        for name in ("", "django.server"):  # the one does not hand on to the other
            logging.getLogger(name).addHandler(self)
        for name in OURS:
            logging.getLogger(name).setLevel(logging.DEBUG)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def sealed(self, plain: bytes) -> None:
        value = json.loads(plain).get("value", {})
        self.secrets |= {text for name, text in value.items() if name not in SHOWN and len(text) >= SHORTEST}

    def told(self) -> list[str]:
        """The loggers that spoke of one; the secret itself is not repeated."""
        return sorted({line.partition(":")[0] for line in self.lines if any(secret in line for secret in self.secrets)})


@pytest.fixture(scope="session")
def ear() -> Iterator[Ear]:
    listening, real = Ear(), MultiFernet.encrypt

    def encrypt(self: MultiFernet, msg: bytes, *rest: Any) -> bytes:
        listening.sealed(msg)
        return real(self, msg, *rest)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(MultiFernet, "encrypt", encrypt)
        yield listening


@pytest.fixture(autouse=True)
def _no_secret_is_logged(ear: Ear) -> Iterator[None]:
    ear.begin()
    yield
    assert ear.told() == [], "logged a secret that was sealed in this test"
