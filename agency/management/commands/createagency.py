from __future__ import annotations

import os
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.views.decorators.debug import sensitive_variables

from agency.accounts import create_agency, free_slug
from agency.management.own import OwnCommand
from agency.models import User


class Command(OwnCommand):
    help = "Makes an agency and its owner."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--slug", default="", help="its short name; made from the name if left out")
        parser.add_argument("--password-env", metavar="VAR", help="The environment variable that holds a new owner's password.")

    @sensitive_variables("password")
    def handle(self, *args: Any, name: str, owner: str, slug: str, password_env: str | None, **options: Any) -> None:
        known = User.objects.filter(email=User.objects.normalise(owner)).exists()
        try:
            slug = _free(name, slug)
            validate_email(owner)
            password = "" if known else _password(password_env)
            if not known:
                validate_password(password, User(email=owner))
            agency = create_agency(name, owner_email=owner, password=password, slug=slug)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{agency.name} ({agency.slug}) belongs to {owner}{', with the password they have' if known else ''}.")


def _free(name: str, slug: str) -> str:
    try:
        return free_slug(name, slug)
    except ValidationError as error:
        raise CommandError(f"slug: {' '.join(error.messages)}") from None


def _password(variable: str | None) -> str:
    if variable is None:
        try:
            password, again = getpass("Password of the owner: "), getpass("Again: ")
        except EOFError:
            raise CommandError("Nobody is there to type a password: name a variable with --password-env.") from None
        if password != again:
            raise CommandError("The two differ.")
        return password
    if not os.environ.get(variable):
        raise CommandError(f"The environment variable {variable} is empty.")
    return os.environ[variable]
