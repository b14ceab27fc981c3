from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection as database
from django.utils import timezone

from clients import sync
from clients.management.finding import the_agency, the_client, the_connection
from clients.management.vendors import VendorCommand
from clients.models import Connection, Feed, Health, RunState, SyncRun
from clients.vendors import VENDORS

#: A vendor that says 'not before', and another worker that has the feed, are waited for up to so long; then the command ends
#: and says so.
PATIENCE = timedelta(minutes=15)
#: How often, in seconds, it is looked whether the other worker is done.
LOOK = 0.5


class Command(VendorCommand):
    help = "Brings the vendors' data home now, here, without a worker. Exits with 1 if any feed did not come to its end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--client", metavar="SLUG", help="only the accounts that serve this client")
        parser.add_argument("--connection", metavar="ID", help="only this account")
        parser.add_argument("--feed", choices=sorted({feed for vendor in VENDORS.values() for feed in vendor.feeds}))
        parser.add_argument("--agency", metavar="SLUG")

    def handle(self, *, client: str | None, connection: str | None, feed: str | None, agency: str | None, **_: Any) -> None:
        found = _connections(client, connection, agency)
        failed = [f"{one.label}: {name}" for one in found for name in self._one(one, feed)]
        if failed:
            raise CommandError(f"{len(failed)} did not come to an end: {'; '.join(failed)}")

    def _one(self, connection: Connection, only: str | None) -> list[str]:
        """The resources that failed."""
        if connection.health != Health.OK:
            self.stdout.write(
                f"{connection.label}: not asked, {connection.get_health_display().lower()}. {connection.health_reason}"
            )
            return [connection.get_health_display().lower()] if connection.health == Health.REFUSED else []
        order = connection.vendor_class.feeds
        feeds = connection.feeds.filter(resource=only) if only else connection.feeds.all()
        failed = []
        for feed in sorted(feeds, key=lambda feed: order.index(feed.resource)):
            if not self._bring_home(connection, feed):
                failed.append(feed.resource)
            now = Connection.objects.present().filter(pk=connection.pk).values_list("health", flat=True).first()
            if now != Health.OK:  # or it was removed meanwhile
                break
        return failed

    def _bring_home(self, connection: Connection, feed: Feed) -> bool:
        """Whether it came to its end, by our hand or by that of the worker who had it already."""
        name, ends = f"{connection.label}: {feed.resource}", timezone.now() + PATIENCE
        while True:
            began = timezone.now()
            with self._counting(name, feed):
                run = sync.run(feed.pk, trigger="command")
            if run is None:
                if not self._outwaited(name, feed, ends):
                    return False
                run = _ended_since(began, feed)
            if run is None:  # its worker died, or let go of it at once
                continue
            if run.state != RunState.WAITING:
                self.stdout.write(f"{name}: {_outcome(run)}")
                return run.state in (RunState.OK, RunState.PARTIAL)
            next_at = Feed.objects.filter(pk=feed.pk).values_list("next_at", flat=True).first()
            if sync.stopping.is_set() or next_at is None or next_at > ends:
                self.stdout.write(f"{name}: {run.outcome}")
                return False
            self.stdout.write(f"{name}: {run.outcome}")
            time.sleep(max(0.0, (next_at - timezone.now()).total_seconds()))

    def _outwaited(self, name: str, feed: Feed, ends: datetime) -> bool:
        """Whether the worker that has the feed has let go of it; else it is said why nobody waits any longer."""
        if not Connection.objects.present().filter(pk=feed.connection_id, health=Health.OK).exists():
            self.stdout.write(f"{name}: not asked: its account was paused, refused or removed meanwhile.")
            return False
        self.stdout.write(f"{name}: another worker is at it and is waited for.")
        with self._counting(name, feed):
            while not (free := Feed.objects.unclaimed().filter(pk=feed.pk).exists()):
                if sync.stopping.is_set() or timezone.now() > ends:
                    break
                time.sleep(LOOK)
        if not free:
            self.stdout.write(f"{name}: the other worker is still at it.")
        return free

    @contextmanager
    def _counting(self, name: str, feed: Feed) -> Iterator[None]:
        """On a terminal, a line that counts pages while the run goes on."""
        if not sys.stdout.isatty():
            yield
            return
        ended = threading.Event()
        counter = threading.Thread(target=self._count, args=(name, feed.pk, ended), daemon=True)
        counter.start()
        try:
            yield
        finally:
            ended.set()
            counter.join()

    def _count(self, name: str, feed_id: int, ended: threading.Event) -> None:
        while not ended.wait(0.5):
            run = SyncRun.objects.filter(feed=feed_id, state=RunState.RUNNING).defer("log").first()
            if run:
                of = f" of about {run.pages_expected}" if run.pages_expected else ""
                self.stdout.write(f"\r{name}: page {run.pages}{of}, {run.rows:,} rows\033[K", ending="")
                self.stdout.flush()
        self.stdout.write("\r\033[K", ending="")
        database.close()


def _connections(client: str | None, connection: str | None, agency: str | None) -> list[Connection]:
    if connection:
        return [the_connection(connection)]
    found = Connection.objects.present().order_by("agency", "label", "pk")
    if client:
        found = found.serving(the_client(client, agency))
    elif agency:
        found = found.of(the_agency(agency))
    connections = list(found)
    if not connections:
        raise CommandError("There is no connection to sync. `manage.py connect` makes one.")
    return connections


def _ended_since(then: datetime, feed: Feed) -> SyncRun | None:
    found: SyncRun | None = feed.runs.filter(finished_at__gte=then).exclude(state=RunState.LOST).order_by("finished_at").last()
    return found


def _outcome(run: SyncRun) -> str:
    read = f"{_many(run.rows, 'row')} in {_many(run.pages, 'page')}"
    kinds = f"{run.new:,} new, {run.changed:,} changed, {run.gone:,} gone"
    return f"{run.outcome} {read} ({kinds}), {run.seconds or 0:.1f} s"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
