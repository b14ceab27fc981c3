from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from agency.management.own import OwnCommand
from clients.management.finding import the_agency, the_client
from clients.models import Client
from reports.exports.tables import TABLES
from reports.scope import Filters, Scope, Window, today

#: Without --since, all that there is; but these need a window.
_BEGINNING = date(1970, 1, 1)
_COMPARING = ("overview", "clients")
#: They compare with as many days before: from --since to the end would be thousands of years.
_UP_TO_TODAY = ("providers", "domains")
#: They tell how things stand, not what happened on a day.
_STANDING = (
    "senders", "seeds", "connections", "seed_accounts", "mix", "feeds", "unassigned", "report_links", "team", "assignments",
)  # fmt: skip
#: All there is, since their pages are about one account's whole past.
_WHOLE_PAST = ("shuffles", "rotations", "rotation_checks", "seed_files")
_OF_THE_AGENCY = ("unassigned", "team")
#: What came to accounts, which belong to no client.
_OF_ACCOUNTS = ("events",)


class Command(OwnCommand):
    help = "Writes a table as CSV to standard output. docs/csv.md describes the columns."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("table", choices=sorted(TABLES), metavar="TABLE", help=", ".join(sorted(TABLES)))
        parser.add_argument("--client", metavar="SLUG", help="this client only, archived or not")
        parser.add_argument("--agency", metavar="SLUG", help="needed where there is more than one")
        parser.add_argument("--since", metavar="DAY", help="first day, such as 2026-11-01; left out: from the beginning")
        parser.add_argument("--until", metavar="DAY", help="last day; left out: to the end")

    def handle(self, *, table: str, client: str | None, agency: str | None, **options: Any) -> None:
        _refuse(table, client=bool(client), days=bool(options["since"] or options["until"]))
        window = _window(table, options["since"], options["until"])
        scope = _of_client(client, agency, window) if client else _of_agency(agency, window)
        if client and table in _OF_ACCOUNTS:
            scope = replace(scope, sees_unassigned=True).narrowed(client=client)
        self._write(TABLES[table].stream(scope))

    def _write(self, blocks: Iterator[bytes]) -> None:
        binary = getattr(self.stdout._out, "buffer", None)
        try:
            for block in blocks:
                if binary:
                    binary.write(block)
                else:
                    self.stdout.write(block.decode(), ending="")
            (binary or self.stdout).flush()
        except BrokenPipeError:
            # Whoever read us has had enough, as `head` has: no word of it, from the interpreter's last flush either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(141)


def _refuse(table: str, *, client: bool, days: bool) -> None:
    """What would change nothing in the file."""
    if days and table in _STANDING:
        raise CommandError(f"'{table}' tells how things stand now: leave --since and --until out.")
    if days and table in _WHOLE_PAST:
        raise CommandError(f"'{table}' always has all there is: leave --since and --until out.")
    if client and table in _OF_THE_AGENCY:
        raise CommandError(f"'{table}' is of the whole agency: leave --client out.")


def _window(table: str, since: str | None, until: str | None) -> Window:
    comparing = table in _COMPARING
    ends = comparing or (since and table in _UP_TO_TODAY)
    last = _day("--until", until) if until else today() if ends else date.max
    if comparing and not since:
        return Window.of(7, last=last)
    first = max(_day("--since", since), _BEGINNING) if since else _BEGINNING
    if first > last:
        raise CommandError(f"--since {first} is after --until {last}.")
    return Window(first, last)


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option} '{text}' is not a day: write it as 2026-11-20.") from None


def _of_client(slug: str, agency: str | None, window: Window) -> Scope:
    return replace(Scope.of_client(the_client(slug, agency)), window=window)


def _of_agency(slug: str | None, window: Window) -> Scope:
    agency = the_agency(slug)
    return Scope(agency, Client.objects.of(agency).active(), window, Filters(), sees_unassigned=True)
