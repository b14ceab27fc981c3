from __future__ import annotations

from typing import Any

import pytest

from clients import trying
from clients.calling import open_vendor
from clients.vendors.errors import AccessDenied, VendorDown, VendorError
from tests.cast import Cast, connect

REAL, SANDBOX = "https://api.inboxally.com", "http://127.0.0.1:8901"


@pytest.fixture
def demo_runs(settings: Any) -> None:
    settings.INBOXALLY_URL, settings.SANDBOX_URL = REAL, SANDBOX


def address(cast: Cast, key: str) -> str:
    with open_vendor(connect(cast.north, key=key)) as vendor:
        return vendor.http.base_url


def test_a_demo_key_is_asked_at_the_sandbox(cast: Cast, demo_runs: None) -> None:
    assert address(cast, "sandbox-northwind-000000000000000001") == SANDBOX


def test_a_real_key_is_asked_at_the_vendor_while_the_demo_runs(cast: Cast, demo_runs: None) -> None:
    assert address(cast, "ia_live_0123456789abcdef") == REAL


def test_a_demo_key_never_leaves_the_machine_without_the_demo(cast: Cast, demo_runs: None, settings: Any) -> None:
    settings.SANDBOX_URL = ""
    with pytest.raises(VendorDown, match="make run"):
        address(cast, "sandbox-northwind-000000000000000001")


def test_a_vendor_put_on_loopback_is_asked_with_any_key(cast: Cast, demo_runs: None, settings: Any) -> None:
    settings.INBOXALLY_URL, settings.SANDBOX_URL = "http://127.0.0.1:9999", ""
    assert address(cast, "sandbox-northwind-000000000000000001") == "http://127.0.0.1:9999"


@pytest.mark.parametrize("trouble", [AccessDenied("The key is refused."), VendorDown("InboxAlly can't be reached.")])
def test_whoever_mistypes_a_demo_key_is_told_who_was_asked(
    cast: Cast, demo_runs: None, monkeypatch: pytest.MonkeyPatch, trouble: VendorError
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise trouble

    monkeypatch.setattr(trying, "open_vendor", refuse)
    told = trying.test(connect(cast.north, key="sandbx-tidal-00000000000000000000008")).text
    assert told == f"{trouble.text} (It was asked at InboxAlly itself: the demo's keys begin with 'sandbox-'.)"
    assert trying.test(connect(cast.north, key="sandbox-tidal-0000000000000000000008")).text == trouble.text


def test_without_the_demo_nobody_hears_of_it(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise VendorDown("InboxAlly can't be reached.")

    settings.INBOXALLY_URL, settings.SANDBOX_URL = REAL, ""
    monkeypatch.setattr(trying, "open_vendor", refuse)
    assert trying.test(connect(cast.north, key="ia_live_0123456789abcdef")).text == "InboxAlly can't be reached."
