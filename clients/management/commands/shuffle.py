from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from clients import sync
from clients.management.finding import the_connection
from clients.management.vendors import VendorCommand
from clients.models import Connection, MailboxProvider, Origin, Shuffle, ShuffleState
from clients.shuffles import asking, hindering, mixing, seedbook, wording, working
from clients.shuffles.mixing import DryRun, NoSense
from clients.vendors.shuffles import IN_PLACE, Order

#: What the vendor has not finished by then goes on with a worker, or with the next call of this command.
PATIENCE = timedelta(minutes=15)
#: A seeds pass is waited for by those who look, not asked for again at once.
PAUSE = 1.0


class Command(VendorCommand):
    help = (
        "Prints what a shuffle of an account's seeds would do, and whom it touches; with --apply it is sent, once, and read "
        "back. Exits with 1 unless it is done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("connection", metavar="CONNECTION", help="its id, from the address of its page")
        parser.add_argument("--method", required=True, help="in_place, in_place_by_provider or custom")
        parser.add_argument("--percentage", type=int, metavar="N", help="of all seeds, for in_place")
        parser.add_argument(
            "--share",
            action="append",
            default=[],
            dest="shares",
            metavar="PROVIDER=N",
            help="percent at a mailbox provider, for the other two; can be given several times",
        )
        parser.add_argument("--reason", default="", help="for the audit log")
        parser.add_argument("--apply", action="store_true", help="send it")

    def handle(
        self,
        *,
        connection: str,
        method: str,
        percentage: int | None,
        shares: list[str],
        reason: str,
        apply: bool,
        **_: Any,
    ) -> None:
        account = the_connection(connection)
        order = _order(account, method, percentage, shares)
        try:
            run = mixing.dry_run(order, seedbook.mix(account))
        except NoSense as error:
            raise CommandError(str(error)) from None
        self._print(account, order, run)
        if why := hindering.hindrance(account, seedbook.ask(account, foreground=True)):
            raise CommandError(f"Nothing is sent: {why}")
        if not apply:
            self.stdout.write("This is the plan; --apply sends it.")
            return
        made = asking.plan(account, order, None, origin=Origin.COMMAND, reason=reason)
        try:
            asking.confirm(made, None)
        except asking.NotNow as error:
            raise CommandError(f"Nothing is sent: {error}") from None
        self._see_through(made)

    def _print(self, account: Connection, order: Order, run: DryRun) -> None:
        labels = dict(MailboxProvider.choices)
        self.stdout.write(f"{account.label}: {wording.how(order)}")
        for step in run.steps:
            leave = f"{step.most:,}" if step.is_sure else f"{step.fewest:,} to {step.most:,}"
            self.stdout.write(f"  {labels[step.provider]}: {step.before:,} now, {leave} leave, {step.after:,} after")
        self.stdout.write("  The vendor rounds; per mailbox provider it may be one more or fewer.")
        served = ", ".join(client.name for client in seedbook.served(account)) or "nobody yet"
        self.stdout.write(f"It touches: {served}")

    def _see_through(self, made: Shuffle) -> None:
        """Takes the part of the worker, where there is none."""
        ends, said = timezone.now() + PATIENCE, ""
        while made.is_under_way and timezone.now() < ends:
            working.run(made.pk)
            made.refresh_from_db()
            if made.state == ShuffleState.READING:
                # Not started where a worker is at it.
                sync.run(made.connection.feeds.get(resource="seeds").pk, trigger="command")
                Shuffle.objects.filter(pk=made.pk).update(next_at=timezone.now())
                working.run(made.pk)
                made.refresh_from_db()
            words = f"{made.get_state_display()}. {made.outcome}".strip()
            if words != said:
                said = words
                self.stdout.write(words)
            if made.is_under_way:
                time.sleep(PAUSE)
        if made.state != ShuffleState.DONE:
            raise CommandError(f"The shuffle did not come to its end: {made.get_state_display().lower()}. {made.outcome}".strip())


def _order(account: Connection, method: str, percentage: int | None, shares: list[str]) -> Order:
    """Raises CommandError."""
    methods = account.vendor_class.shuffle_methods
    if method not in methods:
        raise CommandError(f"'{method}' is no method of {account.vendor_class.label}: it has {', '.join(methods) or 'none'}.")
    if (method == IN_PLACE) == bool(shares) or (method != IN_PLACE) == (percentage is not None):
        raise CommandError("in_place takes --percentage N, the other methods --share PROVIDER=N.")
    pairs = [_share(account, text) for text in shares]
    for provider, times in Counter(provider for provider, _ in pairs).items():
        if times > 1:
            raise CommandError(f"{provider} is named {times} times.")
    return Order(method, percentage, dict(pairs))


def _share(account: Connection, text: str) -> tuple[str, int]:
    provider, _, number = text.partition("=")
    known = account.vendor_class.split_providers
    if provider not in known or not number.isascii() or not number.isdigit():
        raise CommandError(f"'{text}' is not like gmail=75. Mailbox providers: {', '.join(known)}.")
    return provider, int(number[:4])
