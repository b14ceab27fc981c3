"""The vendors that are measured, found by what they have: no other file of the bench says which."""

from __future__ import annotations

from clients.vendors import VENDORS


def first_with(feed: str) -> str:
    return next(slug for slug, vendor in VENDORS.items() if feed in vendor.feeds)


BROADCASTS, TESTS = first_with("broadcasts"), first_with("tests")


def reached(vendor: str, url: str) -> dict[str, str]:
    """The environment in which it is at `url`, and as fast as it can."""
    return {f"{vendor.upper()}_URL": url, f"{vendor.upper()}_RATE": "0"}
