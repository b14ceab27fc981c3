"""What a shuffle would do to the mix of an account's seeds, worked out before it is asked for.

A mix is the number of seeds at each mailbox provider. Vendors round in a way of their own, so the numbers are what to
expect, within a seed or two; what happened is read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clients.vendors.shuffles import BY_PROVIDER, IN_PLACE, Order

type Mix = Mapping[str, int]


class NoSense(ValueError):
    """An order that can't be carried out on this mix. `field` is the one to mend: 'percentage', 'shares' or a provider."""

    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Step:
    """One mailbox provider: seeds before and after, and how many leave: at least `fewest`, at most `most`."""

    provider: str
    before: int
    after: int
    fewest: int
    most: int

    @property
    def is_sure(self) -> bool:
        return self.fewest == self.most


@dataclass(frozen=True)
class DryRun:
    steps: tuple[Step, ...]

    @property
    def before(self) -> int:
        return sum(step.before for step in self.steps)

    @property
    def after(self) -> dict[str, int]:
        return {step.provider: step.after for step in self.steps if step.after}

    @property
    def fewest(self) -> int:
        return sum(step.fewest for step in self.steps)

    @property
    def most(self) -> int:
        return sum(step.most for step in self.steps)


def dry_run(order: Order, mix: Mix) -> DryRun:
    """Raises NoSense."""
    check(order)
    have = {provider: number for provider, number in mix.items() if number}
    if not have:
        raise NoSense("This account has no seeds to shuffle yet.", "percentage" if order.method == IN_PLACE else "shares")
    if order.method == IN_PLACE:
        return _swapped(have, shared_out(_rounded(sum(have.values()) * (order.percentage or 0)), have))
    if order.method == BY_PROVIDER:
        return _by_provider(order.shares, have)
    return _redistributed(have, shared_out(sum(have.values()), order.shares))


def check(order: Order) -> None:
    """What no mix could make sense of. Raises NoSense."""
    if order.method == IN_PLACE:
        if order.percentage is None or not 1 <= order.percentage <= 100:
            raise NoSense("A whole number from 1 to 100.", "percentage")
        return
    for provider, share in order.shares.items():
        if not 0 <= share <= 100:
            raise NoSense("A whole number from 0 to 100.", provider)
    total = sum(order.shares.values())
    if order.method == BY_PROVIDER and not total:
        raise NoSense("Name a percentage above 0 for at least one mailbox provider.", "shares")
    if order.method != BY_PROVIDER and total != 100:
        raise NoSense(f"The mix must add up to 100: it adds up to {total}.", "shares")


def shared_out(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Splits a whole number by weights; the largest remainders get what is left over, so the sum is exact."""
    whole = sum(weights.values())
    parts = {name: total * weight // whole for name, weight in weights.items()}
    left = total - sum(parts.values())
    for name in sorted(weights, key=lambda name: (-(total * weights[name] % whole), name))[:left]:
        parts[name] += 1
    return parts


def _by_provider(shares: Mapping[str, int], have: dict[str, int]) -> DryRun:
    leaving = {provider: _rounded(number * shares.get(provider, 0)) for provider, number in have.items()}
    if not any(leaving.values()):
        raise NoSense("Not one seed would be swapped: choose a mailbox provider that has seeds, or a larger part.", "shares")
    return _swapped(have, leaving)


def _swapped(have: dict[str, int], leaving: Mapping[str, int]) -> DryRun:
    return DryRun(tuple(Step(provider, number, number, n := leaving[provider], n) for provider, number in have.items()))


def _redistributed(have: dict[str, int], after: dict[str, int]) -> DryRun:
    """Which seeds a new mix spares is the vendor's choice: as few as must may leave, or all."""
    providers = dict.fromkeys([*have, *(name for name, number in after.items() if number)])
    each = ((provider, have.get(provider, 0), after.get(provider, 0)) for provider in providers)
    return DryRun(tuple(Step(provider, was, now, max(0, was - now), was) for provider, was, now in each))


def _rounded(hundredths: int) -> int:
    return (hundredths + 50) // 100
