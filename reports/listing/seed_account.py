"""One account's seeds as its page shows them: mix, shuffles, and the last mile to its clients' ESPs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from clients.models import Client, Connection, MailboxProvider, SeedFileDownload, Shuffle, ShuffleState
from clients.shuffles import rotating, seedbook, wording
from clients.shuffles.rotating import FILES, Files, Rotation
from reports.exports.esp import LAYOUTS
from reports.headlines import Fact
from reports.listing.cooldowns import Next
from reports.queries.rotation import Check, checks, stocks

LABELS = dict(MailboxProvider.choices)


@dataclass(frozen=True)
class Share:
    name: str
    count: str
    percent: str


def shares(mix: Mapping[str, int]) -> list[Share]:
    total = sum(mix.values())
    return [Share(LABELS.get(name, "Other"), f"{number:,}", f"{number * 100 / total:.0f} %") for name, number in mix.items()]


def facts(mix: Mapping[str, int], following: Next) -> list[Fact]:
    return [
        Fact(f"{sum(mix.values()):,}", "seeds in use"),
        Fact(following.last, "last shuffle"),
        Fact(following.text, "next shuffle possible", following.tone, title=following.title),
    ]


@dataclass(frozen=True)
class Past:
    """A line of the history."""

    uuid: str
    day: datetime
    how: str
    who: str
    state: str
    tone: str
    outcome: str


def history(rows: Iterable[Shuffle]) -> list[Past]:
    return [_past(row) for row in rows]


def _past(row: Shuffle) -> Past:
    return Past(
        str(row.uuid),
        row.happened_at or row.finished_at or row.planned_at,
        wording.told(row),
        wording.who(row),
        row.get_state_display(),
        wording.TONES.get(row.state, ""),
        row.outcome,
    )


class SinceForm(forms.Form):
    """The point that added and removed seeds are counted from: a shuffle, a file that was taken, or any day since we watch."""

    since = forms.ChoiceField(label="Changes since", required=False)
    day = forms.DateField(
        label="or since the day", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, asked: Mapping[str, str], connection: Connection, last: Shuffle | None, visible: Iterable[Client]) -> None:
        super().__init__({"since": asked.get("since", ""), "day": asked.get("day", "")}, auto_id="files-%s")
        self.connection = connection
        self._default = last.since if last else None
        self.fields["since"].choices = self._points(last, visible)  # type: ignore[attr-defined]

    @property
    def moment(self) -> datetime | None:
        """None where nothing is known, or what was asked for makes no sense."""
        if not self.is_valid():
            return None
        if day := self.cleaned_data["day"]:
            return datetime.combine(day, time.min, UTC)
        asked = self.cleaned_data["since"]
        return datetime.fromisoformat(asked) if asked else self._default

    def clean_day(self) -> Any:
        day = self.cleaned_data["day"]
        if day and not rotating.is_known(self.connection, datetime.combine(day, time.min, UTC)):
            begun = seedbook.book_of(self.connection).begun_at
            known = f"known since {wording.moment(begun)}" if begun else "not known yet"
            raise ValidationError(f"Which seeds were in use then is not known: they are {known}.", code="unknown")
        return day

    def _points(self, last: Shuffle | None, visible: Iterable[Client]) -> list[tuple[str, str]]:
        book = seedbook.book_of(self.connection)
        found: list[tuple[str, str]] = []
        for row in Shuffle.objects.happened().filter(connection=self.connection)[:12]:
            if row.since and book.begun_at and row.since >= book.begun_at:
                name = "the last shuffle" if last and row.pk == last.pk else "the shuffle"
                found.append((iso(row.since), f"{name}, {row.since:%-d %b %Y}"))
        taken = SeedFileDownload.objects.filter(connection=self.connection, client__in=visible).select_related("client")
        # Of the same file, taken twice in a second, the last.
        files = {_taken(row): iso(row.at) for row in reversed(taken.order_by("-at")[:12])}
        found += [(moment, said) for said, moment in reversed(files.items())]
        return found or [("", "no shuffle seen yet: choose a day")]


def _taken(row: SeedFileDownload) -> str:
    """Told apart by the second, by who took it and by what it was."""
    which, layout = FILES.get(row.which, row.which), LAYOUTS[row.layout].label if row.layout in LAYOUTS else row.layout
    return f"{row.at:%-d %b %Y, %H:%M:%S}: a file for {row.client} ({which}, {layout}), taken by {row.actor}"


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text[:40])
    except ValueError:
        return None
    return found if found.tzinfo else None


@dataclass(frozen=True)
class FileRow:
    """One of the three files, with a button for each layout."""

    which: str
    title: str
    count: str
    layouts: list[tuple[str, str]]


def file_rows(found: Files) -> list[FileRow]:
    layouts = [(slug, layout.label) for slug, layout in LAYOUTS.items()]
    rows = []
    for which, title in FILES.items():
        lines = found.of(which)
        rows.append(FileRow(which, title, "–" if lines is None else f"{len(lines):,}", layouts if lines else []))
    return rows


@dataclass(frozen=True)
class Mile:
    """One client's last mile after the last shuffle."""

    rotation: Rotation
    checks: list[Check]

    @property
    def verdict(self) -> str:
        """The check in a few words: the most urgent of its lines."""
        titles = [check.title for tone in ("bad", "look", "good", "") for check in self.checks if check.tone == tone]
        return titles[0] if titles else ""

    @property
    def tone(self) -> str:
        tones = {check.tone for check in self.checks}
        return next((tone for tone in ("bad", "look", "good") if tone in tones), "")


def miles(connection: Connection, visible: Iterable[Client]) -> list[Mile]:
    found = rotating.rotations([connection], visible)
    if not found:
        return []
    held = stocks(connection, found[0].shuffle)
    return [Mile(one, checks(connection, one.client, one.shuffle, held)) for one in found]


def past_shuffles(connection: Connection) -> QuerySet[Shuffle]:
    planned = Shuffle.objects.filter(connection=connection).exclude(state=ShuffleState.PLANNED)
    return planned.order_by(Coalesce("happened_at", "finished_at", "planned_at").desc(), "-pk")
