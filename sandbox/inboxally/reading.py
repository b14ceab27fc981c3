"""The routes that change nothing: seeds, senders, broadcasts, and the state of shuffles."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.answers import Answer, Json, ok
from sandbox.clock import at, iso
from sandbox.inboxally import shuffling
from sandbox.inboxally.account import Seed, Sender
from sandbox.inboxally.call import Call, missing, page_of
from sandbox.inboxally.vocabulary import COOLDOWN_DAYS, PROVIDERS, STATUSES


def seeds(call: Call) -> Answer:
    status = call.one_of("status", (*STATUSES, "all")) or "active"
    wanted = [seed for seed in call.account.seeds.values() if status in ("all", seed.status)]
    return call.listed("seeds", page_of(wanted, lambda seed: seed.serial, Seed.values))


def seed(call: Call) -> Answer:
    found = call.account.seeds.get(call.named[0])
    if found is None:
        raise missing("Seed")
    return ok(found.values())


def senders(call: Call) -> Answer:
    return _senders(call, lambda sender: True)


def senders_of_domain(call: Call) -> Answer:
    return _senders(call, lambda sender: sender.domain == call.named[0])


def senders_with_tag(call: Call) -> Answer:
    return _senders(call, lambda sender: call.named[0] in sender.tags)


def sender(call: Call) -> Answer:
    return ok(shown(call, one_sender(call)))


def one_sender(call: Call) -> Sender:
    found = call.account.senders.get(call.named[0])
    if found is None:
        raise missing("Sender")
    return found


def shown(call: Call, sender: Sender) -> dict[str, Json]:
    return sender.values(call.account.mailings.last_activity(sender.email, call.now))


def _senders(call: Call, selected: Callable[[Sender], bool]) -> Answer:
    """Domain and tag match exactly and mind the case. Without a status both kinds are listed."""
    status, query = call.one_of("status", STATUSES), call.query
    after, before, since = call.moment("created_after"), call.moment("created_before"), call.moment("active_since")
    last_activity = call.account.mailings.last_activity

    def wanted(sender: Sender) -> bool:
        return (
            selected(sender)
            and (status is None or sender.status == status)
            and ("tag" not in query or query["tag"] in sender.tags)
            and ("domain" not in query or sender.domain == query["domain"])
            and (after is None or sender.created >= after)
            and (before is None or sender.created < before)
            and (since is None or (last_activity(sender.email, call.now) or 0) >= since)
        )

    found = [sender for sender in call.account.senders.values() if wanted(sender)]
    return call.listed("senders", page_of(found, lambda one: one.serial, lambda one: shown(call, one)))


def broadcasts(call: Call) -> Answer:
    provider, from_email = call.one_of("provider", PROVIDERS), call.query.get("from_email")
    wanted, mailings = (provider, from_email), call.account.mailings
    if call.switches.grow_every and "page_token" not in call.query:
        call.account.reads += 1
    now = call.account.arrived_by(call.now, call.switches.grow_every)
    return call.listed("broadcasts", lambda after, limit: mailings.page(wanted, after, limit, now, call.oldest))


def broadcast(call: Call) -> Answer:
    now = call.account.arrived_by(call.now, call.switches.grow_every)
    found = call.account.mailings.get(call.named[0], now, call.oldest)
    values = found and found.detail(now, call.switches.detail_providers)
    if values is None:
        raise missing("Broadcast")
    return ok(values)


def shuffle_status(call: Call) -> Answer:
    last = shuffling.last_good(call.account)
    return ok(
        {
            "allowed": shuffling.allowed_at(call.account) <= call.now,
            "cooldown_days": COOLDOWN_DAYS,
            "last_shuffle_at": iso(at(last.created)) if last else None,
            "next_allowed_at": iso(at(shuffling.allowed_at(call.account))) if last else None,
        }
    )


def last_shuffle(call: Call) -> Answer:
    if not call.account.shuffles:
        raise missing("Shuffle")
    return ok(shuffling.values(call.account.shuffles[-1]))


def shuffle_history(call: Call) -> Answer:
    newest_first = call.account.shuffles[::-1]
    return call.listed("shuffles", page_of(newest_first, lambda one: -one.serial, shuffling.values))
