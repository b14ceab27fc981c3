"""Swapping seeds for fresh ones, once in 30 days."""

from __future__ import annotations

import zlib
from random import Random

from sandbox.answers import Json
from sandbox.clock import at, iso
from sandbox.inboxally.account import Account, Shuffle
from sandbox.inboxally.pool import add_seed, shared_out
from sandbox.inboxally.vocabulary import COOLDOWN_DAYS, PROVIDERS

COOLDOWN = COOLDOWN_DAYS * 86400


def start(account: Account, asked: dict[str, Json], now: int, seconds: int) -> Shuffle:
    """The shuffle as asked for; `settle` carries it out `seconds` later. The cooldown must have been checked."""
    serial = account.next_serial()
    shuffle = Shuffle(
        serial=serial,
        id=f"shf_{zlib.crc32(f'{account.name}/{serial}'.encode()):08x}",
        asked=asked,
        created=now,
        completes=now + seconds,
        before=_percents(account),
        seeds_total=len(account.active_seeds()),
    )
    account.shuffles.append(shuffle)
    return shuffle


def settle(account: Account, now: int, fails: bool = False) -> None:
    """Completes the pending shuffle when its time has come."""
    for shuffle in account.shuffles[-1:]:
        if shuffle.status != "pending" or shuffle.completes > now:
            continue
        if not fails:
            _swap(account, shuffle)
        shuffle.status = "failed" if fails else "completed"
        shuffle.after = _percents(account)


def last_good(account: Account) -> Shuffle | None:
    return next((one for one in reversed(account.shuffles) if one.status != "failed"), None)


def allowed_at(account: Account) -> int:
    """Epoch second from which on a shuffle is accepted."""
    last = last_good(account)
    return last.created + COOLDOWN if last else 0


def values(shuffle: Shuffle) -> dict[str, Json]:
    done = shuffle.status != "pending"
    return {
        "id": shuffle.id,
        **shuffle.asked,
        "status": shuffle.status,
        "seeds_total": shuffle.seeds_total,
        "seeds_replaced": shuffle.seeds_replaced,
        "provider_mix_before": shuffle.before,
        "provider_mix_after": shuffle.after if done else None,
        "created_at": iso(at(shuffle.created)),
        "completed_at": iso(at(shuffle.completes)) if done else None,
        "next_allowed_at": None if shuffle.status == "failed" else iso(at(shuffle.created + COOLDOWN)),
    }


def _swap(account: Account, shuffle: Shuffle) -> None:
    leaving, coming = _numbers(account, shuffle.asked)
    rng = Random(shuffle.id)
    for provider, number in leaving.items():
        for seed in rng.sample(account.active_seeds(provider), number):
            seed.status, seed.updated = "inactive", shuffle.completes
    for provider, number in coming.items():
        for _ in range(number):
            add_seed(account, provider, shuffle.completes)
    shuffle.seeds_replaced = sum(leaving.values())


def _numbers(account: Account, asked: dict[str, Json]) -> tuple[dict[str, int], dict[str, int]]:
    """How many seeds leave and come at each mailbox provider; the sums are equal."""
    have = account.seed_numbers()
    total = sum(have.values())
    if asked["method"] == "in_place":
        # Shared out by what is there, so that a percentage of the whole is met and the mix stays.
        out = shared_out(_rounded(total * asked["percentage"]), have) if have else {}
        return out, out
    if asked["method"] == "in_place_by_provider":
        wanted = asked["provider_percentages"]
        out = {name: _rounded(number * wanted.get(name, 0)) for name, number in have.items()}
        return out, out
    # The vendor does not say which seeds a custom shuffle spares; none is the case that hurts most.
    return have, shared_out(total, asked["provider_mix"])


def _rounded(hundredths: int) -> int:
    return (hundredths + 50) // 100


def _percents(account: Account) -> dict[str, int]:
    return shared_out(100, account.seed_numbers()) if account.seeds else dict.fromkeys(PROVIDERS, 0)
