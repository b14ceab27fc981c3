from __future__ import annotations

from typing import Any

from agency.management.own import OwnCommand
from agency.preparing import prepare


class Command(OwnCommand):
    help = "Bring tables and static files up to date: before web, worker and beat of a new version start."

    def handle(self, **_: Any) -> None:
        prepare(self.stdout.write)
