"""What a vendor does by itself after a run of a test, in words, and what tells whether it is still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from clients.forms.addresses import without_password
from clients.forms.automations import CONDITIONS
from clients.models import PlacementTest, TestOrder
from clients.ordering import recipes
from clients.vendors.testing import NewTest


def names(test: PlacementTest, made: NewTest) -> dict[str, str]:
    """Of the tags that its automations put on or take off, id → name, as far as the form that it was made with knew them."""
    if not any(one.add_tags or one.remove_tags for one in made.automations):
        return {}
    asked = TestOrder.objects.filter(test=test).order_by("pk").values_list("wanted__automations", flat=True)
    return {tag: name for some in asked for one in some or () for tag, name in (one.get("tag_names") or {}).items()}


def sentences(made: NewTest, names: Mapping[str, str] | None = None) -> list[str]:
    """What the vendor does by itself after a run, a sentence each: 'when inboxing goes below 20 %, pause the sender'. Of a
    webhook its host alone: the address may be as good as a key, and this is for everybody who may look. `names`: of tags."""
    own = {"tag_names": names or {}}
    return [told(recipes.said(one) | own | {"webhook": _host(one.webhook)}) for one in made.automations]


def digest(made: NewTest) -> str:
    """Of the automations that a form was made of."""
    return hashlib.sha256(repr(made.automations).encode()).hexdigest()[:16]


def told(said: dict[str, Any]) -> str:
    when = f"when {CONDITIONS[said['condition']]}"
    if said.get("threshold") is not None:
        when += f" {said['threshold']:g} %"
    ramp = {"on": "turn slow ramp on", "off": "turn slow ramp off"}.get(said.get("slow_ramp") or "", "")
    what = [
        f"pause campaigns for {number(said['pause_days'], 'day')}" if said.get("pause_days") else "",
        "pause the sender" if said.get("pause") else "",
        ramp,
        f"call {without_password(said['webhook'])}" if said.get("webhook") else "",
        f"put on {_tags(said, 'add_tags')}" if said.get("add_tags") else "",
        f"take off {_tags(said, 'remove_tags')}" if said.get("remove_tags") else "",
    ]
    return f"{when}, {', '.join(filter(None, what))}"


def _tags(said: dict[str, Any], which: str) -> str:
    """By their names, where the form knew them: the vendor's own answer has their ids alone."""
    known = said.get("tag_names") or {}
    return number(len(said[which]), "tag") + ": " + ", ".join(f"‘{known.get(tag, tag[:8] + '…')}’" for tag in said[which])


def number(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _host(webhook: str) -> str:
    return f"a webhook at {urlsplit(webhook).hostname or 'an address'}" if webhook else ""
