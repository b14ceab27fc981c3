from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from kombu import Connection
from kombu.exceptions import KombuError, OperationalError

from tests.canary import canary  # noqa: F401  (a fixture)
from tests.cast import Cast, make_cast
from tests.doors.standing import _standing, standing  # noqa: F401  (fixtures)
from tests.emptying import empty_by_deleting
from tests.lanes import pytest_addoption, pytest_collection_modifyitems  # noqa: F401  (hooks)
from tests.secrecy import _no_secret_is_logged, ear  # noqa: F401  (fixtures)

# Playwright's synchronous driver runs an event loop in the test's thread; Django would refuse the database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
empty_by_deleting()


def pytest_sessionstart(session: pytest.Session) -> None:
    """A database or broker that is asked for and not there fails the run: it must not pass on SQLite by mistake."""
    if os.environ.get("DATABASE_URL"):
        _database_answers()
    if os.environ.get("CELERY_BROKER_URL"):
        _broker_answers()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Under Playwright's loop Django keeps other connections than outside of it, and closes only those it sees at the end."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


def _database_answers() -> None:
    asked = "sqlite" if os.environ["DATABASE_URL"].startswith("sqlite") else "postgresql"
    if connection.vendor != asked:
        pytest.exit(f"DATABASE_URL asks for {asked} and the settings did not listen.", returncode=3)
    if asked == "sqlite":
        return
    try:
        # The server: the tests' own database is made later, by pytest-django, which guards Django's connections until then.
        psycopg.connect(os.environ["DATABASE_URL"], dbname="postgres", connect_timeout=20).close()
    except psycopg.Error as error:
        pytest.exit(f"DATABASE_URL is set and its server does not answer: {error}", returncode=3)


def _broker_answers() -> None:
    if os.environ["CELERY_BROKER_URL"] != settings.CELERY_BROKER_URL:
        pytest.exit("CELERY_BROKER_URL is set and the settings did not listen.", returncode=3)
    try:
        with Connection(settings.CELERY_BROKER_URL, connect_timeout=20) as broker:
            broker.ensure_connection(max_retries=1, timeout=20)
    except (OSError, KombuError, OperationalError) as error:
        pytest.exit(f"CELERY_BROKER_URL is set and its broker does not answer: {error}", returncode=3)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """The cast where workers, threads or processes are to see it: committed."""
    return make_cast()


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows that a module's tests share are made on this; each test that asks for `db` too works in a savepoint upon them.
    Not for modules with transactional tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
