"""Somebody's first quarter of an hour: an empty installation, a key, a chart, a file, a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from sandbox.server import Sandbox
from tests.browser import truth
from tests.browser.conftest import Visit
from tests.browser.house import PASSWORD, House, house
from tests.browser.reading import rows_of, table, traces
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DAYS = 30


@pytest.fixture(scope="module")
def vendor() -> Iterator[Sandbox]:
    """Standing still, so that its numbers of today are the same when they are compared."""
    with Sandbox(today=datetime.now(UTC).date()) as box:
        yield box


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, vendor: Sandbox) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("empty"), "empty", "--no-demo", INBOXALLY_URL=vendor.url) as found:
        yield found


def test_from_an_empty_installation_to_a_report_that_anyone_with_the_link_can_read(
    empty: House, vendor: Sandbox, visit: Visit
) -> None:
    newcomer = visit(empty)
    page = newcomer.page
    set_up(page)
    add_client(page, "Northwind")
    a_refused_key_is_refused_in_words(page, vendor)
    connect(page, vendor)
    the_overview_fills_by_itself(page, vendor)
    empty.until_all_is_read()
    the_chart_tells_the_truth(page, vendor)
    filters_stand_in_the_address(page, vendor)
    the_export_holds_the_same(page, vendor)
    address = make_report_link(page)
    anyone_can_read_it(visit(empty), address, vendor)


def set_up(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Welcome to Inboxdeck")).to_be_visible()
    page.get_by_label("Your agency's name").fill("Lighthouse")
    page.get_by_label("Your name").fill("Nia")
    page.get_by_label("Your e-mail").fill("nia@lighthouse.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the agency").click()
    expect(page.get_by_role("heading", name="No clients yet")).to_be_visible()


def add_client(page: Page, name: str) -> None:
    page.get_by_role("link", name="Add a client").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Tags").fill("retail, vip")
    page.get_by_role("button", name="Add client").click()
    expect(page.get_by_text("Northwind is there.")).to_be_visible()


def a_refused_key_is_refused_in_words(page: Page, vendor: Sandbox) -> None:
    page.get_by_role("link", name="Connect an account").click()
    key = page.get_by_label("API key")
    key.fill(vendor.key("refused"))
    page.get_by_role("button", name="Test and connect").click()
    field = page.locator(".field", has=key)
    expect(field.locator(".field-error")).to_contain_text("InboxAlly refuses the API key")
    expect(key).to_have_attribute("aria-invalid", "true")
    expect(key).to_have_value("")
    assert vendor.key("refused") not in page.content()


def connect(page: Page, vendor: Sandbox) -> None:
    # Slow enough for a person to see that something goes on: until the Overview has been seen to fill.
    vendor.faults.add("stall", "/v3/broadcasts*", times=None, seconds=3)
    page.get_by_label("API key").fill(vendor.key("northwind"))
    page.get_by_role("button", name="Test and connect").click()
    expect(page.get_by_text("Northwind is connected. Its first sync is on the way.")).to_be_visible()
    expect(page.locator("#connection-progress progress")).to_be_visible()
    expect(page.locator("#connection-progress")).to_contain_text("Reading broadcasts")


def the_overview_fills_by_itself(page: Page, vendor: Sandbox) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview").click()
    expect(page.locator("#progress progress").first).to_be_visible()
    vendor.faults.clear()
    expect(page.get_by_role("row", name=re.compile("Northwind")).locator("td.headline")).to_contain_text("%", timeout=120_000)
    expect(page.locator("#progress progress")).to_have_count(0, timeout=120_000)


def the_chart_tells_the_truth(page: Page, vendor: Sandbox) -> None:
    page.goto("/")
    page.get_by_role("link", name="Northwind").click()
    expect(page.get_by_role("heading", level=1, name="Northwind")).to_be_visible()
    page.wait_for_load_state("domcontentloaded")
    page.get_by_role("combobox", name="Window").select_option(str(DAYS))
    known = vendor.truth("northwind")
    expect(page.locator(".facts")).to_contain_text(f"{truth.total(known, DAYS)['total_emails']:,}")
    shown = traces(page, "trend")
    mails = truth.mails_by_day(known, DAYS)
    assert dict(zip(shown["Mails"]["x"], shown["Mails"]["y"], strict=True)) == mails
    inboxing = {
        day: value for day, value in zip(shown["Inboxing"]["x"], shown["Inboxing"]["y"], strict=True) if value is not None
    }
    assert inboxing == pytest.approx(truth.inboxing_by_day(known, DAYS), abs=0.051)
    by_day = table(page.get_by_role("table", name="Where mail landed", include_hidden=True))
    assert {day: [cells[0], cells[1], *cells[3:6]] for day, cells in by_day.items()} == truth.by_day(known, DAYS)
    by_provider = table(page.get_by_role("table", name="By mailbox provider, with the change", include_hidden=True))
    assert {name: [cells[0], cells[1], *cells[4:7]] for name, cells in by_provider.items()} == truth.by_provider(known, DAYS)


def filters_stand_in_the_address(page: Page, vendor: Sandbox) -> None:
    everything = page.locator(".facts").inner_text()
    page.get_by_role("combobox", name="Mailbox provider").select_option("outlook")
    expect(page).to_have_url(re.compile("mailbox_provider=outlook"))
    n = truth.by_provider(vendor.truth("northwind"), DAYS)["Outlook"][0]
    expect(page.locator(".fact", has_text="mails received").locator("dd")).to_have_text(n)
    at_outlook = traces(page, "trend")["Mails"]["y"]
    assert f"{sum(at_outlook):,}" == n
    page.go_back()
    expect(page).not_to_have_url(re.compile("mailbox_provider=outlook"))
    expect(page.locator(".facts")).to_have_text(everything, use_inner_text=True)
    expect(page.get_by_role("combobox", name="Mailbox provider")).to_have_value("")
    assert traces(page, "trend")["Mails"]["y"] != at_outlook


def the_export_holds_the_same(page: Page, vendor: Sandbox) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    rows = rows_of(download.value)
    known = truth.total(vendor.truth("northwind"), DAYS)
    assert {row["client"] for row in rows} == {"northwind"}
    sums = [sum(int(row[name]) for row in rows) for name in ("received", "primary", "promotions", "spam")]
    assert sums == [known[name] for name in truth.OUTCOMES]


def make_report_link(page: Page) -> str:
    page.get_by_role("link", name="Report link…").click()
    page.get_by_label("For whom").fill("Ms Kay")
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_role("textbox", name="The link for Ms Kay").input_value()


def anyone_can_read_it(stranger: Visitor, address: str, vendor: Sandbox) -> None:
    page = stranger.page
    page.goto(address)
    expect(page.get_by_text("Lighthouse").first).to_be_visible()
    known = truth.by_provider(vendor.truth("northwind"), DAYS)
    shown = table(page.get_by_role("table", name="Inbox share at each mailbox provider"))
    assert len(shown) == len(known)
    for name, (n, inboxing, *_) in known.items():
        [cells] = [cells for heading, cells in shown.items() if heading == f"{name}{n} mails"]
        assert cells[1].startswith(inboxing)
    assert stranger.context.cookies() == []
    assert not any("plotly" in request for request in stranger.watch.requests)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".skip")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
