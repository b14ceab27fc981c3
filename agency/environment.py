"""What the environment says, read strictly; and the secrets that the embedded default makes for itself."""

import json
import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def read(file: Path) -> environ.Env:
    """The environment, and what the file adds to it. A name with nothing after its '=' counts as not given."""
    environ.Env.read_env(file)
    return given()


class Env(environ.Env):  # type: ignore[misc]
    """Says which variable it can't read."""

    def get_value(self, var: str, cast: Any = None, default: Any = environ.Env.NOTSET, parse_default: bool = False) -> Any:
        try:
            return super().get_value(var, cast=cast, default=default, parse_default=parse_default)
        except ValueError:
            if cast not in (int, float):
                raise
            raise ImproperlyConfigured(f"{var}: '{self.ENVIRON.get(var)}' is not a number") from None


def given() -> environ.Env:
    """The environment as it is by now."""
    env = Env()
    env.ENVIRON = {name: value for name, value in os.environ.items() if value}
    return env


def embedded_secrets(folder: Path, database: Path) -> dict[str, str]:
    """SECRET_KEY and CREDENTIAL_KEYS of an installation on SQLite: made once, kept in a 0600 file beside the database.

    Raises ImproperlyConfigured, and makes none, where the database holds what others were needed for.
    """
    path = folder / "secrets.json"
    try:
        with path.open() as file:
            found = json.load(file)
    except FileNotFoundError:
        if holds_secrets(database):
            raise ImproperlyConfigured(
                f"{path} is missing: without it nothing opens the API keys stored in {database}. Put it back, from a back-up "
                "or from where it was moved to."
            ) from None
        found = {"SECRET_KEY": secrets.token_urlsafe(50), "CREDENTIAL_KEYS": Fernet.generate_key().decode()}
        private_folder(folder)
        # Written whole under another name and linked: of two processes that start together, both read the winner's.
        draft = folder / f".secrets-{os.getpid()}-{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(found, file)
        try:
            os.link(draft, path)
        except FileExistsError:
            with path.open() as file:
                found = json.load(file)
        finally:
            draft.unlink()
    except json.JSONDecodeError as error:
        raise ImproperlyConfigured(f"{path} is damaged: restore it from a back-up, the stored API keys need it.") from error
    return {name: str(value) for name, value in found.items()}


def holds_secrets(database: Path) -> bool:
    """Whether any column of text in it has what `agency.secrets` sealed. Asked without Django, whose settings are being read."""
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as found:
            tables = [name for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return any(_holds_sealed(found, table) for table in tables)
    except sqlite3.Error as error:
        raise ImproperlyConfigured(f"{database} can't be read: {error}") from None


def _holds_sealed(database: sqlite3.Connection, table: str) -> bool:
    kinds = database.execute("SELECT name, lower(type) FROM pragma_table_info(?)", [table])
    columns = [name for name, kind in kinds if kind.startswith(("text", "varchar"))]
    sealed = " OR ".join(f"\"{name}\" GLOB '{_SEALED}*'" for name in columns)
    return bool(columns and database.execute(f'SELECT 1 FROM "{table}" WHERE {sealed} LIMIT 1').fetchone())  # noqa: S608


#: How every ciphertext of Fernet begins: its version, and a time before the year 2106.
_SEALED = "gAAAAA"


def embedded_database(folder: Path, url: str = "") -> Path:
    """Where it is, as a sqlite:///path says, or in this folder."""
    return Path(url.removeprefix("sqlite:///")) if url else folder / "inboxdeck.sqlite3"


def private_file(path: Path) -> str:
    """Its path. Made here, empty: SQLite would let everybody read it, and gives its other files the mode of this one."""
    private_folder(path.parent)
    if not path.exists():
        path.touch(0o600)
    return str(path)


def private_folder(folder: Path) -> None:
    """Made for us alone; one that stands already is its maker's business."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR: '{folder}' can't be made: {error.strerror}") from None


def vendor_url(env: environ.Env, name: str, default: str, *, loopback_only: bool = False) -> str:
    """A vendor's base address: https, or http on loopback (a sandbox); no path, query or user. Empty where the default is."""
    value = str(env.str(name, default=default)).rstrip("/")
    if value == default == "":
        return ""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: '{value}' is not an address: {error}") from None
    if loopback_only and parts.hostname not in LOOPBACK:
        raise ImproperlyConfigured(f"{name}: '{value}' is not on this machine (like http://127.0.0.1:8901)")
    if not parts.hostname or port == 0 or parts.query or parts.fragment or parts.username or parts.path:
        raise ImproperlyConfigured(f"{name}: '{value}' is not a plain address like https://api.example.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ImproperlyConfigured(f"{name}: '{value}' must start with https:// (http only on loopback)")
    return value


def running_sandbox(folder: Path) -> str:
    """The address of the demo's vendor while `manage.py run` has it going, so that commands in a second terminal find it."""
    try:
        return f"http://127.0.0.1:{int((folder / 'sandbox').read_text())}"
    except (OSError, ValueError):
        return ""


def mailer(env: environ.Env) -> dict[str, Any]:
    """MAILERS' entry for EMAIL_URL, such as smtp+tls://user:password@host:587; without one, mail is printed."""
    parts = env.email_url("EMAIL_URL", default="consolemail://")
    options = {
        "host": parts.get("EMAIL_HOST"),
        "port": parts.get("EMAIL_PORT"),
        "username": parts.get("EMAIL_HOST_USER"),
        "password": parts.get("EMAIL_HOST_PASSWORD"),
        "use_tls": parts.get("EMAIL_USE_TLS"),
        "use_ssl": parts.get("EMAIL_USE_SSL"),
    }
    given = {name: value for name, value in options.items() if value} if "smtp" in parts["EMAIL_BACKEND"] else {}
    return {"BACKEND": parts["EMAIL_BACKEND"], "OPTIONS": given}


def required(env: environ.Env, name: str, *, embedded: dict[str, str], because: str) -> str:
    value = str(env.str(name, default="")) or embedded.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {because}")
    return value
