from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from agency.management.own import OwnCommand
from clients import rollups
from clients.models import Connection


class Command(OwnCommand):
    help = "Sums the tables that pages read again from the broadcasts and the days of senders themselves."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if a sum is off")

    def handle(self, *, check: bool, **_: Any) -> None:
        connections = Connection.objects.order_by("pk")
        if not check:
            for connection in connections:
                rollups.rebuild(connection)
                self.stdout.write(f"{connection.label}: rebuilt")
            return
        off = {connection.label: count for connection in connections if (count := rollups.check(connection))}
        if off:
            raise CommandError("Off: " + ", ".join(f"{label} ({count} rows)" for label, count in off.items()))
        self.stdout.write(f"All sums are right, of {len(connections)} connections.")
