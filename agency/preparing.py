"""What must stand before web and worker start: tables and static files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from importlib.metadata import version

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from agency.environment import private_folder


def prepare(say: Callable[[str], None]) -> None:
    """Does what is missing and no more; half a second when nothing is."""
    private_folder(settings.DATA_DIR)
    if pending := _pending_migrations():
        say(f"Preparing the database: {pending} migrations …")
        call_command("migrate", verbosity=0, interactive=False)
    _collect_static(say)


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _collect_static(say: Callable[[str], None]) -> None:
    """Hashing and compressing takes seconds, so it is done when a source changed."""
    mark = settings.DATA_DIR / "static.mark"
    sources = _fingerprint()
    if mark.exists() and mark.read_text() == sources and settings.STATIC_ROOT.exists():
        return
    say("Preparing styles and scripts …")
    call_command("collectstatic", verbosity=0, interactive=False)
    mark.write_text(sources)


def _fingerprint() -> str:
    lines = [settings.STORAGES["staticfiles"]["BACKEND"], version("django"), version("whitenoise"), *_sources()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _sources() -> Iterator[str]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            yield f"{path} {storage.size(path)} {storage.get_modified_time(path).timestamp()}"
