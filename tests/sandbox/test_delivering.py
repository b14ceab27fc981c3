"""One request has any vendor with webhooks send its events to an address."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from sandbox.server import Sandbox
from tests.sandbox.test_hooks import Door


@pytest.mark.parametrize(("vendor", "account"), [("imail", "northwind"), ("inbox", "northwind"), ("inboxbase", "harbour")])
def test_events_are_sent_to_the_address_that_is_named(vendor: str, account: str) -> None:
    door = Door()
    wanted = {"account": account, "url": door.url, "secret": "whsec_of_the_demo"}
    try:
        with Sandbox(today=date(2026, 11, 20)) as box:
            told = httpx.post(f"{box.url}/_sandbox/deliver", params={"vendor": vendor}, json=wanted, timeout=60, trust_env=False)
        assert told.status_code == 200, told.text
        assert door.got
    finally:
        door.server.shutdown()
        door.server.server_close()
