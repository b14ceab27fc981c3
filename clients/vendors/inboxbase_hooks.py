"""InboxBase's events as it delivers them. Reference: https://docs.12m.ai/api-reference/webhooks-overview, '…-verify', '…-payload'

Each is in the identity's stream as well, from which days are counted and conversations told: a delivery only has it read at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.vendors.conversations import Stirred
from clients.vendors.hooks import HookScheme, noting
from clients.vendors.records import Record

#: All nine that it names; of these, those after which a day, a conversation or a mail of ours is another.
COUNTING = (
    "email.sent", "email.received", "email.replied", "email.bounced", "email.cancelled", "email.send_failed_permanently",
)  # fmt: skip
OTHERS = {
    "email.queued": noting("Counted once it is sent."),
    "email.no_reply": noting("That no answer came in time is not counted here."),
    "mailbox.replaced": noting("The mailboxes behind an identity are not kept here."),
}


def _stirs(data: dict[str, Any]) -> Sequence[Record]:
    return (Stirred("streams"),)


HOOKS = HookScheme(
    headers=("X-Inboxbase-Signature",),
    secret_prefix="whsec_",  # noqa: S106  (how one begins)
    where="In InboxBase under Developers → Webhooks: one endpoint for the whole org; its secret is shown once.",
    readers={**dict.fromkeys(COUNTING, _stirs), **OTHERS},
    at="createdAt",
    seq="seq",
    stream="data.identity",
)
