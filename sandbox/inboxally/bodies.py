"""What a request body must look like. Everything not asked for is refused, so that a misspelt name cannot pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sandbox.answers import Json, invalid
from sandbox.inboxally.vocabulary import ACTIONS, METHODS, PRESETS, PROVIDERS, STATUSES, rules


def engagement_rules(value: Json, where: str = "body") -> dict[str, str | int]:
    """The whole object: a preset by name alone, or `custom` with all seven percentages."""
    given = _object(value, where, ("preset", *ACTIONS))
    preset = given.get("preset")
    if preset in PRESETS:
        if len(given) > 1:
            raise invalid(where, "percentages go with the preset custom only")
        return rules(preset)
    if preset != "custom":
        raise invalid(f"{where}.preset", f"not one of {', '.join((*PRESETS, 'custom'))}")
    return {"preset": "custom", **{action: _percentage(given.get(action), f"{where}.{action}") for action in ACTIONS}}


def shuffle(value: Json) -> dict[str, Json]:
    """The method and the one field that belongs to it, as they will be told back."""
    method = value.get("method")
    if method not in METHODS:
        raise invalid("body.method", f"not one of {', '.join(METHODS)}")
    field = {"in_place": "percentage", "in_place_by_provider": "provider_percentages", "custom": "provider_mix"}[method]
    given = _object(value, "body", ("method", field))
    where = f"body.{field}"
    if method == "in_place":
        return {"method": method, field: _percentage(given.get(field), where, least=1)}
    shares = _object(given.get(field), where, PROVIDERS)
    numbers = {provider: _percentage(share, f"{where}.{provider}") for provider, share in shares.items()}
    if method == "custom" and sum(numbers.values()) != 100:
        raise invalid(where, "must add up to 100")
    if not any(numbers.values()):
        raise invalid(where, "at least one must be above 0")
    return {"method": method, field: numbers}


def status(value: Json) -> str:
    return _status(_object(value, "body", ("status",)).get("status"))


def new_sender(value: Json) -> dict[str, Json]:
    """name, email, tags, status, engagement_rules, all filled in."""
    given = _object(value, "body", ("name", "email", "tags", "status", "engagement_rules"))
    email = _text(given.get("email"), "body.email")
    box, at, domain = email.partition("@")
    if not (box and at and "." in domain and "@" not in domain) or any(mark.isspace() for mark in email):
        raise invalid("body.email", "not an address")
    return {
        "email": email,
        "name": _text(given.get("name", email), "body.name"),
        "tags": _tags(given.get("tags", [])),
        "status": _status(given.get("status", "active")),
        "engagement_rules": engagement_rules(given.get("engagement_rules", {"preset": "default"}), "body.engagement_rules"),
    }


def sender_details(value: Json) -> dict[str, Json]:
    """Those of name, tags and seed_count that are to change."""
    given = _object(value, "body", ("name", "tags", "seed_count"))
    if "name" in given:
        _text(given["name"], "body.name")
    if "tags" in given:
        _tags(given["tags"])
    number = given.get("seed_count")
    if number is not None and (type(number) is not int or number < 0):
        raise invalid("body.seed_count", "not a whole number")
    return dict(given)


def _object(value: Json, where: str, allowed: Collection[str]) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise invalid(where, "not an object")
    for name in value:
        if name not in allowed:
            raise invalid(f"{where}.{name}", "not allowed here")
    return value


def _percentage(value: Json, where: str, least: int = 0) -> int:
    # True is an int in Python and not in JSON.
    if type(value) is not int or not least <= value <= 100:
        raise invalid(where, f"not a whole number from {least} to 100")
    return value


def _status(value: Json) -> str:
    if value not in STATUSES:
        raise invalid("body.status", f"not one of {', '.join(STATUSES)}")
    return str(value)


def _text(value: Json, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid(where, "not a text")
    return value


def _tags(value: Json) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(tag, str) and tag for tag in value):
        raise invalid("body.tags", "not a list of texts")
    return value
