"""What imail sends by itself. Reference: https://imail.now/api-docs, 'Webhooks' and 'Events'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.vendors import counting
from clients.vendors import imail_wire as wire
from clients.vendors.conversations import Noted, Stirred
from clients.vendors.hooks import RAW, TIMED, HookScheme, Reader, noting
from clients.vendors.records import Record


def _senders(data: dict[str, Any]) -> Sequence[Record]:
    # The event may be late; the list says how the inbox is now.
    return (Stirred("senders"),)


def _counting(what: str) -> Reader:
    def read(data: dict[str, Any]) -> Sequence[Record]:
        counted = wire.mail(what, data)
        return (counted,) if counted.recipient else (Noted("It names no recipient: not counted by mailbox provider."),)

    return read


#: All eleven that it names. Mails and replies come by the thousand, and their figures are read each quarter of an hour: those
#: events stir nothing. They alone tell to whom a mail went.
READERS: dict[str, Reader] = {
    **dict.fromkeys(("inbox.disconnected", "inbox.reconnected", "warmup.threshold_paused"), _senders),
    **{f"email.{what}": noting("Counted when outreach is read again.") for what in ("opened", "clicked")},
    "email.sent": _counting(counting.SENT),
    "email.delivered": _counting(counting.DELIVERED),
    "email.bounced.hard": _counting(counting.HARD),
    "email.bounced.soft": _counting(counting.SOFT),
    "reply.received": noting("Counted when outreach is read again."),
    "reply.classified": _counting(counting.ANSWERED),
}
#: Assumed, but for HMAC-SHA256 with the webhook's secret: the names of headers and fields, and which of two styles it is.
HOOKS = HookScheme(
    headers=("X-Imail-Signature", "Imail-Signature"),
    secret_prefix="whsec_",  # noqa: S106  (what every secret begins with)
    where="In imail under Settings → Webhooks: add a webhook with this address, and choose all events or those you want.",
    readers=READERS,
    styles=(TIMED, RAW),
    at="created_at",
    live="livemode",
    workspace="workspace_id",
    names={"campaign": "campaign_id", "sender": "inbox_id"},
    lost=("inbox.disconnected",),
    back=("inbox.reconnected",),
)
