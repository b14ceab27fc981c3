"""A mailbox that a vendor shall send from, as its owner describes it."""

from __future__ import annotations

from dataclasses import dataclass, field

SMTP = "smtp"  # the provider that is reached by a password of its own


@dataclass(frozen=True, slots=True)
class Server:
    """The password goes to the vendor alone, and into no text."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    tls: bool = True


@dataclass(frozen=True, slots=True)
class NewInbox:
    """`smtp` and `imap` where the provider is `SMTP`; without `imap` no reply is read."""

    email: str
    provider: str
    name: str = ""
    smtp: Server | None = None
    imap: Server | None = None
    daily_limit: int | None = None
    warms_up: bool = True
