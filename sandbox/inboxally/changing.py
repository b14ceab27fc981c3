"""Changes that no route of the vendor makes: what the vendor or another user of the account does meanwhile."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sandbox.answers import Json
from sandbox.clock import Clock, iso
from sandbox.inboxally import bodies
from sandbox.inboxally.account import Account
from sandbox.inboxally.broadcasts import Broadcast, DailyMailings
from sandbox.inboxally.making import sender_id
from sandbox.inboxally.pool import add_seed
from sandbox.inboxally.vocabulary import PROVIDERS, rules


def change(account: Account, clock: Clock, what: dict[str, Json]) -> dict[str, Json]:
    """Carries out any of these and tells the ids of what was added.

    add_broadcasts: [{subject, from_email, providers: {gmail: [primary, promotions, spam]}, sent: ISO time until now}]
    remove_broadcasts: [id]     remove_newest_broadcasts: number
    add_seeds: {provider: number}     remove_seeds: [email]
    senders: {id: {name, tags, status, email, preset}}     remove_senders: [id]

    Raises an error for anything else: a name or a number that is none would spoil every later answer.
    """
    unknown = set(what) - set(_CHANGES)
    if unknown:
        raise ValueError(f"no change {', '.join(sorted(unknown))}; there are {', '.join(_CHANGES)}")
    told: dict[str, Json] = {}
    for name, value in what.items():
        told[name] = _CHANGES[name](account, clock, value)
    return told


def _add_broadcasts(account: Account, clock: Clock, wanted: list[dict[str, Any]]) -> list[str]:
    mailings, made = _mailings(account), []
    for one in wanted:
        sent = _moment(one["sent"], clock) if "sent" in one else int(clock.now().timestamp())
        counts = tuple(_counts(one["providers"].get(provider, (0, 0, 0))) for provider in PROVIDERS)
        mark = zlib.crc32(f"{account.name}/{account.next_serial()}".encode())
        known = sender_id(one["from_email"])
        broadcast = Broadcast(
            id=f"brd_added_{mark:08x}",
            subject=_text(one["subject"]),
            from_email=_text(one["from_email"]),
            sender_id=known if known in account.senders else None,
            sent=sent,
            span=0,
            counts=counts,
        )
        made.append(broadcast)
    for broadcast in made:
        mailings.add(broadcast)
    return [broadcast.id for broadcast in made]


def _remove_broadcasts(account: Account, clock: Clock, ids: list[str]) -> list[str]:
    return [one for one in ids if _mailings(account).remove(one)]


def _remove_newest_broadcasts(account: Account, clock: Clock, number: int) -> list[str]:
    now = int(clock.now().timestamp())
    arrived = [one.id for one in _mailings(account).visible(now, datetime.fromtimestamp(0, clock.now().tzinfo).date())]
    return _remove_broadcasts(account, clock, arrived[:number])


def _add_seeds(account: Account, clock: Clock, numbers: dict[str, int]) -> list[str]:
    now = int(clock.now().timestamp())
    return [add_seed(account, provider, now).email for provider, number in numbers.items() for _ in range(number)]


def _remove_seeds(account: Account, clock: Clock, emails: list[str]) -> list[str]:
    return [email for email in emails if account.seeds.pop(email, None)]


def _senders(account: Account, clock: Clock, changes: dict[str, dict[str, Any]]) -> list[str]:
    for identity, values in changes.items():
        sender = account.senders[identity]
        for name, value in values.items():
            if name == "preset":
                sender.rules = rules(value)
            elif name == "status":
                sender.status = bodies.status({"status": value})
            elif name == "tags":
                sender.tags = [_text(tag) for tag in value]
            elif name in ("name", "email"):
                setattr(sender, name, _text(value))
            else:
                raise ValueError(f"a sender has no {name!r} to change")
        sender.updated = int(clock.now().timestamp())
    return list(changes)


def _remove_senders(account: Account, clock: Clock, ids: list[str]) -> list[str]:
    return [one for one in ids if account.senders.pop(one, None)]


def _mailings(account: Account) -> DailyMailings:
    if not isinstance(account.mailings, DailyMailings):
        raise ValueError(f"the broadcasts of {account.name} follow from their number and cannot be changed")
    return account.mailings


def _counts(given: list[int]) -> tuple[int, int, int]:
    primary, promotions, spam = given
    if any(type(count) is not int or count < 0 for count in given):
        raise ValueError(f"{given} are no counts of primary, promotions and spam")
    return primary, promotions, spam


def _moment(given: str, clock: Clock) -> int:
    moment = datetime.fromisoformat(given)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment > clock.now():
        raise ValueError(f"{given} lies after the clock, which says {iso(clock.now())}")
    return int(moment.timestamp())


def _text(given: Json) -> str:
    if not isinstance(given, str):
        raise TypeError(f"{given!r} is no text")
    return given


_CHANGES: dict[str, Callable[[Account, Clock, Any], list[str]]] = {
    "add_broadcasts": _add_broadcasts,
    "remove_broadcasts": _remove_broadcasts,
    "remove_newest_broadcasts": _remove_newest_broadcasts,
    "add_seeds": _add_seeds,
    "remove_seeds": _remove_seeds,
    "senders": _senders,
    "remove_senders": _remove_senders,
}
