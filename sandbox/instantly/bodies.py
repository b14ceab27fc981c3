"""What the body of a test must look like, refused in the words of the vendor's validator: part, path, rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sandbox.answers import Json
from sandbox.instantly.call import bad, is_uuid
from sandbox.instantly.vocabulary import CONDITIONS, Label
from sandbox.instantly.zones import ZONES

Check = Callable[[Json, str], None]
"""(value, where); raises RefusedError(400)."""

_TEST_CODE = re.compile(r"(ptid_)?(?!ptid_)[A-Za-z0-9_-]{1,45}\Z")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")
_NAMES: dict[type | tuple[type, ...], str] = {
    str: "string",
    bool: "boolean",
    list: "array",
    dict: "object",
    (int, float): "number",
}


def of(kind: type | tuple[type, ...]) -> Check:
    def check(value: Json, where: str) -> None:
        # True is an int in Python and not in JSON.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise bad(f"{where} must be {_NAMES[kind]}")

    return check


TEXT, NUMBER, BOOLEAN = of(str), of((int, float)), of(bool)


def filled(value: Json, where: str) -> None:
    TEXT(value, where)
    if not value.strip():
        raise bad(f"{where} must NOT have fewer than 1 characters")


def one_of(allowed: tuple[Json, ...], check: Check) -> Check:
    def checked(value: Json, where: str) -> None:
        check(value, where)
        if value not in allowed:
            raise bad(f"{where} must be equal to one of the allowed values")

    return checked


def nullable(check: Check) -> Check:
    def checked(value: Json, where: str) -> None:
        if value is not None:
            check(value, where)

    return checked


def each(check: Check) -> Check:
    def checked(value: Json, where: str) -> None:
        of(list)(value, where)
        for place, item in enumerate(value):
            check(item, f"{where}/{place}")

    return checked


def shaped(required: tuple[str, ...], fields: Mapping[str, Check]) -> Check:
    """An object with no other fields than these."""

    def checked(value: Json, where: str) -> None:
        of(dict)(value, where)
        for name in required:
            if name not in value:
                raise bad(f"{where} must have required property '{name}'")
        for name in value:
            if name not in fields:
                raise bad(f"{where} must NOT have additional properties")
        for name, given in value.items():
            fields[name](given, f"{where}/{name}")

    return checked


def _uuid(value: Json, where: str) -> None:
    is_uuid(value, where)


def _clock(value: Json, where: str) -> None:
    TEXT(value, where)
    if not _CLOCK.match(value):
        raise bad(f'{where} must match pattern "^([01]\\d|2[0-3]):[0-5]\\d$"')


def _test_code(value: Json, where: str) -> None:
    TEXT(value, where)
    if value.strip() and not _TEST_CODE.match(value):
        raise bad(f'{where} must match pattern "^\\s*$|^(ptid_)?(?!ptid_)[A-Za-z0-9_-]{{1,45}}$"')


_SCHEDULE = shaped(
    (),
    {
        "days": shaped((), dict.fromkeys("0123456", BOOLEAN)),
        "timing": shaped((), {"from": _clock, "to": _clock}),
        "timezone": one_of(ZONES, TEXT),
    },
)
_AUTOMATION = shaped(
    ("when", "then"),
    {
        "when": shaped(("condition",), {"condition": one_of(CONDITIONS, TEXT), "condition_value": nullable(NUMBER)}),
        "then": shaped(
            (),
            {
                "webhook_url": TEXT,
                "pause_sending_campaigns_for": NUMBER,
                "pause": BOOLEAN,
                "enable_slow_ramp": BOOLEAN,
                "disable_slow_ramp": BOOLEAN,
                "add_tags": each(_uuid),
                "remove_tags": each(_uuid),
            },
        ),
    },
)
_STATUS = nullable(one_of((1, 2, 3), NUMBER))
_LABEL = shaped(
    ("region", "sub_region", "type", "esp"), {"region": TEXT, "sub_region": TEXT, "type": TEXT, "esp": TEXT}
)  # fmt: skip
_NEW = shaped(
    ("name", "type", "sending_method", "email_subject", "email_body", "emails"),
    {
        "name": filled,
        "delivery_mode": nullable(one_of((1, 2), NUMBER)),
        "description": nullable(TEXT),
        "schedule": _SCHEDULE,
        "type": one_of((1, 2), NUMBER),
        "sending_method": one_of((1, 2), NUMBER),
        "campaign_id": nullable(_uuid),
        "email_subject": TEXT,
        "email_body": TEXT,
        "emails": each(TEXT),
        "test_code": nullable(_test_code),
        "tags": nullable(each(_uuid)),
        "text_only": nullable(BOOLEAN),
        "recipients_labels": each(_LABEL),
        "timestamp_next_run": nullable(TEXT),
        "automations": nullable(each(_AUTOMATION)),
        "status": _STATUS,
        "not_sending_status": nullable(TEXT),
        "run_immediately": BOOLEAN,
    },
)
_CHANGED = shaped(
    (), {"name": filled, "schedule": _SCHEDULE, "automations": nullable(each(_AUTOMATION)), "status": _STATUS}
)  # fmt: skip


def new_test(body: dict[str, Json]) -> None:
    """The schema, and what the live server demands beyond it."""
    _NEW(body, "body")
    if not body["emails"] and not body.get("tags"):
        raise bad("Either tags or emails must be provided")
    if body["sending_method"] == 1:
        for name in ("delivery_mode", "recipients_labels"):
            if not body.get(name):
                raise bad(f"body must have required property '{name}'")
    if body["type"] == 2:
        if "schedule" not in body:
            raise bad("body must have required property 'schedule'")
        whole_schedule(body["schedule"])


def whole_schedule(schedule: dict[str, Json]) -> None:
    """What a test needs to run again and again."""
    for name in ("days", "timing", "timezone"):
        if name not in schedule:
            raise bad(f"body/schedule must have required property '{name}'")
    for name in ("from", "to"):
        if name not in schedule["timing"]:
            raise bad(f"body/schedule/timing must have required property '{name}'")
    if not any(schedule["days"].values()):
        raise bad("body/schedule/days must NOT have fewer than 1 items")


def changed_test(body: dict[str, Json]) -> None:
    _CHANGED(body, "body")


def labels(given: list[dict[str, str]], allowed: tuple[Label, ...]) -> tuple[Label, ...]:
    """The seed groups of the plan that are meant."""
    found = []
    for place, wanted in enumerate(given):
        label = next((one for one in allowed if one.values() == wanted), None)
        if label is None:
            raise bad(f"body/recipients_labels/{place} must be equal to one of the allowed values")
        if label not in found:
            found.append(label)
    return tuple(found)
