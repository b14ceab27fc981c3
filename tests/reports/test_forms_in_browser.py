"""Where the cursor stands after a form was not taken, and what a form asks for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, make_cast
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_the_first_error_has_the_focus(page: Page, live_server: LiveServer, cast: Cast) -> None:
    open_as(page, live_server, cast.ann, "/changes/new/")
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_focused()


def test_on_any_page(page: Page, live_server: LiveServer, cast: Cast) -> None:
    open_as(page, live_server, cast.ann, "/settings/team/")
    page.get_by_label("E-mail").fill("ben@north.example")
    page.get_by_role("button", name="Make an invitation").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
