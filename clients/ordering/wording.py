"""A test that is asked for, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from clients.models import TestKind, TestOrder
from clients.ordering import automating, recipes, steering
from clients.ordering.amounts import Amount
from clients.ordering.automating import number
from clients.vendors.testing import AUTOMATED, NewTest, SeedGroup

NAMED = 5  # variables that a sentence names
_VARIABLE = re.compile(r"\{\{[^{}|]{1,60}\}\}")

#: Behind the number of seeds: it is an upper bound, whatever it was worked out from.
_EXACT = ": so many had an earlier test with just these groups; how many get a mail this time, the vendor tells once it is made"
_SUMMED = ": so many had earlier tests with each of these groups; how many get a mail this time, the vendor tells once it is made"
_BOUND = ": an earlier test with these groups and others had so many; how many these have, the vendor tells once it is made"


def told(order: TestOrder, groups: Sequence[SeedGroup], amount: Amount) -> list[tuple[str, str]]:
    """Name and words of each thing that was asked for, as the preview lists them."""
    wanted = order.wanted
    rows = [
        ("Kind", str(TestKind(wanted["kind"]).label)),
        ("Subject", wanted["subject"]),
        ("Written as", "HTML" if wanted["body_as"] == recipes.HTML else "plain text"),
        ("Open pixel", "none" if wanted["text_only"] else "the vendor's own"),
        ("Seed groups", "; ".join(group.label for group in groups)),
        ("Each sender writes to", _seeds(amount) + _bound(amount)),
        ("Delivery", "one by one" if wanted["delivery"] == "one" else "all together"),
        ("Sent by", "yourself, from outside" if _is_outside(order) else order.connection.vendor_class.label),
    ]
    if wanted["kind"] == AUTOMATED:
        rows.append(("Runs", steering.told(recipes.schedule(wanted)) + (", and once now" if wanted["at_once"] else "")))
        rows += [("Then", automating.told(said)) for said in wanted["automations"]]
    return rows


def cost(order: TestOrder, amount: Amount) -> str:
    """What confirming sends, and what it uses up."""
    automated, senders = order.wanted["kind"] == AUTOMATED, len(order.senders)
    quota = "It uses the plan's quota of tests" + (", with each run." if automated else ".")
    if _is_outside(order):
        return f"Nothing is sent by the vendor: you send one mail from {_each(senders)} to each seed. {quota}"
    if amount.seeds is None:
        many = f"one real e-mail from {_each(senders)} to each seed; the vendor tells how many seeds only after"
    else:
        many = f"at most {number(senders * amount.seeds, 'real e-mail')}: {number(senders, 'sender')} × {_seeds(amount)}"
    when = "Each run sends" if automated else "This sends"
    return f"{when} {many}. They count on the senders' daily limits. {quota}"


def sent(made: NewTest, vendor: str) -> list[tuple[str, str]]:
    """Of a test that is there, name and words of what it was made of; `vendor`: its label. Of the mail's text nothing is kept."""
    return [
        ("Seed groups", "; ".join(group.label for group in made.groups) or "the vendor does not say"),
        ("Delivery", "one by one" if made.one_by_one else "all together"),
        ("Sent by", "yourself, from outside" if made.outside else vendor),
        ("Open pixel", "none" if made.text_only else "the vendor's own"),
        ("Mail", "its text is not kept here"),
    ]


def unfilled(order: TestOrder) -> list[str]:
    """Variables in the subject or the mail: a seed is no lead, so they reach it as they are written. Spintax is none."""
    found = _VARIABLE.findall(f"{order.wanted['subject']} {order.wanted.get('body', '')}")
    return list(dict.fromkeys(found))[:NAMED]


def _is_outside(order: TestOrder) -> bool:
    return bool(order.wanted["method"] == "outside")


def _bound(amount: Amount) -> str:
    if amount.seeds is None:
        return ""
    return _BOUND if amount.at_most else _EXACT if amount.exact else _SUMMED


def _seeds(amount: Amount) -> str:
    if amount.seeds is None:
        return "so many seeds as the groups have: no earlier test tells their number"
    return f"at most {number(amount.seeds, 'seed')}"


def _each(senders: int) -> str:
    return "1 sender" if senders == 1 else f"each of {number(senders, 'sender')}"
