"""Production settings, asked as a process of their own: what the environment says is read once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent.parent


def manage(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "static").mkdir(exist_ok=True)  # whitenoise warns of a missing one
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=ROOT,
        env=inherited | {"DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "agency.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


PRODUCTION = {
    "PRODUCTION": "1",
    "ALLOWED_HOSTS": "deck.example",
    "PUBLIC_URL": "https://deck.example",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "DATABASE_URL": "postgres://deck:secret@127.0.0.1:1/deck",
    "SECRET_KEY": "a-long-one-with-many-different-characters-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "CREDENTIAL_KEYS": Fernet.generate_key().decode(),
}


def test_production_passes_the_deployment_check_without_a_warning(tmp_path: Path) -> None:
    done = manage(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("missing", ["SECRET_KEY", "CREDENTIAL_KEYS"])
def test_with_a_database_server_secrets_must_be_given(tmp_path: Path, missing: str) -> None:
    done = manage(tmp_path, "manage.py", "check", **{k: v for k, v in PRODUCTION.items() if k != missing})
    assert done.returncode != 0
    assert f"{missing} is not set" in done.stderr


def test_a_public_address_without_tls_is_a_warning(tmp_path: Path) -> None:
    done = manage(
        tmp_path,
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        **PRODUCTION | {"PUBLIC_URL": "http://deck.example"},
    )
    assert done.returncode != 0
    assert "agency.W001" in done.stderr


def test_a_proxy_that_is_no_address_is_an_error(tmp_path: Path) -> None:
    done = manage(tmp_path, "manage.py", "check", **PRODUCTION | {"TRUSTED_PROXIES": "proxy.example"})
    assert done.returncode != 0
    assert "agency.E001" in done.stderr


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"SYNC_MINUTES": "0"}, "SYNC_MINUTES: 0 is too little, 1 is the least."),
        ({"SIGN_IN_TRIES": "0"}, "SIGN_IN_TRIES: 0 is too little"),
        ({"CREDENTIAL_KEYS": "abc"}, "CREDENTIAL_KEYS: each key must be 32 bytes"),
        ({"SYNC_MINUTES": "abc"}, "SYNC_MINUTES: 'abc' is not a number"),
        ({"INBOXALLY_RATE": "-1"}, "INBOXALLY_RATE: -1.0 is no number of calls"),
        ({"INBOXALLY_RATE": "fast"}, "INBOXALLY_RATE: 'fast' is not a number"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, setting: dict[str, str], said: str) -> None:
    done = manage(tmp_path, "manage.py", "check", **PRODUCTION | setting)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"DATABASE_URL": "postgres://root:a-password@127.0.0.1:1/x"}, "The database does not answer: "),
        ({"DATABASE_URL": ""}, "run `manage.py migrate` first"),
        ({"DATABASE_URL": "", "DATA_DIR": "/proc/nowhere"}, "DATA_DIR: '/proc/nowhere' can't be made"),
    ],
)
def test_a_command_says_in_words_what_keeps_it_from_the_database(tmp_path: Path, setting: dict[str, str], said: str) -> None:
    done = manage(tmp_path, "manage.py", "sync", **PRODUCTION | {"PRODUCTION": "0"} | setting)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "a-password" not in done.stdout + done.stderr


def test_web_and_check_refuse_a_ring_that_does_not_open_what_is_stored(tmp_path: Path) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    assert manage(tmp_path, "manage.py", "migrate", "-v0", CREDENTIAL_KEYS=old).returncode == 0
    stored = manage(tmp_path, "-c", STORE, CREDENTIAL_KEYS=old)
    assert stored.returncode == 0, stored.stderr
    embedded = {name: value for name, value in PRODUCTION.items() if name not in {"DATABASE_URL", "CREDENTIAL_KEYS"}}
    for arguments in (["-c", "import agency.wsgi"], ["manage.py", "check", "--deploy"], ["manage.py", "rotatekeys"]):
        good = manage(tmp_path, *arguments, **embedded, CREDENTIAL_KEYS=old)
        bad = manage(tmp_path, *arguments, **embedded, CREDENTIAL_KEYS=new)
        assert (good.returncode, bad.returncode != 0) == (0, True), (arguments, good.stderr)
        assert "does not open 1 of 1" in bad.stderr or "do not open" in bad.stderr
        assert new not in bad.stdout + bad.stderr


STORE = """
import django
django.setup()
from agency.models import Agency
from tests.cast import connect
connect(Agency.objects.create(name="North", slug="north"), key="a-key-of-some-length")
"""
