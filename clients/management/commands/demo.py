from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients import demo


class Command(BaseCommand):
    help = "Makes an agency with the sandbox's accounts to look around in, once, and prints its sign-in."

    def handle(self, **_: Any) -> None:
        try:
            email, password = demo.ensure()
        except demo.NoSandbox as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Demo agency: sign in as {email} with the password {password}")
        if keys := demo.free_keys():
            self.stdout.write("To connect an account yourself, add a client and paste one of these keys:")
        for label, key in keys:
            self.stdout.write(f"  {label:<10} {key}")
