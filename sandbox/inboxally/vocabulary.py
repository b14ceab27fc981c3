"""The closed word lists of the API, and the numbers behind the presets."""

from __future__ import annotations

PROVIDERS = ("gmail", "yahoo", "gsuite", "hotmail", "outlook", "ms365")
WITH_PROMOTIONS = frozenset({"gmail", "gsuite"})
MAIL_DOMAINS = {
    "gmail": "gmail.com",
    "yahoo": "yahoo.com",
    "gsuite": "harborline-studio.com",
    "hotmail": "hotmail.com",
    "outlook": "outlook.com",
    "ms365": "brightfold-office.com",
}
FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "live.com", "msn.com", "aol.com",
    "icloud.com", "gmx.de", "gmx.net", "web.de", "mail.com", "proton.me", "protonmail.com", "libero.it", "yandex.com",
})  # fmt: skip

STATUSES = ("active", "inactive")
METHODS = ("in_place", "in_place_by_provider", "custom")
COOLDOWN_DAYS = 30

ACTIONS = ("open", "scroll_down", "spam_to_inbox", "promo_to_inbox", "mark_important", "reply", "click_link")
# The vendor publishes no numbers; these only keep the order in which it describes the presets.
PRESETS = {
    "default": (60, 30, 80, 80, 20, 20, 20),
    "warmup": (80, 50, 100, 90, 40, 30, 30),
    "repair": (95, 70, 100, 100, 60, 45, 40),
    "boost": (85, 60, 95, 95, 45, 35, 35),
    "protect": (40, 20, 60, 50, 10, 10, 10),
}


def rules(preset: str) -> dict[str, str | int]:
    """The engagement rules object of a preset: its name and the seven percentages that follow from it."""
    return {"preset": preset, **dict(zip(ACTIONS, PRESETS[preset], strict=True))}
