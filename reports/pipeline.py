"""The pipeline of a client's conversations: its statuses with what stands there, how long prospects stay, and who has them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from clients.models import ConversationLabel, LabelKind
from reports.queries import pipeline as queries
from reports.queries.pipeline import Answers, Held, Move, Person, Place
from reports.scope import Scope
from reports.stats import UNMEASURED, Cell, Rate, percent

NO_STATUS, NOBODY = "No status", "Nobody"


@dataclass(frozen=True, slots=True)
class Spell:
    """How long, as the median of `n`."""

    median: timedelta | None
    n: int

    @classmethod
    def of(cls, some: Sequence[timedelta]) -> Spell:
        return cls(timedelta(seconds=median(one.total_seconds() for one in some)), len(some)) if some else cls(None, 0)

    @property
    def cell(self) -> Cell:
        if self.median is None:
            return Cell(UNMEASURED, "", "none", "not known of any")
        return Cell(length(self.median), f"n {self.n:,}", "", f"Median of {self.n:,}")


@dataclass(frozen=True, slots=True)
class Stage:
    """One status of one account. `stayed`: of those who left it in the window; `here`: of those who are there, until now."""

    place: Place
    name: str
    account: str
    gone: bool
    held: Held
    share: Rate
    valuation: Decimal | None
    valued: int
    currency: str
    stayed: Spell
    here: Spell
    moved_in: int
    moved_out: int

    @property
    def share_cell(self) -> Cell:
        return cell(self.share)

    @property
    def worth(self) -> str:
        return money(self.valuation, self.currency)


@dataclass(frozen=True, slots=True)
class Share:
    """What one member has, of one account."""

    client: int
    name: str
    account: str
    conversations: int
    waiting: int
    valuation: Decimal | None
    currency: str

    @property
    def worth(self) -> str:
        return money(self.valuation, self.currency)


@dataclass(frozen=True, slots=True)
class Pipeline:
    stages: list[Stage]
    shares: list[Share]
    answers: Answers
    moves: int
    inexact: int  # of the moves: their time is when a list was read

    @property
    def conversations(self) -> int:
        return sum(stage.held.conversations for stage in self.stages)

    @property
    def waiting(self) -> int:
        return sum(stage.held.waiting for stage in self.stages)

    @property
    def placed(self) -> list[Stage]:
        return [stage for stage in self.stages if stage.place.status]

    @property
    def unplaced(self) -> list[Stage]:
        """Conversations without a status, by account."""
        return [stage for stage in self.stages if not stage.place.status and stage.held.conversations]

    @property
    def worth(self) -> list[str]:
        """A sum for each currency: they are never added up."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for stage in self.stages:
            if stage.valuation is not None:
                sums[stage.currency] += stage.valuation
        return [money(amount, currency) for currency, amount in sorted(sums.items())]

    @property
    def replied(self) -> Rate:
        return Rate(len(self.answers.replied), len(self.answers.replied) + self.answers.unanswered)

    @property
    def first_reply(self) -> Spell:
        return Spell.of(self.answers.replied)

    @property
    def accounts(self) -> int:
        return len({stage.place.connection for stage in self.stages})


def pipeline(scope: Scope, now: datetime) -> Pipeline:
    """Seven queries."""
    names = _Names(queries.called(scope), queries.labels(scope))
    held, people, moves = queries.held(scope), queries.people(scope), queries.moves(scope)
    return Pipeline(
        _stages(names, held, people, moves, now),
        _shares(names, queries.assigned(scope), people),
        queries.answers(scope, now),
        len(moves),
        sum(not move.exact for move in moves),
    )


class _Names:
    """What ids of statuses, members and currencies stand for."""

    def __init__(self, accounts: Mapping[int, str], labels: Iterable[ConversationLabel]) -> None:
        self.accounts = accounts
        self._labels = {(one.connection_id, one.kind, one.external_id): one for one in labels}
        self.statuses = [key[::2] for key, one in self._labels.items() if key[1] == LabelKind.STATUS and not one.gone_at]
        currencies = {key[0]: one for key, one in self._labels.items() if key[1] == LabelKind.CURRENCY and not one.gone_at}
        self.currencies = {connection: str(one) for connection, one in currencies.items()}

    def name(self, connection: int, kind: str, named: str, none: str) -> str:
        found = self._labels.get((connection, kind, named))
        return str(found) if found else named or none

    def is_gone(self, place: Place) -> bool:
        found = self._labels.get((place.connection, LabelKind.STATUS, place.status))
        return bool(found and found.gone_at)


def _stages(
    names: _Names, held: Mapping[Place, Held], people: Sequence[Person], moves: Sequence[Move], now: datetime
) -> list[Stage]:
    whole: dict[tuple[int, int], int] = defaultdict(int)
    for place, there in held.items():
        whole[place[:2]] += there.conversations
    here = _grouped(people, lambda one: one.place)
    left, entered = _grouped(moves, lambda one: one.before), _grouped(moves, lambda one: one.after)

    def stage(place: Place) -> Stage:
        there, theirs = held.get(place, Held(0, 0)), here[place]
        worth = [one.valuation for one in theirs if one.valuation is not None]
        return Stage(
            place,
            names.name(place.connection, LabelKind.STATUS, place.status, NO_STATUS),
            names.accounts.get(place.connection, ""),
            names.is_gone(place),
            there,
            Rate(there.conversations, whole[place[:2]]),
            sum(worth, Decimal()) if worth else None,
            len(worth),
            names.currencies.get(place.connection, ""),
            Spell.of([one.stayed for one in left[place] if one.stayed is not None and one.exact]),
            Spell.of([now - one.since for one in theirs if one.since]),
            len(entered[place]),
            len(left[place]),
        )

    return [stage(place) for place in _places(names, held, whole)]


def _places(names: _Names, held: Iterable[Place], whole: Iterable[tuple[int, int]]) -> list[Place]:
    """As the vendor orders its statuses, those without anybody too; what is not in its list, and none, come last."""
    listed = [
        Place(client, connection, status) for client, connection in whole for of, status in names.statuses if of == connection
    ]
    odd = sorted({*held} - {*listed}, key=lambda place: (place.status == "", place.status))
    return sorted([*listed, *odd], key=lambda place: (place.client, names.accounts.get(place.connection, ""), place.connection))


def _grouped[T](some: Iterable[T], key: Callable[[T], Place]) -> dict[Place, list[T]]:
    found: dict[Place, list[T]] = defaultdict(list)
    for one in some:
        found[key(one)].append(one)
    return found


def _shares(names: _Names, rows: Iterable[tuple[int, int, str, str, int, int]], people: Iterable[Person]) -> list[Share]:
    """The most first; nobody's last. A prospect's member comes before the conversation's, as on the list."""
    counts: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
    for client, connection, prospects, own, count, waiting in rows:
        found = counts[client, connection, prospects or own]
        found[0], found[1] = found[0] + count, found[1] + waiting
    worth: dict[tuple[int, int, str], Decimal] = defaultdict(Decimal)
    for one in people:
        if one.valuation is not None:
            worth[one.place.client, one.place.connection, one.assignee] += one.valuation
    ordered = sorted(counts.items(), key=lambda item: (item[0][2] == "", -item[1][0], item[0]))
    return [
        Share(
            client,
            names.name(connection, LabelKind.MEMBER, member, NOBODY),
            names.accounts.get(connection, ""),
            count,
            waiting,
            worth.get((client, connection, member)),
            names.currencies.get(connection, ""),
        )
        for (client, connection, member), (count, waiting) in ordered
    ]


def cell(rate: Rate) -> Cell:
    """Of conversations, not of mails."""
    if not rate.n:
        return Cell(UNMEASURED, "", "none", "not measured")
    few = rate.band == "few"
    title = f"{'few conversations: ' if few else ''}{percent(rate.hits / rate.n)} of {rate.n:,}, 95 % interval {rate.between}"
    return Cell(rate.text, f"{rate.hits:,} of {rate.n:,}", "few" if few else "", title)


def money(amount: Decimal | None, currency: str) -> str:
    """'12,500 USD'."""
    return UNMEASURED if amount is None else f"{amount:,.0f} {currency}".strip()


def length(span: timedelta) -> str:
    """'12 min', '3.5 h', '2.4 days'."""
    hours = span.total_seconds() / 3600
    if hours < 1:
        return f"{max(0, round(hours * 60))} min"
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} days"
