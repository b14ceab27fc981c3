"""The search in the header by keys alone, in a real browser, under the real policy; on a phone; and without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, connect, make_cast
from tests.factories import SenderFactory, days_ago, mail
from tests.reports.test_in_browser import open_as
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    account = connect(cast.north, key="a" * 12, label="Acme's account", client=cast.acme)
    SenderFactory(connection=account, client=cast.acme, email="letters@acme.example")
    mail(account, cast.acme, days_ago(1), {"gmail": (9, 0, 0)}, subject="<img src=x onerror=window.ran=1> at Acme")
    return cast


def test_keys_alone_lead_through_it(page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]) -> None:
    open_as(page, live_server, cast.ben, "/senders/")
    field, options = page.get_by_role("combobox", name="Search everything"), page.locator("#find-found").get_by_role("option")
    filters = page.get_by_label("Search", exact=True)
    filters.focus()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")

    page.keyboard.type("acme", delay=20)
    expect(page.get_by_role("group", name="Broadcasts").get_by_role("option")).to_have_text(re.compile("^<img src=x onerror"))
    expect(page.locator("#find-found mark").first).to_have_text("Acme")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(field).to_have_attribute("aria-controls", "find-list")
    expect(page.get_by_role("search", name="Everything").locator("[aria-live]")).to_have_text("5 found")

    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(options.nth(1).get_attribute("id")))
    expect(page.locator("[aria-selected=true]")).to_have_count(1)
    expect(field).to_be_focused()

    page.keyboard.press("Escape")
    expect(page.locator("#find-found")).to_be_hidden()
    expect(filters).to_be_focused()
    page.keyboard.type("/")
    expect(filters).to_have_value("/")

    page.locator("main").focus()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    page.keyboard.type("letters@")
    expect(page.get_by_role("group", name="Senders")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/clients/acme/senders/[0-9a-f-]{36}/$"))
    assert page.evaluate("window.ran") is None


def test_the_page_with_all_that_was_found_is_two_keys_away(page: Page, live_server: LiveServer, cast: Cast) -> None:
    open_as(page, live_server, cast.ben, "/senders/")
    page.keyboard.press("Control+k")
    page.keyboard.type("letters@")
    expect(page.locator("#find-found [aria-selected=true]")).to_have_text(re.compile("^letters@acme.example"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=letters%40")


def test_what_has_just_that_name_is_the_best_hit(page: Page, live_server: LiveServer, cast: Cast) -> None:
    open_as(page, live_server, cast.ben, "/clients/")
    page.keyboard.press("Control+k")
    page.keyboard.type("Acme.example")
    expect(page.locator("#find-found").get_by_role("option").first).to_have_text(re.compile("^letters@acme.example"))
    expect(page.locator("#find-found [aria-selected=true] bdi").first).to_have_text("acme.example")


def test_enter_before_the_answer_waits_for_it(page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]) -> None:
    held: list[Route] = []
    page.route("**/search/?q=acme", lambda route: held.append(route))  # noqa: PLW0108  (a built-in keeps no mark)
    open_as(page, live_server, cast.ben, "/senders/")
    page.keyboard.press("Control+k")
    with page.expect_request("**/search/?q=acme"):
        page.keyboard.type("acme")
        page.keyboard.press("Enter")
    expect(page.locator("#find")).to_be_focused()
    held[0].continue_()
    page.wait_for_url("**/clients/acme/")

    page.keyboard.press("Control+k")
    with page.expect_response("**/search/?q=zzz"):
        page.keyboard.type("zzz")
        page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=zzz")


def test_enter_opens_nothing_of_an_answer_to_an_older_text(page: Page, live_server: LiveServer, cast: Cast) -> None:
    page.route("**/search/?q=letters%40", lambda route: route.abort())
    open_as(page, live_server, cast.ben, "/senders/")
    page.keyboard.press("Control+k")
    page.keyboard.type("letters")
    expect(page.locator("#find-found [aria-selected=true]")).to_have_count(1)
    page.keyboard.type("@")
    expect(page.locator("#find-found [aria-selected=true]")).to_have_count(0)
    with page.expect_request(lambda request: request.is_navigation_request()) as sent:
        page.keyboard.press("Enter")
    assert sent.value.url.endswith("/search/?q=letters%40")


def test_nothing_found_says_so_and_enter_leads_to_the_page(
    page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]
) -> None:
    open_as(page, live_server, cast.ben, "/clients/")
    page.keyboard.press("Meta+k")
    page.keyboard.type("zzz")
    expect(page.locator("#find-found")).to_contain_text("Nothing found for ‘zzz’")
    expect(page.locator("#find")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=zzz")
    expect(page.get_by_role("link", name="Show all clients")).to_be_visible()


def test_an_answer_that_comes_after_escape_opens_nothing(page: Page, live_server: LiveServer, cast: Cast) -> None:
    held: list[Route] = []
    page.route("**/search/?q=acme", lambda route: held.append(route))  # noqa: PLW0108  (a built-in keeps no mark)
    open_as(page, live_server, cast.ben, "/clients/")
    page.keyboard.press("/")
    with page.expect_request("**/search/?q=acme"):
        page.keyboard.type("acme")
    page.keyboard.press("Escape")
    expect(page.locator("#find")).not_to_be_focused()
    page.locator("#find").click()
    with page.expect_response("**/search/?q=acme"):
        held[0].continue_()
    expect(page.locator("#find-found a")).not_to_have_count(0)
    expect(page.locator("#find-found")).to_be_hidden()
    page.keyboard.insert_text("acme")
    expect(page.locator("#find-found")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#find-found")).to_be_hidden()
    expect(page.locator("#find")).to_be_focused()


def test_a_phone_has_a_link_to_it_and_the_page_a_field(page: Page, live_server: LiveServer, cast: Cast) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    open_as(page, live_server, cast.ben, "/clients/")
    expect(page.locator("#find")).to_be_hidden()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").click()
    page.get_by_label("Part of a name").fill("acme")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="letters@acme.example").click()
    page.wait_for_url("**/clients/acme/senders/**")


def test_without_scripts_it_is_a_form(browser: Chromium, live_server: LiveServer, cast: Cast) -> None:
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_as(page, live_server, cast.ben, "/clients/")
    page.get_by_label("Search everything").fill("acme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=acme")
    expect(page.get_by_role("heading", level=2)).to_have_text(["Clients", "Senders", "Domains", "Broadcasts", "Connections"])
    page.get_by_role("link", name="Acme", exact=True).click()
    page.wait_for_url("**/clients/acme/")
    context.close()
