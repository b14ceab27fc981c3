from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand

from agency.preparing import prepare


class Command(BaseCommand):
    help = "Bring tables and static files up to date: before web, worker and beat of a new version start."

    def handle(self, **_: Any) -> None:
        prepare(self.stdout.write)
