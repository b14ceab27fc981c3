"""Saved views as a reader clicks them: one click to the filters, the menu right while htmx changes the page around it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import ClientTag
from reports.models import SavedView
from tests.cast import Cast, make_cast
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    ClientTag.objects.create(client=cast.acme, name="vip")
    ClientTag.objects.create(client=cast.birch, name="new")
    return cast


@pytest.mark.parametrize("width", [1280, 390])
def test_filters_are_saved_and_found_again(page: Page, live_server: LiveServer, cast: Cast, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_as(page, live_server, cast.ann, "/")
    menu = page.locator(".views")
    # By htmx: the menu is not brought anew, and knows all the same what is to be saved.
    page.get_by_label("Tags").select_option("vip")
    expect(page).to_have_url(re.compile("tag=vip"))
    expect(page.get_by_role("link", name="Birch")).to_have_count(0)
    menu.locator("summary").click()
    box = menu.locator("summary + div").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    menu.get_by_label("Save these filters as").fill("Mornings")
    menu.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as “Mornings”")).to_be_visible()
    expect(menu.locator("summary")).to_have_text("Mornings")
    assert SavedView.objects.get().query == "tag=vip&window=7"

    page.get_by_label("Tags").select_option("new")
    expect(menu.locator("summary")).to_have_text("Saved views")
    menu.locator("summary").click()
    expect(menu.locator("[aria-current]")).to_have_count(0)
    menu.get_by_role("link", name="Mornings").click()
    expect(page).to_have_url(f"{live_server.url}/?tag=vip&window=7")
    expect(menu.locator("summary")).to_have_text("Mornings")
    # Back to what was looked at before.
    page.go_back()
    expect(page).to_have_url(re.compile("tag=new"))
    expect(page.get_by_role("link", name="Acme")).to_have_count(0)


def test_the_whole_page_is_reached_though_another_opens_first(page: Page, live_server: LiveServer, cast: Cast) -> None:
    SavedView.objects.create(membership=cast.ann.memberships.get(), page="clients", name="Mine", query="tag=vip", is_default=True)
    open_as(page, live_server, cast.ann, "/clients/")
    expect(page).to_have_url(re.compile(r"/clients/\?tag=vip$"))
    # The last filter is taken away: the address says so, and brings that again.
    page.locator("#filter-tag").select_option("")
    expect(page.get_by_role("link", name="Birch")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/clients/\?view=all$"))
    page.get_by_role("link", name="Birch").click()
    page.go_back()
    expect(page.get_by_role("link", name="Birch")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/clients/\?view=all$"))
