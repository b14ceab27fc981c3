"""`.env.example` names what the code reads, no more and no less."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import settings

from agency.environment import read, vendor_url
from clients.vendors import VENDORS

READ = re.compile(
    r"""env\.(?:str|bool|int|float|list|url|email_url|db_url)\(\s*"([A-Z_0-9]+)"   # django-environ
      | (?:required|vendor_url)\(\s*env,\s*"([A-Z_0-9]+)"                          # our own strict readers
      | os\.environ(?:\.get\(|\[)"([A-Z_0-9]+)\"""",
    re.VERBOSE,
)
#: Not for people: what our own processes tell each other.
INTERNAL = {"DJANGO_SETTINGS_MODULE", "READY_FILE"}


def _read() -> set[str]:
    files = [path for app in ("agency", "clients", "reports") for path in Path(settings.BASE_DIR, app).rglob("*.py")]
    found = {name for path in files for groups in READ.findall(path.read_text()) for name in groups if name}
    found |= {f"{slug.upper()}_{what}" for slug in VENDORS for what in ("URL", "RATE")}
    compose = Path(settings.BASE_DIR, "compose.yaml").read_text()
    return (found - INTERNAL) | set(re.findall(r"\$\{([A-Z_]+)", compose))


def _lines() -> list[str]:
    return Path(settings.BASE_DIR, ".env.example").read_text().splitlines()


def test_every_variable_that_is_read_is_named() -> None:
    assert "DATABASE_URL" in _read()
    assert _read() == {line.partition("=")[0] for line in _lines() if "=" in line and not line.startswith("#")}


def test_every_variable_has_a_sentence() -> None:
    lines = _lines()
    for above, line in pairwise(lines):
        if "=" in line and not line.startswith("#"):
            assert above.startswith("# "), line
            assert not above.startswith("# ---"), line


@pytest.mark.parametrize("secret", ["SECRET_KEY", "CREDENTIAL_KEYS", "DEMO_PASSWORD"])
def test_the_example_holds_no_secret(secret: str) -> None:
    assert f"{secret}=" in _lines()


def test_a_copy_of_it_changes_nothing(tmp_path: Path) -> None:
    """`cp .env.example .env`: what is left empty counts as not given, safety's defaults above all."""
    copy = tmp_path / ".env"
    copy.write_text("\n".join(_lines()))
    with patch.dict(os.environ):
        for name in _read():
            os.environ.pop(name, None)
        env = read(copy)
    assert env.bool("PRODUCTION", default=True) is True
    assert env.float("DISPATCH_SECONDS", default=1.5) == 1.5
    assert env.int("SYNC_MINUTES") == 15
    assert env.str("DEFAULT_FROM_EMAIL") == "Inboxdeck <inboxdeck@localhost>"
    assert vendor_url(env, "SANDBOX_URL", "", loopback_only=True) == ""
