"""The ways in which people use it: another theme, a keyboard, a phone, no scripts; and what it says when there is nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DEMO, Visit
from tests.browser.house import House
from tests.browser.reading import drawn, table, wider_than_the_screen
from tests.browser.visitor import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INBOX = "[data-chart=trend] .scatterlayer .trace:nth-child(2) path.js-line"


def test_a_change_of_theme_redraws_the_chart_and_is_kept(page: Page) -> None:
    page.goto("/clients/northwind/")
    drawn(page, "trend")
    line, paper = stroke(page), background(page)
    page.locator("summary[aria-label^='Your menu']").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    assert background(page) != paper
    until_redrawn(page, line)
    dark = stroke(page)
    page.reload()
    drawn(page, "trend")
    assert (stroke(page), background(page) != paper) == (dark, True)


def test_the_theme_of_the_system_is_followed_while_the_page_is_open(page: Page) -> None:
    page.goto("/clients/northwind/")
    drawn(page, "trend")
    line = stroke(page)
    page.emulate_media(color_scheme="dark")
    until_redrawn(page, line)


def test_a_keyboard_reaches_everything_in_the_order_of_the_page(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    reached = [pressed(page) for _ in range(30)]
    order = [
        "Overview",
        "Clients",
        "Senders",
        "Seeds",
        "q",
        "Your menu, Ada Berg",
        "window",
        "tag",
        "manager",
        "Export CSV",
        "Northwind",
    ]
    places = [reached.index(name) for name in order]
    assert places == sorted(places)
    page.goto("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Window")).to_be_focused()


def test_a_menu_opens_and_closes_by_keyboard(page: Page) -> None:
    page.goto("/")
    menu = page.locator("summary[aria-label^='Your menu']")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Your profile")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Your profile")).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_filter_that_finds_nothing_says_so_and_leads_out(page: Page) -> None:
    page.goto("/?tag=nobody-has-this")
    expect(page.get_by_role("heading", name="No client matches these filters")).to_be_visible()
    page.get_by_role("link", name="Show all clients").click()
    expect(page.get_by_role("link", name="Northwind")).to_be_visible()
    for path in (
        "/clients/?search=zzz",
        "/clients/northwind/broadcasts/?search=zzz",
        "/senders/?search=zzz",
        "/clients/northwind/?domain=zzz",
    ):
        page.goto(path)
        page.get_by_role("link", name="Clear filters").last.click()
        expect(page.locator("table").first).to_be_attached()


def test_filters_sorting_and_pages_swap_in_place_and_come_back(owner: Visitor) -> None:
    page = owner.page
    page.goto("/clients/brunnen/broadcasts/?window=120")
    page.evaluate("window.same = true")
    newest = table(page.get_by_role("table"))
    page.get_by_role("link", name="Spam", exact=True).click()
    expect(page).to_have_url(re.compile("sort="))
    expect(page.get_by_role("columnheader", name="Spam")).to_have_attribute("aria-sort", re.compile("ascending|descending"))
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("after="))
    page.get_by_label("Search", exact=True).fill("voucher")
    expect(page).to_have_url(re.compile("search=voucher"))
    expect(page.locator("tbody tr").first).to_contain_text('=cmd|"/c calc"!A1, your voucher')
    assert page.evaluate("window.same")
    for shown in ("after=", "sort=", r"\?window=120$"):
        # The page of then is asked for anew: nothing of a client stays in the browser.
        with page.expect_response(re.compile(shown)):
            page.go_back()
        expect(page).to_have_url(re.compile(shown))
    expect(page.get_by_role("columnheader", name="Day")).to_have_attribute("aria-sort", "descending")
    assert table(page.get_by_role("table")) == newest


def test_filters_work_before_the_charts_script_has_come(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/plotly.min*.js", hold)
    page.goto("/clients/northwind/", wait_until="domcontentloaded")
    page.evaluate("window.same = true")
    page.get_by_role("combobox", name="Window").select_option("7")
    expect(page).to_have_url(re.compile("window=7"))
    expect(page.locator(".fact").first).to_contain_text("7 days")
    held[0].continue_()
    drawn(page, "trend")
    assert page.evaluate("window.same")


def test_without_scripts_pages_are_read_and_forms_work(demo: House, visit: Visit) -> None:
    visitor = visit(demo, java_script_enabled=False)
    visitor.sign_in(DEMO, demo.demo_password())
    page = visitor.page
    expect(page.get_by_role("link", name="Northwind")).to_be_visible()
    page.get_by_label("Tags").select_option("vip")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile("tag=vip"))
    expect(page.locator("table.board tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Northwind").click()
    page.locator("section", has=page.locator("#trend-heading")).get_by_text("Table").click()
    expect(page.get_by_role("table", name="Where mail landed")).to_be_visible()
    page.get_by_role("link", name="Edit").click()
    for tags in ("retail, vip, by hand", "retail, vip"):
        page.get_by_label("Tags").fill(tags)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status")).to_contain_text("saved")
        page.goto("/clients/northwind/edit/")
        assert set(page.get_by_label("Tags").input_value().split(", ")) == set(tags.split(", "))
    page.locator("summary[aria-label^='Your menu']").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(("path", "scrolls"), [("/", False), ("/clients/northwind/", True)])
def test_a_phone_scrolls_tables_not_the_page(path: str, scrolls: bool, demo: House, key_to_demo: Any, visit: Visit) -> None:
    """The Overview's rows are cards there, and nothing scrolls sideways."""
    page = visit(demo, storage_state=key_to_demo, viewport=PHONE, has_touch=True, is_mobile=True).page
    page.goto(path)
    assert wider_than_the_screen(page) == 0
    tables = page.locator(".table-scroll:visible").all()
    assert any(one.evaluate("one => one.scrollWidth > one.clientWidth") for one in tables) == scrolls


def pressed(page: Page) -> str:
    """What Tab leads to: its label, its words or its name."""
    page.keyboard.press("Tab")
    words: str = page.evaluate(
        "(({ariaLabel, name, innerText: text}) => ariaLabel || name || (text ?? '').trim().split('\\n')[0])"
        "(document.activeElement)"
    )
    return words


def until_redrawn(page: Page, line: str) -> None:
    page.wait_for_function(
        "([path, before]) => getComputedStyle(document.querySelector(path)).stroke !== before", arg=[INBOX, line]
    )


def stroke(page: Page) -> str:
    return str(page.locator(INBOX).first.evaluate("path => getComputedStyle(path).stroke"))


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
