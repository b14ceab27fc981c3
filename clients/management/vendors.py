"""Commands that ask vendors."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError

from agency.management.own import OwnCommand
from agency.secrets import verify_ring


class VendorCommand(OwnCommand):
    """Refused, like web and worker, on a key ring that can't open what is stored: each account would seem to need a new key."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            verify_ring()
        except ImproperlyConfigured as error:
            raise CommandError(f"Not started: {error}") from None
        return super().execute(*args, **options)
