"""Where a vendor is asked, and how often: its class says it, and the environment says it instead."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from clients.apps import heed
from clients.vendors import VENDORS
from clients.vendors.base import Vendor

EACH = pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)


@pytest.fixture(autouse=True)
def _as_before(settings: Any) -> None:
    for slug in VENDORS:
        for what in ("URL", "RATE"):
            setattr(settings, f"{slug.upper()}_{what}", getattr(settings, f"{slug.upper()}_{what}"))


@EACH
def test_without_a_word_it_is_the_vendors_own(vendor: type[Vendor], monkeypatch: pytest.MonkeyPatch) -> None:
    for what in ("URL", "RATE"):
        monkeypatch.delenv(f"{vendor.slug.upper()}_{what}", raising=False)
    heed([vendor])
    assert (vendor.base_url(), vendor.rate()) == (vendor.address, vendor.calls_a_second)
    assert vendor.address.startswith("https://")


@EACH
def test_the_environment_names_another(vendor: type[Vendor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{vendor.slug.upper()}_URL", "http://127.0.0.1:8901/")
    monkeypatch.setenv(f"{vendor.slug.upper()}_RATE", "0")
    heed([vendor])
    assert (vendor.base_url(), vendor.rate()) == ("http://127.0.0.1:8901", 0)


@EACH
@pytest.mark.parametrize(("what", "value"), [("URL", "http://api.example.com"), ("URL", "https://a.example/v1"), ("RATE", "-1")])
def test_what_makes_no_sense_is_told_at_the_start(
    vendor: type[Vendor], what: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{vendor.slug.upper()}_{what}", value)
    with pytest.raises(ImproperlyConfigured, match=f"{vendor.slug.upper()}_{what}"):
        heed([vendor])
