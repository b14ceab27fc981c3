from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from agency.management.own import OwnCommand
from clients import demo


class Command(OwnCommand):
    help = "Makes an agency with the sandbox's accounts to look around in, once, and prints its sign-in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--web", default="", help="where the web server answers: the sandbox sends its webhooks there")

    def handle(self, *, web: str, **_: Any) -> None:
        try:
            email, password = demo.ensure()
            if web:
                demo.deliver(web)
        except demo.NoSandbox as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Demo agency: sign in as {email} with the password {password}")
        if keys := demo.free_keys():
            self.stdout.write("To connect an account yourself, add a client and paste one of these keys:")
        for label, key in keys:
            self.stdout.write(f"  {label:<10} {key}")
