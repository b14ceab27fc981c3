from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Count
from django.utils import timezone

from agency.models import Agency
from clients import sync
from clients.changes import asking, calls, payloads, planning, selecting
from clients.changes.working import work
from clients.management.finding import the_agency, the_client
from clients.management.vendors import VendorCommand
from clients.models import Campaign, Change, ChangeItem, ChangeState, ItemState, Sender

#: A vendor that says 'not before' is waited for up to so long; later than that, a worker goes on with it.
PATIENCE = timedelta(minutes=15)


class Command(VendorCommand):
    help = (
        "Puts all senders on a domain, or with a tag, on a preset of engagement rules, pauses or resumes them, or switches their "
        "warmup; or pauses or resumes campaigns. Prints the plan; --apply sends it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--domain", metavar="D")
        whom.add_argument("--tag", metavar="T")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--preset", choices=payloads.PRESETS)
        what.add_argument("--pause", action="store_const", const="paused", dest="status")
        what.add_argument("--resume", action="store_const", const="active", dest="status")
        what.add_argument("--warmup", choices=("on", "off"))
        parser.add_argument(
            "--campaigns", action="store_true", help="campaigns with the tag, or with senders on the domain: --pause or --resume"
        )
        parser.add_argument("--client", metavar="SLUG", help="only this client's senders")
        parser.add_argument("--agency", metavar="SLUG")
        parser.add_argument("--reason", default="")
        parser.add_argument("--apply", action="store_true", help="send it; without this nothing is changed")

    def handle(self, *, reason: str, apply: bool, **options: Any) -> None:
        if options["campaigns"] and not options["status"]:
            raise CommandError("Campaigns can be paused and resumed: --campaigns goes with --pause or --resume.")
        agency, selector = _whom(options)
        edit = {name: options[name] for name in (payloads.PRESET, payloads.STATUS, payloads.WARMUP) if options.get(name)}
        change = planning.ask(agency, selector, edit, None, reason, announced=False)
        try:
            self._work(change, ChangeState.PLANNING)
            self._print(change)
        finally:
            if not apply:
                # Printed and done with: nobody is to find it among the changes, and apply it.
                change.delete()
        if not apply:
            return
        if not change.items.filter(state=ItemState.PLANNED).exists():
            self.stdout.write("There is nothing to change.")
            return
        asking.apply(change, None)
        self._work(change, ChangeState.APPLYING, ChangeState.WAITING)
        self._results(change)

    def _work(self, change: Change, *while_in: ChangeState) -> None:
        """Here, without a worker; one that runs may do it as well."""
        ends = timezone.now() + PATIENCE
        while True:
            work(change.pk)
            change.refresh_from_db()
            if change.state not in while_in:
                return
            if change.outcome:
                self.stdout.write(change.outcome)
            if sync.stopping.is_set() or (change.resume_at and change.resume_at > ends):
                raise CommandError(f"Not at its end yet. A worker goes on with it; its page is /changes/{change.uuid}/.")
            left = (change.resume_at - timezone.now()).total_seconds() if change.resume_at else 1.0
            time.sleep(max(0.2, left))

    def _print(self, change: Change) -> None:
        if change.state != ChangeState.PLANNED:
            raise CommandError(change.outcome)
        items = change.items.select_related("client", "connection").order_by("email", "pk")
        several = items.order_by().values("client").distinct().count() > 1
        twice = {row["email"] for row in items.order_by().values("email").annotate(n=Count("pk")).filter(n__gt=1)}
        for item in items.filter(state=ItemState.PLANNED):
            before, after = payloads.compared(item.before, item.after)
            self.stdout.write(f"{_named(item, several, twice)}: {before} → {after}")
        for item in items.filter(state=ItemState.SKIPPED):
            self.stdout.write(f"{_named(item, several, twice)}: skipped. {item.why}")
        counts = Counter(items.order_by().values_list("state", flat=True))
        todo, same, skipped = (counts[state] for state in (ItemState.PLANNED, ItemState.NOOP, ItemState.SKIPPED))
        number = calls.number_of(change.calls)
        self.stdout.write(
            f"{todo:,} to change, {same:,} so already, {skipped:,} skipped; {number:,} call{'' if number == 1 else 's'}."
        )
        for call in change.calls:
            self.stdout.write(f"{call['label']}: {call['why']}")

    def _results(self, change: Change) -> None:
        failed = change.items.filter(state__in=(ItemState.FAILED, ItemState.STOPPED)).exclude(why="").order_by("email")
        for item in failed:
            self.stdout.write(f"{item.email}: {item.why}")
        if change.state != ChangeState.DONE:
            raise CommandError(change.outcome)
        self.stdout.write(change.outcome)


def _named(item: ChangeItem, several: bool, twice: Collection[str]) -> str:
    """With its client's name, where there are `several`, and the account's, where two have such a sender."""
    whose = [item.client.name if item.client else "nobody’s"] if several else []
    where = [f"in {item.connection.label}"] if item.email in twice else []
    return f"{item.email} ({', '.join(whose + where)})" if whose or where else item.email


def _whom(options: dict[str, Any]) -> tuple[Agency, dict[str, Any]]:
    """The selector. Raises CommandError for what matches nobody: a typing error must not look like work done. An empty value,
    of a shell variable that is not set, would match everybody."""
    for name in ("domain", "tag", "client"):
        if options[name] is not None and not options[name].strip():
            raise CommandError(f"--{name} is empty: it names nobody.")
    client = the_client(options["client"], options["agency"]) if options["client"] else None
    agency = client.agency if client else the_agency(options["agency"])
    asked = {name: options[name] for name in ("domain", "tag") if options[name]}
    asked |= {"client": client.slug} if client else {}
    of_campaigns = options["campaigns"]
    selector = selecting.by_campaign_filter(asked) if of_campaigns else selecting.by_filter(asked)
    rows: Any = (selecting.matching_campaigns if of_campaigns else selecting.matching)(selector, agency, None)
    if not rows.exists():
        noun, model = selecting.noun(selector), Campaign if of_campaigns else Sender
        known = model.objects.filter(connection__agency=agency).count()
        whom = selecting.said(selector).removeprefix(f"all {noun}s ")
        have = f"{known:,} other {noun}{' is' if known == 1 else 's are'}" if known else f"No {noun} at all is"
        raise CommandError(f"There is no {noun} {whom}. {have} known: is it written right?")
    return agency, selector
