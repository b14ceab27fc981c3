from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from agency import audit
from agency.management.own import OwnCommand
from clients.forms import ClientForm
from clients.management.finding import the_agency


class Command(OwnCommand):
    help = "Adds a client and prints its short name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", default="", help="its short name in addresses; made from the name if left out")
        parser.add_argument("--tag", action="append", default=[], dest="tags", metavar="TAG")
        parser.add_argument("--timezone", default="UTC", metavar="TZ", help="such as Europe/Berlin")
        parser.add_argument("--agency", metavar="SLUG", help="needed where there is more than one")

    def handle(self, *, name: str, slug: str, tags: list[str], timezone: str, agency: str | None, **_: Any) -> None:
        data = {"name": name, "slug": slug, "tags": ",".join(tags), "timezone": timezone}
        form = ClientForm(data, agency=the_agency(agency))
        if not form.is_valid():
            raise CommandError(" ".join(f"{field}: {' '.join(map(str, errors))}" for field, errors in form.errors.items()))
        with transaction.atomic():
            client = form.save()
            said = {"name": client.name, "slug": client.slug, "tags": form.cleaned_data["tags"]}
            audit.record(None, "client.created", client, agency=client.agency, subject=client.uuid, after=said)
        self.stdout.write(client.slug)
