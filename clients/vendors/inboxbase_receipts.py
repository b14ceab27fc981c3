"""A mail as InboxBase is asked to send it, and what it says became of it.

Reference: https://docs.12m.ai ('Send', the guide 'Sending', 'Errors'). The vendor has published two generations of the
answer to a mail under one address; the reader here takes both. What is assumed stands in `inboxbase_wire`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from clients.vendors.answers import Answer
from clients.vendors.errors import UnexpectedAnswer
from clients.vendors.inboxbase_wire import millis
from clients.vendors.mails import ASLEEP, FULL, INVALID, OTHER, UNWANTED, Letter, Receipt, Refusal, Sent
from clients.vendors.rows import MOST, whole
from clients.vendors.text import clean, sentence

ROWS = ("messages", "results")
TAKEN = ("accepted", "queued")
REFUSED = "rejected"
#: The vendor's word for why a recipient is refused → ours. The first two pass with the day, the errors page says.
REASONS = {
    "cap_exceeded": FULL,
    "no_accounts": FULL,
    "no_eligible_pool": FULL,
    "inactive": ASLEEP,
    "suspended": ASLEEP,
    "do_not_contact": UNWANTED,
    "invalid_recipient": INVALID,
}


def body(letter: Letter) -> dict[str, Any]:
    """Reference: 'Send'. The same for the same letter, always: under one key another body is refused."""
    said = {"text": letter.text, **({"html": letter.html} if letter.html else {})}
    if letter.conversation:
        return {"convId": letter.conversation, **said}
    return {"to": letter.to, "subject": letter.subject, **said}


def is_receipt(answer: Answer) -> bool:
    """A 429 that refuses every recipient tells so row by row, like a 202; any other 429 has an `error`."""
    if answer.status != 429:
        return False
    try:
        content = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return isinstance(content, dict) and any(isinstance(content.get(name), list) for name in ROWS)


def receipt(content: Any, letter: Letter, *, replayed: bool) -> Receipt:
    """Raises `UnexpectedAnswer` for what does not say in known words what became of this letter: it may have left."""
    found = next((content[name] for name in ROWS if isinstance(content.get(name), list)), None)
    if not found or not isinstance(found[0], dict):
        raise UnexpectedAnswer("InboxBase answered a mail without saying what became of it.", ROWS[0])
    row = next((one for one in found if isinstance(one, dict) and _is_of(one, letter)), None)
    if row is None:
        raise UnexpectedAnswer("InboxBase answered a mail with what became of somebody else's.", "to")
    return Receipt(_sent(row, replayed), _count(content.get("dailyCap")), _count(content.get("remaining")))


def _is_of(row: dict[str, Any], letter: Letter) -> bool:
    """A row that names nobody is ours. Whom a reply reaches the vendor decides."""
    to = row.get("to")
    return bool(letter.conversation) or not isinstance(to, str) or to.strip().casefold() == letter.to.casefold()


def _sent(row: dict[str, Any], replayed: bool) -> Sent:
    status, told = row.get("status"), row.get("reason")
    if status == REFUSED or (status is None and isinstance(told, str) and told in REASONS):
        reason = sentence(str(told or "no reason given"), 200)
        return Sent(Refusal(REASONS.get(reason, OTHER), reason), replayed=replayed)
    if status not in TAKEN:
        raise UnexpectedAnswer("InboxBase says in a word that is not known what became of a mail.", "status")
    account = row.get("account")
    return Sent(
        message=_text(row.get("id"), 255),
        conversation=_text(row.get("convId"), 64),
        queued=_text(row.get("pendingId"), 64),
        mailbox=_text(account.get("email"), 320) if isinstance(account, dict) else "",
        due_at=millis(row.get("dispatchAt")),
        replayed=replayed,
    )


def _count(value: Any) -> int | None:
    number = whole(value)
    return number if number is not None and 0 <= number <= MOST else None


def _text(value: Any, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""
