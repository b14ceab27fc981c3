"""Rows of each kind that hold a text in their names. Every function starts at a `Scope`, whose clients may be archived here.

No index finds a part of a word. What is looked through is bounded all the same: by what a scope has of senders, campaigns and
tests, and of broadcasts, of which it may have a million, by `newest_of`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections as databases
from django.db.models import Case, F, IntegerField, Model, OuterRef, Q, QuerySet, StringAgg, Subquery, Value, When
from django.db.models.functions import Coalesce

from clients.models import Campaign, Connection, PlacementTest, Sender, TestSender
from clients.models.accounts import ConnectionQuerySet
from reports.scope import Scope

#: So many subjects are read in all, shared among the clients; each has so many at least, and at most.
SUBJECTS, FEWEST, MOST = 10_000, 5, 1_000

_GONE_LAST = F("gone_at").asc(nulls_first=True)


class Known(NamedTuple):
    """A client of the scope, whether or not it matches."""

    pk: int
    slug: str
    name: str
    archived: bool
    tags: tuple[str, ...]


class Row(NamedTuple):
    uuid: UUID
    name: str
    client: int | None
    gone: bool


class Broadcast(NamedTuple):
    uuid: UUID
    subject: str
    client: int
    day: date


def clients(scope: Scope) -> dict[int, Known]:
    """All of them by name: what else is found is theirs, and their names stand beside it."""
    rows = scope.clients.order_by("name", "pk").annotate(tag_names=StringAgg("tags__name", Value("\n")))
    found = rows.values_list("pk", "slug", "name", "archived_at", "tag_names")
    return {
        pk: Known(pk, slug, name, archived is not None, tuple(sorted((tags or "").splitlines())))
        for pk, slug, name, archived, tags in found
    }


def senders(scope: Scope, text: str, most: int) -> list[Row]:
    rows = _senders(scope).filter(Q(email__icontains=text) | Q(name__icontains=text))
    rows = rows.order_by(_archived_last(scope), _GONE_LAST, _begins("email", text), "email", "pk")
    return [Row(uuid, email, client, bool(gone)) for uuid, email, client, gone in _read(rows, "email", most)]


def domains(scope: Scope, text: str, most: int) -> list[tuple[str, int | None]]:
    """That senders write from, each with whose they are; one of several clients stands there for each."""
    rows = (
        _senders(scope)
        .filter(domain__icontains=text, gone_at=None)
        .order_by(_archived_last(scope), _begins("domain", text), "domain")
    )
    return list(rows.values_list("domain", "client").distinct()[:most])


def campaigns(scope: Scope, text: str, most: int) -> list[Row]:
    rows = Campaign.objects.filter(client__in=_clients(scope), connection__agency=scope.agency, name__icontains=text)
    rows = rows.order_by(_archived_last(scope), _GONE_LAST, _begins("name", text), "name", "pk")
    return [Row(uuid, name, client, bool(gone)) for uuid, name, client, gone in _read(rows, "name", most)]


def tests(scope: Scope, text: str, most: int) -> list[Row]:
    """The newest first, each at one of the clients whose senders are in it."""
    theirs = TestSender.objects.filter(test=OuterRef("pk"), client__in=_clients(scope))
    one = theirs.order_by(_archived_last(scope), "client").values("client")[:1]
    rows = PlacementTest.objects.filter(connection__agency=scope.agency, name__icontains=text).annotate(client=Subquery(one))
    rows = rows.filter(client__isnull=False).order_by(_GONE_LAST, Coalesce("created_at", "first_seen").desc(), "-pk")
    return [Row(uuid, name, client, bool(gone)) for uuid, name, client, gone in _read(rows, "name", most)]


def connections(visible: ConnectionQuerySet, text: str, most: int) -> list[tuple[UUID, str, str]]:
    """Uuid, label and vendor."""
    rows = visible.present().filter(label__icontains=text).order_by(_begins("label", text), "label", "pk")
    return list(rows.values_list("uuid", "label", "vendor")[:most])


def newest_of(clients: int) -> int:
    """Of how many broadcasts the subjects are read, for each of so many clients."""
    return min(MOST, max(FEWEST, SUBJECTS // max(1, clients)))


def broadcasts(scope: Scope, text: str, newest: int, most: int) -> list[Broadcast]:
    """Of each client's `newest` ones: read off an index, client by client, which Django has no words for."""
    database = databases[scope.clients.db]
    try:
        theirs, given = scope.clients.order_by().values("id", "archived_at").query.sql_with_params()
    except EmptyResultSet:
        return []
    sql = f"{_BY_CLIENT[database.vendor].format(clients=theirs)} {_MATCHING}"
    with database.cursor() as cursor:
        cursor.execute(sql, [*given, newest, f"%{database.ops.prep_for_like_query(text)}%", most])
        rows = cursor.fetchall()
    return [Broadcast(_uuid(uuid), subject, client, _day(day)) for uuid, subject, client, day in rows]


_NEWEST = "FROM clients_broadcast x WHERE x.client_id = c.id AND x.gone_at IS NULL ORDER BY x.day DESC, x.id DESC LIMIT %s"
_BY_CLIENT = {
    "postgresql": "SELECT b.uuid, b.subject, c.id, b.day FROM ({clients}) c CROSS JOIN LATERAL "  # noqa: S608
    f"(SELECT x.id, x.uuid, x.subject, x.day {_NEWEST}) b",
    # Which knows no LATERAL, and keeps to the order of a CROSS JOIN.
    "sqlite": "SELECT b.uuid, b.subject, c.id, b.day FROM ({clients}) c CROSS JOIN clients_broadcast b "  # noqa: S608
    f"ON b.id IN (SELECT x.id {_NEWEST})",
}
_MATCHING = r"WHERE UPPER(b.subject) LIKE UPPER(%s) ESCAPE '\' ORDER BY c.archived_at IS NOT NULL, b.day DESC, b.id DESC LIMIT %s"


def _senders(scope: Scope) -> QuerySet[Sender]:
    """As the list of senders has them."""
    mine = Q(client__in=_clients(scope))
    mine |= Q(client=None) if scope.sees_unassigned else Q()
    return Sender.objects.filter(mine, connection__in=Connection.objects.of(scope.agency).present().values("pk"))


def _clients(scope: Scope) -> QuerySet[Any, Any]:
    return scope.clients.order_by().values("pk")


def _archived_last(scope: Scope) -> Case:
    """Asked once, where a join would look up each row's client."""
    archived = scope.clients.exclude(archived_at=None).order_by().values("pk")
    return Case(When(client__in=archived, then=1), default=0, output_field=IntegerField())


def _begins(name: str, text: str) -> Case:
    """Names that begin with it stand before those that hold it further on."""
    return Case(When(**{f"{name}__istartswith": text}, then=0), default=1, output_field=IntegerField())


def _read[M: Model](rows: QuerySet[M], name: str, most: int) -> list[tuple[Any, ...]]:
    return list(rows.values_list("uuid", name, "client", "gone_at")[:most])


def _uuid(stored: UUID | str) -> UUID:
    return stored if isinstance(stored, UUID) else UUID(stored)


def _day(stored: date | str) -> date:
    return stored if isinstance(stored, date) else date.fromisoformat(stored)
