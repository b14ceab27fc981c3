"""What commands are told by name, found; or a CommandError that says what there is."""

from __future__ import annotations

import uuid as uuids

from django.core.management.base import CommandError

from agency.models import Agency
from clients.models import Client, Connection


def the_agency(slug: str | None) -> Agency:
    """`--agency` is needed only where there is more than one."""
    agencies = list(Agency.objects.order_by("pk")[:20])
    if slug:
        named = Agency.objects.filter(slug=slug).first()
        if not named:
            raise CommandError(f"There is no agency '{slug}'. There is: {_slugs(agencies)}.")
        return named
    if not agencies:
        raise CommandError("There is no agency yet. `manage.py createagency` makes one, `manage.py demo` one with sample data.")
    if len(agencies) > 1:
        raise CommandError(f"Say which agency with --agency: {_slugs(agencies)}.")
    return agencies[0]


def the_client(slug: str, agency_slug: str | None) -> Client:
    found = Client.objects.filter(slug=slug).select_related("agency")
    found = found.filter(agency__slug=agency_slug) if agency_slug else found
    clients = list(found[:2])
    if not clients:
        raise CommandError(f"There is no client '{slug}'. `manage.py addclient` makes one.")
    if len(clients) > 1:
        raise CommandError(f"More than one agency has a client '{slug}': say which with --agency.")
    return clients[0]


def the_connection(text: str) -> Connection:
    try:
        connection = Connection.objects.present().filter(uuid=uuids.UUID(text)).first()
    except ValueError:
        raise CommandError(f"'{text}' is not a connection's id: it stands in the address of its page.") from None
    if not connection:
        raise CommandError(f"There is no connection '{text}'.")
    return connection


def _slugs(agencies: list[Agency]) -> str:
    return ", ".join(agency.slug for agency in agencies) or "none"
