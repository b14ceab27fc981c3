"""An agency with one account that sends events; prints its token. And what became of the events, when it is asked again."""

from __future__ import annotations

import json
import sys

import django


def main() -> None:
    django.setup()
    asked = json.loads(sys.argv[1])
    print(json.dumps(_set_up(asked["secret"]) if asked["what"] == "set up" else _state()))


def _set_up(secret: str) -> dict[str, str]:
    from agency.models import Agency
    from clients.models import Client, Connection, Scope
    from clients.webhooks import doors

    agency = Agency.objects.create(name="Bench", slug="bench")
    connection = Connection(agency=agency, vendor="inbox", label="Bench")
    connection.keep({"api_key": "bench-token-0123456789"})
    connection.save()
    Scope.objects.create(connection=connection, client=Client.objects.create(agency=agency, name="C", slug="c"), kind="all")
    token = doors.open_address(connection, None)
    doors.put_in(connection, secret, None)
    _bare_table()
    return {"token": token, "hook": str(doors.of(connection).pk)}


def _bare_table() -> None:
    from django.db import connection as database

    key = "bigserial primary key" if database.vendor == "postgresql" else "integer primary key"
    with database.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_bare (id {key}, body text NOT NULL)")


def _state() -> dict[str, object]:
    from django.db.models import Count

    from clients.models import Conversation, Event

    return {
        "events": dict(Event.objects.order_by().values_list("state").annotate(Count("pk"))),
        "ids": list(Event.objects.order_by("pk").values_list("external_id", flat=True)),
        "told": dict(Conversation.objects.values_list("external_id", "assignee")),
        "attempts": sum(Event.objects.values_list("attempts", flat=True)),
    }


if __name__ == "__main__":
    main()
