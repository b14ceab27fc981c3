"""Inboxes connected at imail.

Reference: https://imail.now/api-docs, 'Inboxes'. That one may have to be signed in to at `setup_url`, and that a second of an
address is refused, is documented; paths and bodies are assumed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.views.decorators.debug import sensitive_variables

from clients.vendors import imail_wire as wire
from clients.vendors.errors import Rejected, UnexpectedAnswer, VendorError
from clients.vendors.imail_campaigns import Campaigns
from clients.vendors.imail_lists import LABEL
from clients.vendors.imail_wire import PATHS
from clients.vendors.imail_writes import read_object, setup_page
from clients.vendors.inboxes import SMTP, NewInbox, Server
from clients.vendors.records import SenderRecord
from clients.vendors.rows import BadField

TAKEN = 409
#: Their field → ours, for what a refusal is about.
PLACES = {
    "email": "email",
    "provider": "provider",
    "display_name": "name",
    "smtp": "smtp_host",
    "smtp.host": "smtp_host",
    "smtp.port": "smtp_port",
    "smtp.username": "username",
    "smtp.password": "password",
    "imap": "imap_host",
    "imap.host": "imap_host",
    "imap.port": "imap_port",
    "daily_limit": "daily_limit",
}


class Inboxes(Campaigns):
    inbox_providers: ClassVar[Mapping[str, str]] = {
        "google": "Google: its owner signs in there",
        "microsoft": "Microsoft: its owner signs in there",
        SMTP: "Another: by SMTP, with its password",
    }

    @sensitive_variables()
    def connect_inbox(self, new: NewInbox) -> tuple[SenderRecord, str]:
        try:
            content = read_object(self._send("POST", PATHS["inboxes"], _body(new)))
        except VendorError as error:
            problem = _placed(error, {server.password for server in (new.smtp, new.imap) if server})
        else:
            return _made(content)
        # Raised out here: its context would hold the body, and with it the password.
        raise problem


def _made(content: dict[str, Any]) -> tuple[SenderRecord, str]:
    try:
        return wire.sender(content), setup_page(content)
    except BadField as bad:
        raise UnexpectedAnswer(f"{LABEL} sent an inbox whose '{bad.field}' {bad.why}.", bad.field) from None


@sensitive_variables()
def _body(new: NewInbox) -> dict[str, Any]:
    servers = {name: _server(server) for name, server in (("smtp", new.smtp), ("imap", new.imap)) if server}
    limit = {"daily_limit": new.daily_limit} if new.daily_limit else {}
    told = {"email": new.email, "display_name": new.name, "provider": new.provider, "warmup_enabled": new.warms_up}
    return {**told, **servers, **limit}


@sensitive_variables()
def _server(server: Server) -> dict[str, Any]:
    known = {"host": server.host, "port": server.port, "username": server.username}
    return {**known, "password": server.password, "tls": server.tls}


@sensitive_variables()
def _placed(error: VendorError, passwords: Collection[str]) -> VendorError:
    """With our fields, and without a password that the vendor may have repeated."""

    def hidden(text: str) -> str:
        for password in filter(None, passwords):
            text = text.replace(password, "[hidden]")
        return text

    if isinstance(error, Rejected):
        fields = {PLACES.get(theirs, theirs): hidden(said) for theirs, said in error.fields.items()}
        if error.status == TAKEN and not fields:
            fields = {"email": hidden(error.said or error.text)}
        return Rejected(hidden(error.text), error.status, fields, hidden(error.said))
    error.text = hidden(error.text)
    error.args = (error.text, *error.args[1:])
    if said := getattr(error, "said", ""):
        error.said = hidden(said)  # type: ignore[attr-defined]
    error.__cause__ = error.__context__ = error.__traceback__ = None
    return error
