"""Pages as wide as their reader's screen or paper, where they were wider."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from clients.models import Connection, Feed
from reports import sharing
from tests.cast import Cast, make_cast
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.board import measured_twice
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE, PAPER = ViewportSize(width=390, height=844), ViewportSize(width=716, height=1000)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def box(found: Locator) -> FloatRect:
    seen = found.bounding_box()
    assert seen, "it is not shown"
    return seen


def test_a_report_tells_the_spam_on_a_phone_and_stays_a_table_on_paper(page: Page, live_server: LiveServer, cast: Cast) -> None:
    measured_twice(cast, cast.acme)
    _, token = sharing.make(cast.acme, "Ms Kay", 30, 30, None)
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/r/{token}/")
    spam = page.locator("table.providers td[data-head=Spam]").last
    assert "%" in spam.inner_text()
    assert box(spam)["x"] + box(spam)["width"] <= 390
    assert page.locator(".table-scroll.flat").evaluate("found => found.scrollWidth - found.clientWidth") == 0
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")
    assert spam.evaluate("found => getComputedStyle(found).display") == "table-cell"


def test_a_months_report_takes_two_sheets_and_leaves_no_hole(page: Page, live_server: LiveServer, cast: Cast) -> None:
    """Its table of mailbox providers begins beneath the chart and goes on overleaf."""
    measured_twice(cast, cast.acme)
    seen = Connection.objects.get(vendor="inboxally")
    names = ("gmail", "google_workspace", "yahoo", "hotmail", "outlook", "microsoft_365", "web_de", "libero")
    for ago in range(30):
        mail(seen, cast.acme, days_ago(ago), dict.fromkeys(names, (20, 4, ago % 9)), subject=f"Letter {ago} of this autumn")
    roll_up(seen)
    _, token = sharing.make(cast.acme, "Ms Kay", 30, 30, None)
    page.goto(f"{live_server.url}/r/{token}/")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 2
    page.emulate_media(media="print")
    for whole, breaks in (("section:has(> .providers, > * > .providers)", "auto"), ("table.providers tr", "avoid")):
        assert page.locator(whole).first.evaluate("found => getComputedStyle(found).breakInside") == breaks


def test_a_role_is_set_on_a_phone_without_scrolling(page: Page, live_server: LiveServer, cast: Cast) -> None:
    page.set_viewport_size(PHONE)
    open_as(page, live_server, cast.ann, "/settings/team/")
    row = page.locator("tbody tr").filter(has_text="Ben")
    for name in ("Set role", "Remove"):
        button = box(row.get_by_role("button", name=name))
        assert button["x"] + button["width"] <= 390, name
    row.get_by_role("combobox").select_option("manager")
    row.get_by_role("button", name="Set role").click()
    assert cast.ben.memberships.get().role == "manager"


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_export_stands_at_the_end_of_the_filters_first_line(
    page: Page, live_server: LiveServer, cast: Cast, width: int
) -> None:
    """With every filter that the tab has, and the words beside the button."""
    measured_twice(cast, cast.acme)
    Feed.objects.update(last_ok_at=timezone.now())
    seen = Connection.objects.get(vendor="inboxally")
    mail(seen, cast.acme, days_ago(1), {"microsoft_365": (40, 0, 0)}, domain="newsletters.acme.example")
    roll_up(seen)
    SenderFactory(connection=seen, client=cast.acme, tagged=["newsletters of ours", "own"])
    page.set_viewport_size({"width": width, "height": 900})
    open_as(page, live_server, cast.ann, "/clients/acme/")
    line, export = box(page.get_by_label("Window")), box(page.get_by_role("link", name="Export CSV"))
    assert line["y"] <= export["y"] + export["height"] / 2 <= line["y"] + line["height"]
