"""What imail sends by itself. Reference: https://imail.now/api-docs, 'Webhooks' and 'Events'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.vendors.conversations import Stirred
from clients.vendors.hooks import RAW, TIMED, HookScheme, Reader, noting
from clients.vendors.records import Record


def _senders(data: dict[str, Any]) -> Sequence[Record]:
    # The event may be late; the list says how the inbox is now.
    return (Stirred("senders"),)


#: All eleven that it names. Mails and replies come by the thousand, and their figures are read each quarter of an hour: those
#: events stir nothing.
READERS: dict[str, Reader] = {
    **dict.fromkeys(("inbox.disconnected", "inbox.reconnected", "warmup.threshold_paused"), _senders),
    **{
        f"email.{what}": noting("Counted when outreach is read again.")
        for what in ("sent", "delivered", "opened", "clicked", "bounced.hard", "bounced.soft")
    },
    "reply.received": noting("Counted when outreach is read again."),
    "reply.classified": noting("Counted when outreach and leads are read again."),
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
)
