"""What imail sends by itself. Reference: https://imail.now/api-docs, 'Webhooks' and 'Events'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.vendors.conversations import Stirred
from clients.vendors.hooks import RAW, TIMED, HookScheme, Reader
from clients.vendors.records import Record


def _senders(data: dict[str, Any]) -> Sequence[Record]:
    # The event may be late; the list says how the inbox is now.
    return (Stirred("senders"),)


#: Mails and replies come by the thousand, and their figures are read each quarter of an hour: those events are kept, no more.
READERS: dict[str, Reader] = dict.fromkeys(("inbox.disconnected", "inbox.reconnected", "warmup.threshold_paused"), _senders)
#: Assumed, but for HMAC-SHA256 with the webhook's secret: the names of headers and fields, and which of two styles it is.
HOOKS = HookScheme(
    headers=("X-Imail-Signature", "Imail-Signature"),
    secret_prefix="whsec_",  # noqa: S106  (what every secret begins with)
    where="In imail under Settings → Webhooks: add a webhook with this address, and choose all events or those you want.",
    readers=READERS,
    styles=(TIMED, RAW),
    at="created_at",
)
