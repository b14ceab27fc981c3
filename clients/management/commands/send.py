from __future__ import annotations

import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from agency.secrets import Unreadable
from clients.forms.mails import ComposeForm
from clients.management.finding import the_client
from clients.management.vendors import VendorCommand
from clients.models import Client, Mail, MailState
from clients.sending import asking, identities, watching, wording, working
from clients.vendors.errors import VendorError

#: Between ours and the vendor's.
CLOCKS = timedelta(minutes=1)


class Command(VendorCommand):
    help = "Prints the mail that would be sent; with --apply sends it, here, or puts it down for its time. One mail a recipient."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("to", nargs="+", metavar="ADDRESS[,ZONE]", help="a timezone of theirs beside it")
        parser.add_argument("--client", required=True, metavar="SLUG")
        parser.add_argument("--identity", default="", metavar="HANDLE", help="needed where several may send for the client")
        parser.add_argument("--subject", required=True)
        parser.add_argument("--text", required=True, metavar="FILE", help="the text; - for what comes in")
        parser.add_argument("--html", default="", metavar="FILE")
        parser.add_argument("--at", default="", metavar="TIME", help="such as 2026-11-23T09:00, by the recipients' clocks")
        parser.add_argument("--zone", default="", help="the timezone of recipients without one; the client's if left out")
        parser.add_argument("--reason", default="", help="for the audit log")
        parser.add_argument("--apply", action="store_true")
        parser.add_argument(
            "--wait", type=float, default=0, metavar="SECONDS", help="after --apply: tell so long what becomes of the mails"
        )
        parser.add_argument("--agency", metavar="SLUG", help="needed where two agencies have a client of that name")

    def handle(self, *, to: list[str], client: str, apply: bool, wait: float, agency: str | None, **asked: Any) -> None:
        whose = the_client(client, agency)
        form = self._filled(whose, to, asked)
        draft = form.draft
        if not form.is_valid() or draft is None:
            raise CommandError("Nothing is sent: " + " ".join(str(error) for errors in form.errors.values() for error in errors))
        shown = wording.confirmation(draft)
        self.stdout.write(f"{shown['count']} from {draft.identity.handle} ({shown['room']}), {shown['when']}: {draft.subject}")
        for one in shown["recipients"]:
            self.stdout.write("  " + "  ".join(filter(None, one)))
        if shown["tight"]:
            self.stdout.write(shown["tight"])
        if not apply:
            self.stdout.write("Nothing is sent yet; --apply sends it.")
            return
        try:
            made = asking.ask(whose, draft, form.cleaned_data["batch"], None)
        except asking.NotNow as error:
            raise CommandError(f"Nothing is sent: {error}") from None
        if draft.times:
            self.stdout.write("They leave at their time, by a worker.")
            return
        bad, began = 0, timezone.now() - CLOCKS
        for place, mail in enumerate(made):
            # None: a worker has it.
            made[place] = mail = working.send(mail.pk) or mail  # noqa: PLW2901
            bad += mail.state not in (MailState.ACCEPTED, MailState.QUEUED, MailState.SENDING)
            self.stdout.write(f"{mail.to}: {wording.state(mail).lower()}. {mail.why}".strip())
        if wait > 0:
            self._watch([mail for mail in made if mail.conversation], began, wait)
        if bad:
            raise CommandError(f"{bad} of {len(made)} did not leave.")

    def _watch(self, mails: list[Mail], began: datetime, seconds: float) -> None:
        """They have left: what can't be told now is told on their pages."""
        if not mails:
            return
        names = {mail.conversation: mail.to for mail in mails}
        try:
            for one in watching.watch(mails[0].connection, mails[0].identity, names, began, seconds):
                self.stdout.write(f"{one.at:%H:%M:%S} UTC  {names[one.conversation]}: {one.kind}")
        except (VendorError, Unreadable) as error:
            self.stdout.write(f"No longer watched: {error}")

    def _filled(self, client: Client, to: list[str], asked: dict[str, Any]) -> ComposeForm:
        known = identities.of(client)
        chosen = [one for one in known if asked["identity"] in ("", one.handle)]
        if len(chosen) != 1:
            names = ", ".join(one.handle for one in known)
            raise CommandError(f"--identity: one of {names}." if names else f"Nobody may send for {client} now.")
        data = {
            "identity": chosen[0].value,
            "to": "\n".join(to),
            "subject": asked["subject"],
            "text": _read(asked["text"]),
            "html": _read(asked["html"]),
            "when": "later" if asked["at"] else "now",
            "at": asked["at"],
            "zone": asked["zone"] or client.timezone,
            "reason": asked["reason"],
            "batch": str(uuid.uuid4()),
        }
        form = ComposeForm(data, client=client, identities=known)
        form.is_valid()
        return form


def _read(name: str) -> str:
    if not name:
        return ""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} can't be read: {error}") from None
