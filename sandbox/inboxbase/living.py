"""What happens by itself as the clock goes on: dispatches, replies, bounces, expired timers, a mailbox that dies."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from sandbox.answers import Json
from sandbox.inboxbase.identity import Conversation, Identity, Mailbox
from sandbox.inboxbase.ids import hexed, iso, message_id
from sandbox.inboxbase.sending import Mail, answer_subject, leave, send, shown

_BOUNCES = {"hard": ("5.1.1", "550 5.1.1 The email account does not exist"), "soft": ("4.2.2", "452 4.2.2 Mailbox full")}


def settle(identity: Identity, now: int) -> None:
    """Everything that is due by now, in its order and at its time."""
    while identity.ahead and identity.ahead[0][0] <= now:
        at, _, what, told = heapq.heappop(identity.ahead)
        _HAPPENINGS[what](identity, at, *told)


def replied(identity: Identity, at: int, conversation: str, text: str) -> None:
    found = identity.conversations[conversation]
    mailbox = found.mailbox.email if found.mailbox else identity.handle
    named = message_id(found.peer.partition("@")[2], identity.seed, identity.handle, identity.number())
    message = shown(named, found.peer, mailbox, answer_subject(found.subject), text, "", at, "in")
    found.log.append({"type": "message", "ts": at, "tsIso": iso(at), "message": message})
    found.timer, found.since_reply = None, 0
    identity.emit("email.replied", at, found.id, message=message)


def received(identity: Identity, at: int, sender: str, subject: str, text: str) -> str:
    """Mail of somebody who was never written to: their new conversation."""
    mailbox = identity.mailboxes[0]
    found = identity.opened(sender, subject, at, mailbox)
    named = message_id(sender.partition("@")[2], identity.seed, identity.handle, identity.number())
    message = shown(named, sender, mailbox.email, subject, text, "", at, "in")
    found.log.append({"type": "message", "ts": at, "tsIso": iso(at), "message": message})
    found.since_reply = 0
    identity.emit("email.received", at, found.id, message=message)
    return found.id


def bounced(identity: Identity, at: int, conversation: str, kind: str) -> None:
    """A hard one marks the recipient, whom nobody writes to again; mails to them that still wait are cancelled."""
    found, (code, diagnostic) = identity.conversations[conversation], _BOUNCES[kind]
    found.timer = None
    if found.mailbox:
        found.mailbox.health -= 1
    if identity.bounce_mails:
        _returned(identity, at, found, diagnostic)
    else:
        told = {"recipient": found.peer, "bounceType": kind, "statusCode": code, "diagnostic": diagnostic}
        identity.emit("email.bounced", at, found.id, **told)
    if kind == "hard":
        identity.do_not_contact.add(found.peer)


def _returned(identity: Identity, at: int, found: Conversation, diagnostic: str) -> None:
    mailbox = found.mailbox.email if found.mailbox else identity.handle
    sender = f"mailer-daemon@{mailbox.partition('@')[2]}"
    named = message_id(sender.partition("@")[2], identity.seed, identity.handle, identity.number())
    message = shown(named, sender, mailbox, "Delivery Status Notification (Failure)", diagnostic, "", at, "in")
    found.log.append({"type": "message", "ts": at, "tsIso": iso(at), "message": message})
    identity.emit("email.replied", at, found.id, message=message)


def replaced(identity: Identity, at: int, old: str) -> None:
    """The mailbox dies; another takes its recipients over."""
    dead = next(one for one in identity.mailboxes if one.id == old)
    domain = dead.email.partition("@")[2]
    made = Mailbox(
        hexed("acc", identity.seed, identity.handle, identity.number()), f"{identity.name.split()[0].lower()}.2@{domain}"
    )
    identity.mailboxes[identity.mailboxes.index(dead)] = made
    moved = [one for one in identity.conversations.values() if one.mailbox is dead]
    for one in moved:
        one.mailbox = made
    identity.emit("mailbox.replaced", at, None, oldAccountId=old, newAccountId=made.id, recipientsRepinned=len(moved))


def _expired(identity: Identity, at: int, conversation: str, timer: int, since: int) -> None:
    found = identity.conversations[conversation]
    if found.timer != timer:
        return
    found.timer, found.expired = None, at
    found.log.append({"type": "no_reply_expired", "ts": at, "tsIso": iso(at), "waitedMs": at - since})
    identity.emit("email.no_reply", at, found.id, waitedMs=at - since)


def _dispatched(identity: Identity, at: int, conversation: str, mail: Mail, affinity: str, pending: str) -> None:
    found = identity.conversations[conversation]
    gone = found.peer in identity.do_not_contact
    if gone or found.mailbox not in identity.eligible():
        reason = "do_not_contact" if gone else "no_eligible_pool"
        identity.emit("email.cancelled", at, found.id, pendingId=pending, recipient=found.peer, reason=reason)
        return
    leave(identity, found, mail, affinity, at, pending)


def _history(identity: Identity, at: int, mail: Mail) -> None:
    """A mail of the time before."""
    send(identity, mail, at, "direct", 0)


_HAPPENINGS: dict[str, Callable[..., Json]] = {
    "history": _history,
    "dispatch": _dispatched,
    "reply": replied,
    "bounce": bounced,
    "timer": _expired,
    "replace": replaced,
}
