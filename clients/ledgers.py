"""Live and test. A vendor's test keys open a ledger of made-up mail: no client's figures may hold both.

A client is served by live accounts or by test accounts, so that no sum, chart or report needs to ask which it adds up.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from clients.models import Client, Connection, Scope

TEST = "test"


class Mixed(Exception):
    """The text is for people."""


def keep_apart(connection: Connection, clients: Collection[Client]) -> None:
    """Before the connection, saved or not, serves these. Raises Mixed; removed accounts count, since their history stays."""
    others = Connection.objects.filter(scopes__client__in=clients).exclude(uuid=connection.uuid).order_by("pk").distinct()
    for other in others:
        if (other.ledger == TEST) != (connection.ledger == TEST):
            served = set(other.scopes.values_list("client_id", flat=True))
            whose = ", ".join(client.name for client in clients if client.pk in served)
            raise Mixed(
                f"{_what(connection)} cannot serve {whose}, which {other.label} serves with {_mail(other)}: the two would be "
                "added up. Make a client of its own for the test account."
            )


def stays(connection: Connection, trial: Connection) -> None:
    """A new key must open the ledger that the old one did. Raises Mixed."""
    if (connection.ledger == TEST) != (trial.ledger == TEST):
        raise Mixed(
            f"{_what(trial)} cannot replace the key of an account with {_mail(connection)}. Connect it as an account of its own."
        )


def has_test_mail() -> Exists:
    """Of each client of a query. Removed accounts count, since their history stays."""
    return Exists(Scope.objects.filter(client=OuterRef("pk"), connection__settings__ledger=TEST))


def _what(connection: Connection) -> str:
    return "A test key" if connection.ledger == TEST else "A live key"


def _mail(connection: Connection) -> str:
    return "test mail" if connection.ledger == TEST else "live mail"
