"""InboxBase's events as it delivers them. Reference: https://docs.12m.ai/api-reference/webhooks-overview, '…-verify', '…-payload'

Each is in the identity's stream as well, from which the days are counted: a delivery only has the stream read at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clients.vendors.conversations import Stirred
from clients.vendors.hooks import HookScheme
from clients.vendors.records import Record

#: All nine that it names; of these, those after which a day counts something else.
COUNTING = ("email.sent", "email.replied", "email.bounced")
OTHERS = (
    "email.queued", "email.cancelled", "email.received", "email.no_reply", "email.send_failed_permanently", "mailbox.replaced",
)  # fmt: skip


def _stirs(data: dict[str, Any]) -> Sequence[Record]:
    return (Stirred("streams"),)


def _nothing(data: dict[str, Any]) -> Sequence[Record]:
    return ()


HOOKS = HookScheme(
    headers=("X-Inboxbase-Signature",),
    secret_prefix="whsec_",  # noqa: S106  (how one begins)
    where="In InboxBase under Developers → Webhooks: one endpoint for the whole org; its secret is shown once.",
    readers={**dict.fromkeys(COUNTING, _stirs), **dict.fromkeys(OTHERS, _nothing)},
    at="createdAt",
    seq="seq",
    stream="data.identity",
)
