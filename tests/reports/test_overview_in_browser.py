"""The Overview as wide and as steady as its reader's screen."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, Feed, SyncRun
from tests.cast import Cast, connect, make_cast
from tests.factories import ClientFactory, days_ago, mail, roll_up
from tests.reaching import account, sender, sender_day
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROVIDERS = ("gmail", "google_workspace", "yahoo", "hotmail", "outlook", "microsoft_365", "web_de", "libero")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def fill(cast: Cast) -> None:
    """Every column that the demo has, long names, a fall with bounces beside it, a silence, and a rate of a few mails."""
    for slug, name in (("acme", 'Tidal, "Zoë" & Söhne'), ("birch", "Terminal Co")):
        Client.objects.filter(slug=slug).update(name=name)
    made = account(cast.north, cast.acme)
    one = sender(made)
    for day in range(28):
        landed = (150, 0, 5) if day > 6 else (90, 0, 65)
        mail(made, cast.acme, days_ago(day), dict.fromkeys(PROVIDERS, (150, 0, 5)) | {"google_workspace": landed})
        sender_day(one, day, 1200, bounced=12 if day > 6 else 70, replied=60)
    watched = connect(cast.north, key="s" * 20, label="Seen", client=cast.birch)
    mail(watched, cast.birch, days_ago(10), {"gmail": (40, 0, 2)})
    steady = ClientFactory(agency=cast.north, name="Third")
    for day in range(28):
        mail(watched, steady, days_ago(day), {"gmail": (4, 0, 0)})
    Feed.objects.update(last_ok_at=timezone.now())
    roll_up(made, watched)


def past_the_edge(page: Page) -> list[str]:
    """The flags that do not stand inside the table's frame whole."""
    found: list[str] = page.evaluate("""() => {
        const edge = document.querySelector(".table-scroll").getBoundingClientRect().right;
        const cut = (tag) => tag.getBoundingClientRect().right > edge - 4 || tag.scrollWidth > tag.clientWidth + 1;
        return [...document.querySelectorAll("table.board .tag")].filter(cut).map((tag) => tag.textContent);
    }""")
    return found


def lines_of(page: Page, name: str) -> int:
    return int(
        page.get_by_role("link", name=name).evaluate("""(link) => {
        const words = document.createRange();
        words.selectNodeContents(link);
        return new Set([...words.getClientRects()].map((rect) => Math.round(rect.top))).size;
    }""")
    )


@pytest.mark.parametrize(("width", "lines"), [(1280, 2), (1366, 1), (1440, 1), (1920, 1)])
def test_on_a_laptop_no_flag_is_cut_and_no_name_is_broken_up(
    page: Page, live_server: LiveServer, cast: Cast, width: int, lines: int
) -> None:
    fill(cast)
    page.set_viewport_size({"width": width, "height": 900})
    open_as(page, live_server, cast.ann, "/")
    expect(page.get_by_text("fell at Workspace")).to_be_visible()
    expect(page.get_by_text("bounces rose")).to_be_visible()
    expect(page.get_by_text("no mail for 10 days")).to_be_visible()
    assert past_the_edge(page) == []
    scroller = page.locator(".table-scroll")
    assert scroller.evaluate("found => found.scrollWidth - found.clientWidth") == 0
    assert lines_of(page, 'Tidal, "Zoë" & Söhne') <= lines
    assert lines_of(page, "Terminal Co") == 1


@pytest.mark.parametrize("width", [320, 390, 768])
def test_where_its_columns_do_not_fit_a_row_shows_why_to_look_at_it_without_scrolling(
    page: Page, live_server: LiveServer, cast: Cast, width: int
) -> None:
    fill(cast)
    page.set_viewport_size({"width": width, "height": 844})
    open_as(page, live_server, cast.ann, "/")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Tidal"))
    name, figure, flag = (
        found.bounding_box()
        for found in (row.get_by_role("link", name="Tidal"), row.locator(".headline"), row.get_by_text("fell at Workspace"))
    )
    assert name
    assert figure
    assert flag
    assert abs(figure["y"] - name["y"]) < 40, "beside the name"
    assert 0 < flag["y"] - figure["y"] < 60, "right beneath"
    assert past_the_edge(page) == []
    assert page.locator(".table-scroll").evaluate("found => found.scrollWidth - found.clientWidth") == 0
    workspace = row.locator('[data-head="Workspace"]')
    assert workspace.evaluate("cell => getComputedStyle(cell, '::before').content") == '"Workspace"'
    expect(row.locator('[data-head="Bounced"]')).to_be_visible()
    expect(page.get_by_role("link", name="Change", exact=True)).to_be_visible()


def test_where_the_table_scrolls_each_row_keeps_its_name(page: Page, live_server: LiveServer, cast: Cast) -> None:
    fill(cast)
    page.set_viewport_size({"width": 1024, "height": 844})
    open_as(page, live_server, cast.ann, "/")
    name = page.get_by_role("link", name="Terminal Co")
    before = name.bounding_box()
    page.locator(".table-scroll").evaluate("found => found.scrollTo(found.scrollWidth, 0)")
    assert page.locator(".table-scroll").evaluate("found => found.scrollLeft") > 50
    assert name.bounding_box() == before
    assert past_the_edge(page) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_syncs_come_and_go_without_moving_what_is_read(page: Page, live_server: LiveServer, cast: Cast, width: int) -> None:
    made = [connect(cast.north, key=f"{number}" * 40, label=f"North {number}", client=cast.acme) for number in range(4)]
    feeds = Feed.objects.filter(connection__in=made)
    feeds.update(last_ok_at=timezone.now())
    page.set_viewport_size({"width": width, "height": 844})
    open_as(page, live_server, cast.ann, "/")
    quiet = page.locator("#board").bounding_box()
    for feed in feeds:
        run = SyncRun.objects.create(feed=feed, trigger="person", pages=1, rows=10)
        Feed.objects.filter(pk=feed.pk).update(last_run=run, claimed_until=timezone.now().replace(year=2099))
    page.reload()
    line = page.locator("#progress summary")
    expect(line).to_contain_text(f"Reading {feeds.count()} feeds")
    assert page.locator("#board").bounding_box() == quiet
    line.click()
    expect(page.get_by_text("Syncing: North 0 · broadcasts")).to_be_visible()
    SyncRun.objects.update(pages=5)
    expect(line).to_contain_text(f"{5 * feeds.count()} pages so far")
    expect(page.get_by_text("Syncing: North 0 · broadcasts")).to_be_visible()
    assert page.locator("#board").bounding_box() == quiet
    feeds.update(claimed_until=None)
    expect(page.locator("#progress")).to_be_empty()
    assert page.locator("#board").bounding_box() == quiet


@pytest.mark.parametrize(("width", "whole"), [(1440, True), (1024, True), (390, False)])
def test_how_far_a_sync_is_is_never_cut(page: Page, live_server: LiveServer, cast: Cast, width: int, whole: bool) -> None:
    made = connect(cast.north, key="a-key-long-enough", label="Harbour Mail at Instantly", client=cast.acme)
    Feed.objects.update(last_ok_at=timezone.now())
    page.set_viewport_size({"width": width, "height": 844})
    open_as(page, live_server, cast.ann, "/")
    quiet = page.locator("#board").bounding_box()
    feed = made.feeds.get(resource="broadcasts")
    run = SyncRun.objects.create(feed=feed, trigger="person", pages=463, rows=37_621)
    Feed.objects.filter(pk=feed.pk).update(last_run=run, claimed_until=timezone.now().replace(year=2099))
    page.reload()
    label, note = page.get_by_text("Syncing: Harbour Mail"), page.get_by_text("463 pages so far, 37,621 rows")
    expect(note).to_be_visible()
    assert not note.evaluate(CUT)
    assert label.evaluate(CUT) != whole
    inside = note.bounding_box()
    assert inside
    assert inside["x"] + inside["width"] <= width
    assert page.locator("#board").bounding_box() == quiet


CUT = "found => found.scrollWidth > found.clientWidth + 1"
