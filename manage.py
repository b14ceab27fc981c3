#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agency.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, ProgrammingError

    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        # A setting or a database that is not as it should be: words say more than a stack does.
        said = str(error).strip()
        no_table = "no such table" in said or ('relation "' in said and "does not exist" in said)
        if "--traceback" in sys.argv or (isinstance(error, ProgrammingError) and not no_table):
            raise
        if no_table:
            sys.exit("The database has no tables yet, or those of an older version: run `manage.py migrate` first.")
        sys.exit(said if isinstance(error, ImproperlyConfigured) else f"The database does not answer: {said}")


if __name__ == "__main__":
    main()
