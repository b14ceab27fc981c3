"""A test that is asked for, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from clients.forms.addresses import without_password
from clients.forms.automations import CONDITIONS
from clients.models import TestKind, TestOrder
from clients.ordering import recipes, steering
from clients.ordering.amounts import Amount
from clients.vendors.testing import AUTOMATED, NewTest, SeedGroup

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
        ("Each sender writes to", _seeds(amount) + (_BOUND if amount.at_most else "")),
        ("Delivery", "one by one" if wanted["delivery"] == "one" else "all together"),
        ("Sent by", "yourself, from outside" if _is_outside(order) else order.connection.vendor_class.label),
    ]
    if wanted["kind"] == AUTOMATED:
        rows.append(("Runs", steering.told(recipes.schedule(wanted)) + (", and once now" if wanted["at_once"] else "")))
        rows += [("Then", _automation(said)) for said in wanted["automations"]]
    return rows


def automations(made: NewTest) -> list[str]:
    """What the vendor does by itself after a run, a sentence each: 'when inboxing goes below 20 %, pause the sender'. Of a
    webhook its host alone: the address may be as good as a key, and this is for everybody who may look."""
    return [_automation(recipes.said(one) | {"webhook": _host(one.webhook)}) for one in made.automations]


def cost(order: TestOrder, amount: Amount) -> str:
    """What confirming sends, and what it uses up."""
    automated, senders = order.wanted["kind"] == AUTOMATED, len(order.senders)
    quota = "It uses the plan's quota of tests" + (", with each run." if automated else ".")
    if _is_outside(order):
        return f"Nothing is sent by the vendor: you send one mail from each of {_number(senders, 'sender')} to each seed. {quota}"
    if amount.seeds is None:
        many = (
            f"one real e-mail from each of {_number(senders, 'sender')} to each seed; the vendor tells how many seeds only after"
        )
    else:
        most = "at most " if amount.at_most else "" if amount.exact else "about "
        many = f"{most}{_number(senders * amount.seeds, 'real e-mail')}: {_number(senders, 'sender')} × {_seeds(amount)}"
    when = "Each run sends" if automated else "This sends"
    return f"{when} {many}. They count on the senders' daily limits. {quota}"


def _is_outside(order: TestOrder) -> bool:
    return bool(order.wanted["method"] == "outside")


def _seeds(amount: Amount) -> str:
    if amount.seeds is None:
        return "so many seeds as the groups have: no earlier test tells their number"
    most = "at most " if amount.at_most else "" if amount.exact else "about "
    return f"{most}{_number(amount.seeds, 'seed')}"


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _host(webhook: str) -> str:
    return f"a webhook at {urlsplit(webhook).hostname or 'an address'}" if webhook else ""


def _automation(said: dict[str, Any]) -> str:
    when = f"when {CONDITIONS[said['condition']]}"
    if said.get("threshold") is not None:
        when += f" {said['threshold']:g} %"
    ramp = {"on": "turn slow ramp on", "off": "turn slow ramp off"}.get(said.get("slow_ramp") or "", "")
    what = [
        f"pause campaigns for {_number(said['pause_days'], 'day')}" if said.get("pause_days") else "",
        "pause the sender" if said.get("pause") else "",
        ramp,
        f"call {without_password(said['webhook'])}" if said.get("webhook") else "",
        f"put on {_number(len(said['add_tags']), 'tag')}" if said.get("add_tags") else "",
        f"take off {_number(len(said['remove_tags']), 'tag')}" if said.get("remove_tags") else "",
    ]
    return f"{when}, {', '.join(filter(None, what))}"
