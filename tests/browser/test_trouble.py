"""What it says when something is missing: no data yet, a vendor that is down, a worker that does not run."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from sandbox.server import Sandbox
from tests.browser.conftest import Visit
from tests.browser.house import PASSWORD, House, house
from tests.browser.places import uuid_of
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OWNER = "nia@lighthouse.example"


@pytest.fixture(scope="module")
def vendor() -> Iterator[Sandbox]:
    with Sandbox() as box:
        yield box


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, vendor: Sandbox) -> Iterator[House]:
    """One client, Petit; its account is read once."""
    with house(tmp_path_factory.mktemp("small"), "small", "--no-demo", INBOXALLY_URL=vendor.url) as found:
        found.manage("createagency", "Lighthouse", "--owner", OWNER, "--password-env", "PW", PW=PASSWORD)
        found.manage("addclient", "Petit")
        found.manage("connect", "inboxally", "--client", "petit", "--key-env", "KEY", KEY=vendor.key("petit"))
        found.until_all_is_read()
        yield found


@pytest.fixture
def nia(small: House, visit: Visit) -> Visitor:
    visitor = visit(small)
    visitor.sign_in(OWNER, PASSWORD)
    expect(visitor.page).to_have_url(f"{small.address}/")
    return visitor


def test_a_sync_that_no_worker_takes_up_is_shown_as_waiting(small: House, nia: Visitor) -> None:
    page = nia.page
    page.goto(f"/connections/{connection(small)}/")
    with no_worker(small):
        page.get_by_role("button", name="Sync now").click()
        expect(page.locator("#connection-progress")).to_contain_text("Waiting for a worker")
    expect(page.locator("#connection-progress")).to_be_hidden(timeout=120_000)
    expect(page.locator("#connection-status")).to_contain_text("Complete")


def test_a_vendor_that_is_down_is_named_and_what_was_read_is_still_shown(small: House, vendor: Sandbox, nia: Visitor) -> None:
    page = nia.page
    vendor.faults.add("error", "/v3/*", times=None, status=503)
    page.goto(f"/connections/{connection(small)}/")
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#connection-status")).to_contain_text("failed 1 time", timeout=240_000)
    page.goto("/")
    expect(page.locator(".banner")).to_contain_text("InboxAlly brings nothing new")
    expect(page.get_by_role("row", name=re.compile("Petit")).locator("td.headline")).to_contain_text("%")
    vendor.faults.clear()


def test_a_key_that_can_not_be_tested_is_kept_without_being_pasted_again(small: House, vendor: Sandbox, nia: Visitor) -> None:
    page = nia.page
    vendor.faults.add("error", "/v3/*", account="halden", times=None, status=503)
    page.goto("/connections/new/?client=petit")
    page.get_by_label("Label").fill("Halden")
    page.get_by_label("API key").fill(vendor.key("halden"))
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_role("alert")).to_contain_text("The key could not be tested")
    assert vendor.key("halden") not in page.content()
    vendor.faults.clear()
    page.get_by_role("button", name="Test again").click()
    expect(page.get_by_text("Halden is connected.")).to_be_visible()


def test_a_client_without_an_account_is_told_what_to_do_next(small: House, nia: Visitor) -> None:
    small.manage("addclient", "Fresh")
    page = nia.page
    page.goto("/clients/fresh/")
    expect(page.get_by_role("heading", name="No vendor account yet")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("row", name=re.compile("Fresh"))).to_contain_text("no vendor account")


@contextmanager
def no_worker(small: House) -> Iterator[None]:
    """All workers stand still."""
    workers = small.home.processes("celery", "worker")
    assert workers
    try:
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def connection(small: House) -> str:
    return uuid_of(small, "SELECT uuid FROM clients_connection WHERE label = 'Petit'")
