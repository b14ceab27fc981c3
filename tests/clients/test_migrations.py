"""A new database is made in one piece, one that stands goes on step by step: both ways lead to the same tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.db import connection

from tests.running.home import MANAGE, place

#: Begun by some of the steps: who has gone all or none of them does not take them.
STEPS = """
import json
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from tests.clients.test_migrations import shape
executor = MigrationExecutor(connection)
executor.loader = MigrationLoader(connection, replace_migrations=False)
executor.migrate([("clients", "0012_sending_and_handles")])
call_command("migrate", verbosity=0)
print(json.dumps(shape()))
"""
#: What a table is made of, in PostgreSQL's own words.
OF_POSTGRESQL = """
SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity)
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


@pytest.mark.slow
@pytest.mark.django_db
def test_who_goes_on_by_the_steps_gets_the_tables_of_who_begins_now(tmp_path: Path) -> None:
    with place(tmp_path, "steps") as home:
        stepping = home.start(*MANAGE, "shell", "--no-imports", "-c", STEPS)
        assert stepping.ends(300) == 0, stepping.said
    stepped = json.loads(stepping.said)
    assert len(stepped) > 200
    assert stepped == shape()


def shape() -> list[str]:
    """Columns, constraints and indexes, in whichever order they came to be."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(OF_POSTGRESQL)
            return sorted(line for (line,) in cursor.fetchall())
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        return sorted(" ".join(sorted(re.findall(r"[^\s,()]+", sql))) for (sql,) in cursor.fetchall())
