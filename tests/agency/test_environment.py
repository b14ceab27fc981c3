from __future__ import annotations

import json
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import environ
import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from agency.environment import embedded_secrets, private_folder, vendor_url
from tests.agency.test_deploy import STORE, manage

NOWHERE = Path("there-is-none.sqlite3")


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
        embedded_secrets(tmp_path / "above" / "var", NOWHERE)
        private_folder(tmp_path / "other")
    finally:
        os.umask(before)
    assert [_mode(tmp_path / "above" / "var"), _mode(tmp_path / "other")] == [0o700, 0o700]


def test_a_folder_that_somebody_else_made_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    embedded_secrets(tmp_path, NOWHERE)
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


def test_secrets_are_made_beside_a_database_that_holds_none_yet_and_not_where_others_are_missing(tmp_path: Path) -> None:
    path = tmp_path / "any name?.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute('CREATE TABLE "order" (id integer, "group" varchar(20), credentials text)')
        database.execute("INSERT INTO \"order\" VALUES (1, 'a', '')")
        database.commit()
        assert set(embedded_secrets(tmp_path / "one", path)) == {"SECRET_KEY", "CREDENTIAL_KEYS"}
        database.execute('UPDATE "order" SET credentials = ?', [Fernet(Fernet.generate_key()).encrypt(b"{}").decode()])
        database.commit()
    with pytest.raises(ImproperlyConfigured, match=r"two/secrets\.json is missing"):
        embedded_secrets(tmp_path / "two", path)
    assert not (tmp_path / "two").exists()
    assert embedded_secrets(tmp_path / "one", path), "a file that is there is read, whatever the database holds"


def test_a_database_that_can_not_be_read_gets_no_new_secrets(tmp_path: Path) -> None:
    (tmp_path / "broken.sqlite3").write_bytes(b"no database at all, and longer than a header of one hundred bytes. " * 9)
    with pytest.raises(ImproperlyConfigured, match="can't be read"):
        embedded_secrets(tmp_path, tmp_path / "broken.sqlite3")
    assert not (tmp_path / "secrets.json").exists()


def test_a_start_whose_secrets_are_missing_writes_none_and_names_the_file(tmp_path: Path) -> None:
    assert manage(tmp_path, "manage.py", "migrate", "-v0").returncode == 0
    assert manage(tmp_path, "-c", STORE).returncode == 0
    secrets = tmp_path / "secrets.json"
    moved = secrets.rename(tmp_path / "elsewhere.json")
    refused = manage(tmp_path, "manage.py", "run")
    assert (refused.returncode, f"{secrets} is missing" in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)
    assert not secrets.exists()
    given = json.loads(moved.read_text())
    assert manage(tmp_path, "manage.py", "check", **given).returncode == 0, "who gives both needs no file"
    assert not secrets.exists()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
