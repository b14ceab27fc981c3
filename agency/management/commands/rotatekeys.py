from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from agency import rotation
from agency.management.own import OwnCommand


class Command(OwnCommand):
    help = "Re-encrypts every stored API key under the first key of CREDENTIAL_KEYS, while the product runs. Resumable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only count. Exits 1 while anything is not under the first key.")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        outcome = rotation.rotate(apply=not check)
        verb = "to rotate" if check else "rotated"
        self.stdout.write(
            f"{outcome.rotated} {verb}, {outcome.already} under the first key already, {len(outcome.closed)} closed."
        )
        for name in outcome.closed:
            self.stdout.write(f"  closed: {name}")
        if outcome.closed:
            raise CommandError(
                "Some do not open: put the key that encrypted them back into CREDENTIAL_KEYS, or enter those API keys anew."
            )
        if check and outcome.rotated:
            raise CommandError("Run 'manage.py rotatekeys' before the old key leaves CREDENTIAL_KEYS.")
