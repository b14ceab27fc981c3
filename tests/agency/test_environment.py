from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from agency.environment import embedded_secrets, private_folder, vendor_url
from tests.agency.test_deploy import manage


def asked(value: str, *, loopback_only: bool = False) -> str:
    env = environ.Env()
    env.ENVIRON = {"VENDOR_URL": value}
    return vendor_url(env, "VENDOR_URL", "", loopback_only=loopback_only)


@pytest.mark.parametrize(
    "value", ["http://localhost:abc", "https://host:99999", "https://host:-1", "https://[::1", "https://h:0"]
)
def test_an_address_without_a_possible_port_is_refused_at_the_start(value: str) -> None:
    for loopback_only in (False, True):
        with pytest.raises(ImproperlyConfigured, match="VENDOR_URL"):
            asked(value, loopback_only=loopback_only)


@pytest.mark.parametrize("value", ["https://api.example.com", "https://api.example.com:8443", "http://[::1]:8901"])
def test_a_plain_address_passes(value: str) -> None:
    assert asked(value) == value


def test_the_data_folder_is_its_owners_alone_from_the_start(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        embedded_secrets(tmp_path / "above" / "var")
        private_folder(tmp_path / "other")
    finally:
        os.umask(before)
    assert [_mode(tmp_path / "above" / "var"), _mode(tmp_path / "other")] == [0o700, 0o700]


def test_a_folder_that_somebody_else_made_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    embedded_secrets(tmp_path)
    assert _mode(tmp_path) == 0o755


def test_the_database_is_its_owners_alone_in_a_folder_that_is_not(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    done = manage(tmp_path, "manage.py", "prepare")
    assert done.returncode == 0, done.stderr
    assert _mode(tmp_path / "inboxdeck.sqlite3") == 0o600
    with closing(sqlite3.connect(tmp_path / "inboxdeck.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE x (y)")
        assert {_mode(file) for file in tmp_path.glob("inboxdeck.sqlite3*")} == {0o600}


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
