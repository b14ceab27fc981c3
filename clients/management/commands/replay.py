from __future__ import annotations

from argparse import ArgumentTypeError
from collections import Counter
from datetime import UTC, date, datetime, time
from itertools import batched
from typing import Any

from django.core.management.base import CommandError, CommandParser

from agency.management.own import OwnCommand
from clients.management.finding import the_connection
from clients.models import Event, EventState, Hook
from clients.webhooks import working

STATES = ("failed", "unknown", "waiting", "all")


class Command(OwnCommand):
    help = (
        "Processes events that vendors sent once more, here, without a worker: those that failed, unless told otherwise. "
        "Processing one twice changes nothing. Exits with 1 if any failed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--connection", metavar="ID", help="only this account's")
        parser.add_argument("--state", choices=STATES, default="failed", help="'all' takes processed ones too")
        parser.add_argument("--type", metavar="TYPE", help="only events of this type")
        parser.add_argument("--since", metavar="DAY", type=_day, help="only what came on this day or later, in UTC")

    def handle(
        self,
        *,
        connection: str | None,
        state: str,
        type: str | None,  # noqa: A002  (named as its option)
        since: date | None,
        **_: Any,
    ) -> None:
        found = Event.objects.whole().filter(connection__removed_at=None)
        if connection:
            found = found.filter(connection=the_connection(connection))
        if state != "all":
            found = found.filter(state=state)
        if type:
            found = found.filter(type=type)
        if since:
            found = found.filter(received_at__gte=datetime.combine(since, time.min, UTC))
        chosen = list(found.values_list("pk", flat=True))
        accounts = set(found.values_list("connection_id", flat=True).order_by())
        for start in range(0, len(chosen), 500):
            working.again(Event.objects.filter(pk__in=chosen[start : start + 500]))
        for hook in Hook.objects.filter(connection__in=accounts):
            working.process(hook.pk)
        became = _states(chosen)
        states = Event.objects.whole().filter(connection__in=accounts)
        failed = states.filter(state=EventState.FAILED).count() if chosen else 0
        left = states.filter(state=EventState.WAITING).count()
        unknown = f"{became[EventState.UNKNOWN]:,} of a type not known, " if became[EventState.UNKNOWN] else ""
        counts = f"{became[EventState.PROCESSED]:,} processed, {unknown}{became[EventState.FAILED]:,} failed"
        self.stdout.write(f"{len(chosen):,} chosen, {counts}.")
        if left:
            self.stdout.write(f"{left:,} still wait: another worker is at them, or their account is paused.")
        if failed:
            raise CommandError(f"{failed:,} of these accounts' events can't be processed: see Settings → Events.")


def _states(chosen: list[int]) -> Counter[str]:
    found: Counter[str] = Counter()
    for some in batched(chosen, 500):
        found.update(Event.objects.filter(pk__in=some).values_list("state", flat=True))
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is not a day: write it as 2026-11-20.") from None
