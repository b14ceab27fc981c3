"""A mail through an identity: rejected, handed over, or queued; and what follows from its having left."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.answers import Json
from sandbox.carrying import Letter
from sandbox.inboxbase.identity import DAY, Conversation, Identity, Mailbox
from sandbox.inboxbase.ids import hexed, iso, message_id, pick

ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z")
MINUTE = 60_000


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    text: str
    html: str
    timer: int = DAY
    labels: tuple[str, ...] = ()
    conversation: str = ""
    """Set where it answers one."""
    key: str = ""
    fate: str = field(default="", compare=False)
    """'reply', 'soft', 'hard' or 'none'; where nothing is said the recipient's address says it (`fate_of`)."""


def fate_of(address: str) -> str:
    """reply-1@… answers, soft-1@… bounces for now, bounce-1@… for good; all others stay silent."""
    word = address.partition("@")[0].split("-")[0].split(".")[0]
    return {"reply": "reply", "soft": "soft", "bounce": "hard"}.get(word, "")


def send(identity: Identity, mail: Mail, now: int, mode: str, queue: int) -> dict[str, Json]:
    """The recipient's row of the answer."""
    reason = refusal(identity, mail.to, now, mode)
    if reason:
        row: dict[str, Json] = {"to": mail.to, "status": "rejected", "reason": reason}
        if reason == "invalid_recipient":
            row["verification"] = {"status": "invalid", "reason": "mailbox does not exist"}
        return row
    known = identity.conversations.get(mail.conversation) or identity.with_peer(mail.to)
    mailbox, affinity = _mailbox(identity, known)
    conversation = known if mail.conversation and known else identity.opened(mail.to, mail.subject, now, mailbox)
    conversation.mailbox = mailbox
    _label(conversation, mail.labels, now)
    identity.used[now // DAY] += 1
    if mode == "direct":
        return _handed_over(identity, conversation, mail, mailbox, affinity, now)
    return _queued(identity, conversation, mail, known, now, queue)


def refusal(identity: Identity, to: str, now: int, mode: str) -> str:
    """Why it is not taken; '' where it is."""
    if identity.state == "suspended":
        return "suspended"
    if identity.state != "active":
        return "inactive"
    if mode == "queued" and to.startswith("invalid"):
        return "invalid_recipient"
    if to.lower() in identity.do_not_contact:
        return "do_not_contact"
    if not identity.eligible():
        return "no_accounts" if mode == "direct" else "no_eligible_pool"
    if not identity.remaining(now):
        return "cap_exceeded" if mode == "direct" else "no_eligible_pool"
    return ""


def leave(identity: Identity, conversation: Conversation, mail: Mail, affinity: str, now: int, pending: str = "") -> str:
    """It is gone, now: the message's id."""
    mailbox = conversation.mailbox or identity.mailboxes[0]
    named = message_id(mailbox.email.partition("@")[2], identity.seed, identity.handle, identity.number())
    message = shown(named, mailbox.email, conversation.peer, mail.subject, mail.text, mail.html, now, "out")
    conversation.log.append({"type": "message", "ts": now, "tsIso": iso(now), "message": message})
    conversation.since_reply += 1
    conversation.timer = now + max(MINUTE, mail.timer)
    identity.later(conversation.timer, "timer", (conversation.id, conversation.timer, now))
    identity.sent.append(
        {"identity": identity.handle, "to": conversation.peer, "subject": mail.subject, "text": mail.text, "key": mail.key,
         "convId": conversation.id, "id": named, "at": iso(now), "from": mailbox.email}
    )  # fmt: skip
    identity.outgoing.append(Letter(named, mailbox.email, conversation.peer, mail.subject, mail.text, mail.html, now))
    identity.emit(
        "email.sent", now, conversation.id, recipient=conversation.peer, affinity=affinity, message=message,
        account={"id": mailbox.id, "email": mailbox.email}, **({"pendingId": pending} if pending else {}),
    )  # fmt: skip
    _follow(identity, conversation, mail.fate or fate_of(conversation.peer), now)
    return named


def shown(named: str, sender: str, to: str, subject: str, text: str, html: str, at: int, direction: str) -> dict[str, Json]:
    return {
        "id": named, "messageIdHeader": named, "from": sender, "to": to, "cc": "", "subject": subject, "text": text, "html": html,
        "snippet": text[:80], "ts": at, "direction": direction,
    }  # fmt: skip


def answer_subject(subject: str) -> str:
    """Re: once, however often it was answered."""
    return "Re: " + re.sub(r"^(?:re:\s*)+", "", subject, flags=re.IGNORECASE)


def _handed_over(
    identity: Identity, conversation: Conversation, mail: Mail, mailbox: Mailbox, affinity: str, now: int
) -> dict[str, Json]:
    named = leave(identity, conversation, mail, affinity, now)
    return {
        "to": mail.to,
        "id": named,
        "status": "accepted",
        "convId": conversation.id,
        "affinity": affinity,
        "account": {"id": mailbox.id, "email": mailbox.email},
    }


def _queued(
    identity: Identity, conversation: Conversation, mail: Mail, known: Conversation | None, now: int, queue: int
) -> dict[str, Json]:
    kind = "warm" if known and known.since_reply < 3 else "cold_followup" if known else "cold_first_contact"
    pending, at = hexed("psn", identity.seed, identity.handle, identity.number()), now + (0 if kind == "warm" else queue)
    pinned = conversation.mailbox.id if known and conversation.mailbox else None
    identity.emit(
        "email.queued", now, conversation.id, pendingId=pending, recipient=mail.to, sendClass=kind, dispatchAt=at,
        pinnedAccountId=pinned, subject=mail.subject, labels=list(mail.labels),
    )  # fmt: skip
    identity.later(at, "dispatch", (conversation.id, mail, "existing" if known else "new", pending))
    return {
        "to": mail.to, "status": "queued", "sendClass": kind, "pendingId": pending, "convId": conversation.id,
        "pinnedAccountId": pinned, "dispatchAt": at, "dispatchAtIso": iso(at),
    }  # fmt: skip


def _mailbox(identity: Identity, known: Conversation | None) -> tuple[Mailbox, str]:
    eligible = identity.eligible()
    if known and known.mailbox in eligible:
        return known.mailbox, "existing"
    return eligible[pick(len(eligible), identity.seed, identity.handle, len(identity.sent))], "reassigned" if known else "new"


def _label(conversation: Conversation, labels: tuple[str, ...], now: int) -> None:
    for label in labels:
        if label not in conversation.labels:
            conversation.labels.append(label)
            conversation.log.append({"type": "label_added", "ts": now, "tsIso": iso(now), "label": label})


def _follow(identity: Identity, conversation: Conversation, fate: str, now: int) -> None:
    if fate == "reply":
        wait = 10 * MINUTE + pick(600, identity.seed, conversation.id) * MINUTE
        identity.later(now + wait, "reply", (conversation.id, "Sounds good, tell me more."))
    elif fate in ("soft", "hard"):
        identity.later(now + MINUTE, "bounce", (conversation.id, fate))
