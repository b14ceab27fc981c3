"""The time the sandbox believes in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


class Clock:
    """Runs with the machine unless it is given a day: then it stands still at noon UTC until it is moved."""

    def __init__(self, today: date | None = None) -> None:
        self._start = today
        self.reset()

    def reset(self) -> None:
        self._shift = timedelta()
        self._standing = None if self._start is None else datetime.combine(self._start, time(12), tzinfo=UTC)

    def now(self) -> datetime:
        """Whole seconds, UTC."""
        now = self._standing or datetime.now(UTC)
        return (now + self._shift).replace(microsecond=0)

    def today(self) -> date:
        return self.now().date()

    def set(self, moment: datetime) -> None:
        """Stands still at the moment, so that a test can ask on the very second. Without a zone it means UTC."""
        self._standing = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        self._shift = timedelta()

    def forward(self, seconds: float) -> None:
        self._shift += timedelta(seconds=seconds)

    def run(self) -> None:
        """Goes with the machine's clock again."""
        self._standing, self._shift = None, timedelta()


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=UTC).timestamp())


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
