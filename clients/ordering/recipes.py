"""What a form asked for, as what the vendor is asked for; and the other way round, for a test that is made again."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import escape, linebreaks

from clients.models import TestOrder
from clients.vendors.testing import AUTOMATED, Automation, NewTest, Schedule, SeedGroup

HTML, PLAIN = "html", "plain"


def new_test(order: TestOrder) -> NewTest:
    wanted = order.wanted
    automated = wanted["kind"] == AUTOMATED
    return NewTest(
        name=wanted["name"],
        subject=wanted["subject"],
        body=wanted["body"] if wanted["body_as"] == HTML else linebreaks(escape(wanted["body"])),
        kind=wanted["kind"],
        senders=tuple(order.senders),
        groups=tuple(group(key) for key in wanted["groups"]),
        outside=wanted["method"] == "outside",
        one_by_one=wanted["delivery"] == "one",
        text_only=wanted["text_only"],
        schedule=schedule(wanted) if automated else None,
        automations=tuple(map(automation, wanted["automations"])) if automated else (),
        at_once=wanted["at_once"],
        code=order.code,
        mark=order.mark,
    )


def group(key: str) -> SeedGroup:
    """Of `SeedGroup.key`."""
    parts = [*key.split("|", 3), "", "", ""]
    return SeedGroup(*parts[:4])


def schedule(wanted: dict[str, Any]) -> Schedule:
    return Schedule(tuple(map(int, wanted["days"])), wanted["start"], wanted["end"], wanted["zone"])


def asked_again(made: NewTest) -> dict[str, Any]:
    """A form's first values, but for the senders, which it has by their uuids."""
    at = made.schedule
    return {
        "kind": made.kind,
        "name": made.name,
        "subject": made.subject,
        "body": made.body,
        "body_as": HTML,
        "text_only": made.text_only,
        "groups": [one.key for one in made.groups],
        "delivery": "one" if made.one_by_one else "together",
        "method": "outside" if made.outside else "vendor",
        "at_once": True,
        **({"days": [str(day) for day in at.days], "start": at.start, "end": at.end, "zone": at.zone} if at else {}),
        "automations": [said(one) for one in made.automations],
    }


def said(one: Automation) -> dict[str, Any]:
    """As an order keeps it."""
    return {
        "condition": one.condition,
        "threshold": one.threshold,
        "webhook": one.webhook,
        "pause_days": one.pause_days,
        "pause": one.pause,
        "slow_ramp": "" if one.slow_ramp is None else "on" if one.slow_ramp else "off",
        "add_tags": list(one.add_tags),
        "remove_tags": list(one.remove_tags),
    }


def zone_like(name: str, offered: tuple[str, ...]) -> str:
    """The vendor's name for a zone whose clocks show the same all year; empty where it has none."""
    if name in offered:
        return name
    try:
        mine = _clocks(name)
    except (KeyError, ValueError, OSError):
        return ""
    alike = [other for other in offered if _clocks_or_none(other) == mine]
    area = re.match(r"\w+/", name)
    near = [other for other in alike if area and other.startswith(area[0])]
    return next(iter([*near, *alike]), "")


def _clocks(name: str) -> tuple[Any, ...]:
    year = timezone.now().replace(day=15, hour=12, minute=0, second=0, microsecond=0)
    zone = ZoneInfo(name)
    return tuple(year.replace(month=month).astimezone(zone).utcoffset() for month in range(1, 13))


def _clocks_or_none(name: str) -> tuple[Any, ...] | None:
    try:
        return _clocks(name)
    except (KeyError, ValueError, OSError):
        return None


def automation(kept: dict[str, Any]) -> Automation:
    return Automation(
        kept["condition"],
        kept.get("threshold"),
        kept.get("webhook", ""),
        kept.get("pause_days"),
        bool(kept.get("pause")),
        {"on": True, "off": False}.get(kept.get("slow_ramp", "")),
        tuple(kept.get("add_tags") or ()),
        tuple(kept.get("remove_tags") or ()),
    )
