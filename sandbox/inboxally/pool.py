"""Where seeds come from: fresh addresses without end, the same for the same account."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from sandbox.inboxally.account import Account, Seed
from sandbox.inboxally.vocabulary import MAIL_DOMAINS, PROVIDERS

_GIVEN = (
    "maya", "noel", "iris", "theo", "lena", "hugo", "vera", "finn", "ruth", "joel", "mina", "axel", "nina", "owen",
    "zora", "karl", "elsa", "ivan", "tess", "rhys",
)  # fmt: skip
_FAMILY = (
    "lin", "park", "weber", "rossi", "novak", "silva", "berg", "haas", "moreau", "kane", "ortiz", "frost", "young",
    "adler", "costa", "dahl", "meyer", "reid",
)  # fmt: skip


def add_seed(account: Account, provider: str, now: int) -> Seed:
    serial = account.next_serial()
    rng = Random(f"{account.name}/{serial}")
    # The serial number keeps addresses apart when two people share a name.
    email = f"{rng.choice(_GIVEN)}.{rng.choice(_FAMILY)}.{serial:04}@{MAIL_DOMAINS[provider]}"
    seed = Seed(serial, email, provider, "active", now, now)
    account.seeds[email] = seed
    return seed


def shared_out(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Splits a whole number by shares; the largest remainders get what is left over, so the sum is exact."""
    whole = sum(shares.values())
    exact = {name: total * share / whole for name, share in shares.items()}
    parts = {name: int(value) for name, value in exact.items()}
    order = sorted(exact, key=lambda name: (parts[name] - exact[name], name))
    for name in order[: total - sum(parts.values())]:
        parts[name] += 1
    return {name: parts[name] for name in PROVIDERS if parts.get(name)}
