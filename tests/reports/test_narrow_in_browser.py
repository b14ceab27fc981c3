"""Lists on a tablet and on a phone: what counts is on the screen, and can be reached."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page
from pytest_django.live_server_helper import LiveServer

from tests.cast import Cast, connect, make_cast
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = {"width": 768, "height": 900}


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def behind(part: Locator) -> int:
    """How much of it lies beyond its own edge, in pixels."""
    return int(part.evaluate("part => part.scrollWidth - part.clientWidth"))


def test_sections_and_tabs_are_whole_on_a_tablet(page: Page, live_server: LiveServer, cast: Cast) -> None:
    for vendor in ("inboxally", "instantly", "imail", "inboxbase"):
        connect(cast.north, key=vendor * 5, label=vendor, vendor=vendor, client=cast.acme)
    page.set_viewport_size(TABLET)  # type: ignore[arg-type]
    open_as(page, live_server, cast.ann, "/clients/acme/reports/")
    assert page.locator(".tabs a").count() == 11
    assert [behind(page.locator(part)) for part in (".nav", ".tabs")] == [0, 0]
