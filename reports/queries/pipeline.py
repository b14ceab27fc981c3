"""Where the prospects of a client's conversations stand, what they are worth, and how they moved. A handful of queries, whatever
their number; figures of several accounts stay apart, since each has statuses and a currency of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet

from clients.models import Conversation, ConversationLabel, LabelKind, Prospect, Sender, StatusMove
from reports.queries import probes
from reports.scope import Scope, Window

OPEN = Q(archived=False, is_request=False)
#: An event that tells of a conversation within so long of its beginning: from there on every message of it is known.
FROM_ITS_START = Q(told_from__lte=F("created_at") + timedelta(minutes=2))

#: A reply counts that came so soon, of conversations that are at least so old: the last days and earlier ones compare.
REPLY_WITHIN = timedelta(days=3)

_COUNTS = {"count": Count("pk"), "waiting": Count("pk", filter=OPEN & Q(last_inbound=True))}


class Place(NamedTuple):
    """A status of one account, for one client; '' for none."""

    client: int
    connection: int
    status: str


class Held(NamedTuple):
    """Conversations there; those of them that wait for an answer."""

    conversations: int
    waiting: int


class Person(NamedTuple):
    place: Place
    assignee: str
    valuation: Decimal | None
    since: datetime | None  # when the status began, where that is known


class Move(NamedTuple):
    before: Place
    after: Place
    stayed: timedelta | None
    exact: bool  # else a list showed it, some time after it happened


class Answers(NamedTuple):
    """Conversations that we began in the window: of those known from their start, how many were replied to within
    `REPLY_WITHIN` and after how long; `older`: how many are not known so; `young`: how many began too lately to tell."""

    replied: list[timedelta]
    unanswered: int
    older: int
    young: int = 0


def conversations(scope: Scope) -> QuerySet[Conversation]:
    """Of one vendor, where one is asked for; without those of placement probes."""
    rows = probes.without(Conversation.objects.filter(sender__client__in=scope.clients, gone_at=None), scope)
    return rows.filter(connection__vendor=scope.filters.vendor) if scope.filters.vendor else rows


def held(scope: Scope) -> dict[Place, Held]:
    rows = conversations(scope).order_by().values_list("sender__client", "connection", "prospect__status")
    counts = rows.annotate(**_COUNTS)
    found: dict[Place, Held] = {}
    for client, connection, status, count, waiting in counts:
        # Nobody known, and somebody without a status, are one place.
        place = Place(client, connection, status or "")
        before = found.get(place, Held(0, 0))
        found[place] = Held(before.conversations + count, before.waiting + waiting)
    return found


def people(scope: Scope) -> list[Person]:
    """Each prospect once, also one that several accounts of the client talk with."""
    names = ("sender__client", "connection", "prospect__status", "prospect", "prospect__assignee", "prospect__valuation")
    rows = conversations(scope).exclude(prospect=None).order_by().values_list(*names, "prospect__status_since").distinct()
    return [
        Person(Place(client, connection, status), assignee, worth, since)
        for client, connection, status, _, assignee, worth, since in rows
    ]


def moves(scope: Scope) -> list[Move]:
    """Those of the window."""
    whose = dict(conversations(scope).exclude(prospect=None).order_by().values_list("prospect", "sender__client"))
    theirs = Prospect.objects.filter(conversations__in=conversations(scope))
    rows = StatusMove.objects.filter(prospect__in=theirs.values("pk"), at__range=times(scope.window))
    names = ("prospect", "connection", "before", "after", "since", "at", "noticed")
    return [
        Move(Place(whose[who], connection, before), Place(whose[who], connection, after), at - since if since else None, not late)
        for who, connection, before, after, since, at, late in rows.order_by("at", "pk").values_list(*names)
        if who in whose
    ]


def answers(scope: Scope, now: datetime) -> Answers:
    """By conversation, not by campaign: every one in which we wrote first."""
    ours = conversations(scope).filter(wrote_at__range=times(scope.window))
    ours = ours.filter(Q(replied_at=None) | Q(replied_at__gte=F("wrote_at")))
    known = list(ours.filter(FROM_ITS_START).values_list("wrote_at", "replied_at"))
    ripe = [(wrote, replied) for wrote, replied in known if wrote and wrote <= now - REPLY_WITHIN]
    replied = [replied - wrote for wrote, replied in ripe if replied and replied - wrote <= REPLY_WITHIN]
    return Answers(replied, len(ripe) - len(replied), ours.count() - len(known), len(known) - len(ripe))


def assigned(scope: Scope) -> list[tuple[int, int, str, str, int, int]]:
    """Client, connection, who has the prospect, who the conversation; conversations, and those that wait."""
    names = ("sender__client", "connection", "prospect__assignee", "assignee")
    return list(conversations(scope).order_by().values_list(*names).annotate(**_COUNTS))


def accounts(scope: Scope, vendors: Iterable[str]) -> list[tuple[str, str]]:
    """What the client's senders at such vendors are called, and how they are; those in trouble are told by their word."""
    rows = Sender.objects.filter(client__in=scope.clients, connection__vendor__in=list(vendors), gone_at=None)
    return list(rows.filter(connection__removed_at=None).order_by("email").values_list("email", "status"))


def called(scope: Scope) -> dict[int, str]:
    """Accounts by what they are called here."""
    return dict(conversations(scope).order_by().values_list("connection", "connection__label").distinct())


def labels(scope: Scope) -> list[ConversationLabel]:
    """Statuses in the order in which the vendor has them, members, and the currency."""
    theirs = conversations(scope).order_by().values("connection").distinct()
    kinds = (LabelKind.STATUS, LabelKind.MEMBER, LabelKind.CURRENCY)
    return list(ConversationLabel.objects.filter(connection__in=theirs, kind__in=kinds).order_by("pk"))


def times(window: Window) -> tuple[datetime, datetime]:
    return datetime.combine(window.first, time.min, UTC), datetime.combine(window.last, time.max, UTC)
