"""A new Superset: its own tables, a user who signs in, and datasets. Runs in .venv-superset. Options: database, tables, username,
password. Prints {table: id of its dataset}.

What `superset db upgrade`, `superset fab create-admin` and `superset init` do, in one process instead of three.
"""

import json
import sys
from typing import Any


def main(options: dict[str, Any]) -> None:
    from superset.app import create_app  # type: ignore[import-not-found]

    with create_app().app_context():
        _tables()
        _user(options["username"], options["password"])
        print(json.dumps(_datasets(options["database"], options["tables"])))


def _tables() -> None:
    from flask_migrate import upgrade  # type: ignore[import-untyped]

    upgrade()


def _user(name: str, password: str) -> None:
    """Who may see everything, which is the quickest to be told."""
    from superset import appbuilder, db, security_manager  # type: ignore[import-not-found]

    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    role = security_manager.find_role("Admin")
    assert security_manager.add_user(name, "Owner", "North", f"{name}@north.example", role, password=password)
    db.session.commit()


def _datasets(database: str, tables: list[str]) -> dict[str, int]:
    from superset import db
    from superset.connectors.sqla.models import SqlaTable  # type: ignore[import-not-found]
    from superset.models.core import Database  # type: ignore[import-not-found]

    connection = Database(database_name="bench")
    connection.set_sqlalchemy_uri(database)
    made = {name: SqlaTable(table_name=name, schema="public", database=connection) for name in tables}
    db.session.add_all([connection, *made.values()])
    db.session.flush()
    for dataset in made.values():
        dataset.fetch_metadata()
    db.session.commit()
    return {name: int(dataset.id) for name, dataset in made.items()}


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
