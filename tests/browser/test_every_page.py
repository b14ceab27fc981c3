"""What each page must be for everybody: lawful, legible in light and dark, and no wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.browser.places import PAGES, pages_with_doors, path_of
from tests.browser.reading import drawn, names_of_several, wider_than_the_screen
from tests.browser.visitor import DESK, PHONE, Visitor
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = Axe()
LAW = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
WITH_CHARTS = {
    "client-pipeline": "pipeline",
    "client": "trend", "broadcast": "split", "campaign": "outreach", "client-campaigns": "together", "sender": "outreach",
}  # fmt: skip


def test_every_page_that_has_a_door_is_looked_at() -> None:
    assert set(PAGES) == pages_with_doors()


@pytest.fixture(scope="module")
def _walker(browser: Browser, demo: House, key_to_demo: Any) -> Iterator[Visitor]:
    # One browser for all pages: half of what a page costs is a new one, which loads and compiles the same scripts again.
    with Visitor(browser, demo.address, storage_state=key_to_demo) as walker:
        yield walker


@pytest.fixture
def walker(_walker: Visitor) -> Iterator[Visitor]:
    """The demo's owner, who goes from page to page. Nothing may have troubled them on the way."""
    _walker.page.set_viewport_size(DESK)
    _walker.watch.requests.clear()
    yield _walker
    trouble, _walker.watch.trouble = _walker.watch.trouble, []
    assert trouble == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_light_and_dark_and_fits_a_phone(name: str, walker: Visitor, demo: House) -> None:
    """And, as everywhere, breaks no policy and asks nobody else (`watch.py`)."""
    page = walker.page
    answer = page.goto(path_of(name, demo))
    assert answer
    assert answer.status == 200
    if chart := WITH_CHARTS.get(name):
        drawn(page, chart)
    assert any("plotly" in request for request in walker.watch.requests) == (name in WITH_CHARTS)
    look_over(page)


def test_pages_before_sign_in_are_accessible_and_fit_a_phone(demo: House, visit: Visit) -> None:
    page = visit(demo).page
    for path in ("/sign-in/", "/r/nothing/", "/invitations/nothing/", "/nowhere/"):
        page.goto(path)
        look_over(page)


def test_a_report_is_accessible_and_fits_a_phone(owner: Visitor, demo: House, visit: Visit) -> None:
    owner.page.goto("/clients/northwind/reports/")
    owner.page.get_by_label("For whom").fill("The checker")
    owner.page.get_by_role("button", name="Make the link").click()
    reader = visit(demo)
    reader.page.goto(owner.page.get_by_role("textbox", name="The link for The checker").input_value())
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("reached the inbox")
    look_over(reader.page)


def look_over(page: Page) -> None:
    assert names_of_several(page) == [], "a label or a link leads to the first of them"
    found = _violations(page, "light")
    page.set_viewport_size(PHONE)
    assert [*found, *_violations(page, "dark")] == []
    wait_until(lambda: wider_than_the_screen(page) == 0, what="the page to fit the screen")


def _violations(page: Page, scheme: Any) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    found = AXE.run(page, options=LAW).response["violations"]
    return [f"{scheme}: {one['id']} at {node['target']}: {node.get('failureSummary')}" for one in found for node in one["nodes"]]
