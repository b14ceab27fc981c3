"""A part of a connection given to a client: what that would take from others, and what it moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.text import capfirst

from clients import claiming, scoping
from clients.models import ALL_PROVIDERS, Client, Connection, PlacementDay, Scope, ScopeKind, Sender


@dataclass(frozen=True)
class Clash:
    """Senders that a claim would make nobody's, because `claims` name them for another client."""

    senders: int
    claims: tuple[Scope, ...]

    def __str__(self) -> str:
        whose = ", ".join(f"{scope} is {scope.client}'s" for scope in self.claims[:3])
        which = "1 sender of it is" if self.senders == 1 else f"{self.senders:,} senders of it are"
        become = "it would belong" if self.senders == 1 else "they would belong"
        return f"{which} claimed already: {whose}. Claimed twice, {become} to nobody."


def clash(connection: Connection, client: Client, claims: Iterable[tuple[str, str]]) -> Clash | None:
    """Before anything is given."""
    taken = set(connection.scopes.values_list("kind", "value"))
    more = [(kind, claiming.normal(kind, value), client.pk) for kind, value in claims]
    resolver = scoping.Resolver(connection, [claim for claim in more if claim[:2] not in taken])
    senders = Sender.objects.filter(connection=connection, gone_at=None, conflict=False)
    found = [
        sender
        for sender in senders.prefetch_related("tags", "connection__scopes__client")
        if resolver.owner(sender.domain, [tag.name for tag in sender.tags.all()], sender.workspace).conflict
    ]
    others = {scope.pk: scope for sender in found for scope in claiming.claims_on(sender) if scope.client_id != client.pk}
    return Clash(len(found), tuple(others[pk] for pk in sorted(others))) if found else None


class Held(NamedTuple):
    senders: int
    mails: int


@dataclass(frozen=True)
class Given:
    """What came of one claim."""

    scope: Scope
    client: Client
    moved: Held
    known: bool  # a sender of it has been read
    alone: bool  # the connection's only claim

    @property
    def in_vain(self) -> bool:
        return not any(self.moved)

    def __str__(self) -> str:
        what = "what no other claim names" if self.scope.kind == ScopeKind.ALL and not self.alone else str(self.scope)
        said = f"{capfirst(what)} is {self.client}'s now"
        if not self.in_vain:
            return f"{said}, with its history: {_counted(self.moved)}."
        if not self.known:
            return f"{said}. No sender of it has been read yet: what comes will be {self.client}'s."
        return f"{said}, and nothing has moved by it."


def give(connection: Connection, client: Client, kind: str, value: str, by: HttpRequest | None) -> Given:
    """Raises what `claiming.claim` raises."""
    before = _held(connection, client)
    scope = claiming.claim(connection, client, kind, value, by)
    after = _held(connection, client)
    moved = Held(max(0, after.senders - before.senders), max(0, after.mails - before.mails))
    alone = not connection.scopes.exclude(pk=scope.pk).exists()
    return Given(scope, client, moved, _named_by(connection, scope).exists(), alone)


def _held(connection: Connection, client: Client) -> Held:
    senders = Sender.objects.filter(connection=connection, client=client, gone_at=None).count()
    days = PlacementDay.objects.filter(connection=connection, client=client, mailbox_provider=ALL_PROVIDERS)
    return Held(senders, days.aggregate(mails=Sum("received"))["mails"] or 0)


def _named_by(connection: Connection, scope: Scope) -> QuerySet[Sender, Sender]:
    senders = Sender.objects.filter(connection=connection, gone_at=None)
    own = [scope.value, ""] if scope.value == connection.home.external_id else [scope.value]
    by_kind = {
        ScopeKind.DOMAIN.value: Q(domain=scope.value) | Q(domain__endswith=f".{scope.value}"),
        ScopeKind.TAG.value: Q(tags__name=scope.value),
        ScopeKind.WORKSPACE.value: Q(workspace__in=own),
        ScopeKind.HANDLE.value: Q(tags__name=scope.value) | Q(workspace=scope.value),
    }
    return senders.filter(by_kind.get(scope.kind, Q()))


def _counted(held: Held) -> str:
    words = [(held.senders, "sender"), (held.mails, "mail")]
    return " and ".join(f"{number:,} {word}{'' if number == 1 else 's'}" for number, word in words if number)
