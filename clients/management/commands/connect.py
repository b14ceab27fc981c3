from __future__ import annotations

import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.views.decorators.debug import sensitive_variables

from clients import connecting, labels, trying
from clients.connecting import Claim, Duplicate
from clients.forms import ConnectionForm
from clients.forms.scopes import checked_claims
from clients.keys import clean_key
from clients.ledgers import Mixed
from clients.management.finding import the_client
from clients.management.vendors import VendorCommand
from clients.models import Client, Connection, ScopeKind
from clients.moving import HistoryMoves
from clients.overlaps import ReadTwice
from clients.twins import SecondKey
from clients.vendors import VENDORS
from clients.vendors.base import Vendor


class Command(VendorCommand):
    help = "Connects a client's account at a vendor: the key is tested, then stored encrypted. Prints the connection's id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("vendor", choices=sorted(VENDORS))
        parser.add_argument("--client", required=True, metavar="SLUG")
        parser.add_argument("--key-env", required=True, metavar="VAR", help="the environment variable that holds the API key")
        parser.add_argument(
            "--label",
            default="",
            help="what you call the account; if left out the client's name, with a number where that is taken",
        )
        parser.add_argument(
            "--domain",
            action="append",
            default=[],
            dest="domains",
            metavar="D",
            help="only mail from this domain is the client's",
        )
        parser.add_argument(
            "--tag", action="append", default=[], dest="tags", metavar="T", help="only senders with this tag are the client's"
        )
        parser.add_argument(
            "--handle", action="append", default=[], dest="handles", metavar="H", help="an identity that is the client's"
        )
        parser.add_argument("--untested", action="store_true", help="store the key even if the vendor cannot be asked now")
        parser.add_argument(
            "--take-history", action="store_true", help="of an account that was removed: its history moves to this client"
        )
        parser.add_argument("--agency", metavar="SLUG", help="needed where two agencies have a client of that name")

    @sensitive_variables()
    def handle(
        self,
        *,
        vendor: str,
        client: str,
        key_env: str,
        label: str,
        domains: list[str],
        tags: list[str],
        handles: list[str],
        untested: bool,
        take_history: bool,
        agency: str | None,
        **_: Any,
    ) -> None:
        served = the_client(client, agency)
        if served.is_archived:
            raise CommandError(f"{served} is archived: restore it first.")
        try:
            claims = _claims(served, VENDORS[vendor], domains, tags, handles)
            secrets = {VENDORS[vendor].key_field: _key(key_env)}
            called = _label(label) or labels.free(served.agency, served.name)
            draft = connecting.draft(served.agency, vendor, called, secrets)
            if said := labels.taken(served.agency, called, VENDORS[vendor]):
                raise CommandError(f"Nothing is stored: --label: {said}")
            tested = _tested(draft, untested)
            if tested and (nobody := trying.unknown(draft, [(claim.kind, claim.value) for claim in claims])):
                raise CommandError(f"Nothing is stored: {' '.join(nobody)}")
            connection = connecting.add(draft, claims, None, tested=tested, agrees=lambda move: take_history)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except HistoryMoves as error:
            raise CommandError(f"Nothing is stored: {error} (--take-history lets it.)") from None
        except SecondKey as error:
            where = f"Its key is replaced on its page; its id is {error.connection.uuid}."
            raise CommandError(f"Nothing is stored: {error} {where}") from None
        except (Mixed, ReadTwice) as error:
            raise CommandError(f"Nothing is stored: {error}") from None
        except Duplicate as error:
            raise CommandError(f"{error} It can be shared on its page; its id is {error.connection.uuid}.") from None
        if connection.pk != draft.pk:
            self.stderr.write(f"{connection.label} was removed before: it is connected again, and its history is {served}'s.")
        self.stdout.write(str(connection.uuid))


def _key(variable: str) -> str:
    if variable not in os.environ:
        raise CommandError(f"The environment has no variable {variable}.")
    return clean_key(os.environ[variable])


def _label(asked: str) -> str:
    """Raises CommandError where the form would not take it either; empty where nothing was asked for."""
    try:
        return str(ConnectionForm.base_fields["label"].clean(asked)) if asked else ""
    except ValidationError as error:
        raise CommandError(f"Nothing is stored: --label: {' '.join(error.messages)}") from None


def _claims(client: Client, vendor: type[Vendor], domains: list[str], tags: list[str], handles: list[str]) -> list[Claim]:
    """Raises CommandError for a kind of part that the vendor does not have."""
    asked = {ScopeKind.DOMAIN: domains, ScopeKind.TAG: tags, ScopeKind.HANDLE: handles}
    parts = [part for kind, values in asked.items() if values for part in checked_claims(kind, values)]
    parts = parts or [(ScopeKind.ALL.value, "")]
    if any(kind not in vendor.scopes for kind, _ in parts):
        raise CommandError(
            f"What is a client's at {vendor.label} is told by: {', '.join(f'--{kind}' for kind in vendor.scopes)}."
        )
    return [Claim(client, kind, value) for kind, value in parts]


def _tested(connection: Connection, untested: bool) -> bool:
    """Raises CommandError unless the key is good, or nobody can tell and that was said to be enough."""
    verdict = trying.test_new(connection)
    if verdict.good is False:
        raise CommandError(f"Nothing is stored: {verdict.text}")
    if verdict.good is None and not untested:
        raise CommandError(
            f"The key could not be tested, so nothing is stored: {verdict.text} (--untested stores it all the same.)"
        )
    return bool(verdict.good)
