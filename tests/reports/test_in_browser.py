"""Figures and parts in a real browser, under the real policy."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from agency.models import User
from clients.models import Connection, Feed, SyncRun
from tests.browser.reading import hover
from tests.cast import Cast, connect, make_cast
from tests.factories import days_ago, mail, roll_up
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NASTY = "<img src=x onerror=window.ran=1>.example"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def open_as(page: Page, live_server: LiveServer, user: User, path: str) -> None:
    browser = Browser()
    browser.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": browser.cookies["sessionid"].value, "url": live_server.url}])
    page.goto(f"{live_server.url}{path}")


def fill(cast: Cast, domain: str = "mail.acme.example") -> Connection:
    connection = connect(cast.north, key="a" * 40, label="North", client=cast.acme)
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now())
    for ago in range(40):
        if ago != 12:
            mail(connection, cast.acme, days_ago(ago), {"gmail": (15, 3, 2), "outlook": (18 if ago > 9 else 8, 0, 12)})
        mail(connection, cast.acme, days_ago(ago % 5), {"yahoo": (3, 3, 2)}, domain=domain)
    roll_up(connection)
    return connection


def drawn(page: Page) -> None:
    expect(page.locator("[data-chart] .main-svg").first).to_be_attached()
    expect(page.locator("[data-chart]:not(.js-plotly-plot)")).to_have_count(0)


def test_every_figure_is_drawn_and_the_policy_has_nothing_to_say(
    page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]
) -> None:
    fill(cast)
    open_as(page, live_server, cast.ann, "/clients/acme/")
    drawn(page)
    assert page.locator("[data-chart]").count() == 6
    expect(page.locator("[data-chart=heat] image")).to_have_count(1)
    expect(page.locator("[data-chart=trend] .scatterlayer path.js-line").nth(3)).to_be_attached()
    # plotly's own stylesheet is there: without it, hover labels and cursors are not.
    assert page.evaluate("document.getElementById('plotly.js-style-global').sheet.cssRules.length") > 10


def test_a_vendor_s_text_runs_nowhere_not_even_under_the_mouse(
    page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]
) -> None:
    fill(cast, NASTY)
    open_as(page, live_server, cast.ann, "/clients/acme/")
    drawn(page)
    bars = page.locator("[data-chart=domains]")
    bars.scroll_into_view_if_needed()
    expect(bars.locator(".ytick text").filter(has_text="onerror")).to_have_text(f"…{NASTY[-33:]}")
    hover(page, "domains", 0.5, 0.75, bars.locator(".hoverlayer text"))
    expect(bars.locator(".hoverlayer")).to_contain_text(NASTY[-33:])
    assert page.evaluate("window.ran") is None


def test_a_filter_swaps_the_tab_and_the_back_button_brings_the_last_one(
    page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]
) -> None:
    fill(cast)
    open_as(page, live_server, cast.ann, "/clients/acme/")
    drawn(page)
    choice, before = page.locator("select[name=mailbox_provider]"), page.locator("dl.facts").inner_text()
    choice.select_option("gmail")
    page.wait_for_url("**mailbox_provider=gmail**")
    expect(page.locator("dl.facts")).not_to_have_text(before)
    drawn(page)
    assert page.locator("main").count() == 1
    page.go_back()
    expect(choice).to_have_value("")
    expect(page.locator("dl.facts")).to_have_text(before, use_inner_text=True)
    drawn(page)


def test_figures_change_their_colours_with_the_theme(
    page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]
) -> None:
    fill(cast)
    page.emulate_media(color_scheme="light")
    open_as(page, live_server, cast.ann, "/clients/acme/")
    drawn(page)
    line = page.locator("[data-chart=trend] path.js-line").nth(1)
    assert "rgb(15, 138, 126)" in str(line.get_attribute("style"))
    page.emulate_media(color_scheme="dark")
    expect(line).to_have_attribute("style", re.compile(r"\(60, 199, 184\)"))
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Light").click()
    expect(line).to_have_attribute("style", re.compile(r"\(15, 138, 126\)"))


def test_plotly_is_loaded_on_pages_with_a_chart_only(page: Page, live_server: LiveServer, cast: Cast) -> None:
    fill(cast)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_as(page, live_server, cast.ann, "/")
    expect(page.get_by_role("link", name="Acme")).to_be_visible()
    assert not [url for url in asked if "plotly" in url]
    page.goto(f"{live_server.url}/clients/acme/")
    drawn(page)
    assert [url for url in asked if "plotly" in url]


def test_the_overview_fills_by_itself_while_the_first_sync_runs(
    page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]
) -> None:
    connection = connect(cast.north, key="a" * 40, label="North", client=cast.acme)
    feed = connection.feeds.get(resource="broadcasts")
    run = SyncRun.objects.create(feed=feed, pages=1, pages_expected=9, rows=10)
    Feed.objects.filter(pk=feed.pk).update(
        last_run=run, claimed_until=timezone.now().replace(year=2099), checkpoint={"phase": "detail", "rows": 10}
    )
    open_as(page, live_server, cast.ann, "/")
    expect(page.locator("#progress")).to_contain_text("1 of 9 pages")
    mail(connection, cast.acme, days_ago(0), {"gmail": (60, 0, 40)})
    roll_up(connection)
    SyncRun.objects.filter(pk=run.pk).update(pages=4, rows=40)
    expect(page.locator("#progress")).to_contain_text("4 of 9 pages")
    expect(page.locator("table.board")).to_contain_text("60.0 %")
    Feed.objects.filter(connection=connection).update(claimed_until=None, last_ok_at=timezone.now())
    expect(page.locator("#progress")).to_be_empty()
    expect(page.locator("table.board")).to_contain_text("just now")
    assert page.locator("[hx-get^='/progress/']").count() == 0


def test_without_scripts_the_overview_reads_and_filters(browser: Chromium, live_server: LiveServer, cast: Cast) -> None:
    fill(cast)
    cast.acme.tags.create(name="vip")
    expect.set_options(timeout=PATIENCE)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_as(page, live_server, cast.ann, "/")
    page.get_by_label("Tags").select_option("vip")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("table.board tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Acme").click()
    page.locator("details.figure-table summary").first.click()
    expect(page.get_by_role("region", name="Where mail landed, newest first")).to_be_visible()
    context.close()


def test_a_connections_page_moves_while_it_syncs_and_drops_the_notice_at_the_end(
    page: Page, live_server: LiveServer, cast: Cast, complaints: list[str]
) -> None:
    connection = connect(cast.north, key="a" * 40, label="North", client=cast.acme)
    open_as(page, live_server, cast.mo, f"/connections/{connection.uuid}/")
    page.get_by_role("button", name="Sync now").click()
    notice = page.get_by_text("A sync is on the way.")
    expect(notice).to_be_visible()
    expect(page.locator("#connection-runs")).to_contain_text("None yet.")

    feed = connection.feeds.get(resource="broadcasts")
    run = SyncRun.objects.create(feed=feed, pages=2, rows=20)
    Feed.objects.filter(connection=connection).update(requested_at=None)
    Feed.objects.filter(pk=feed.pk).update(last_run=run, claimed_until=timezone.now().replace(year=2099))
    expect(page.locator("#connection-progress")).to_contain_text("2 pages so far, 20 rows")
    expect(page.locator("#connection-feeds").get_by_text("running", exact=True)).to_have_count(1)
    row = page.locator("#connection-runs tbody tr")
    expect(row).to_contain_text("Running")
    row.get_by_role("link").focus()
    SyncRun.objects.filter(pk=run.pk).update(pages=3)
    expect(row.locator("td").nth(2)).to_have_text("3")
    expect(row.get_by_role("link")).to_be_focused()

    SyncRun.objects.filter(pk=run.pk).update(state="ok", finished_at=timezone.now())
    now = timezone.now()
    Feed.objects.filter(connection=connection).update(claimed_until=None, last_ok_at=now, next_at=now + timedelta(minutes=10))
    expect(page.locator("#connection-runs")).to_contain_text("Complete")
    expect(page.locator("#connection-feeds").get_by_text("fresh", exact=True)).to_have_count(3)
    expect(notice).to_have_count(0)
    assert page.locator("[hx-get*='/progress/']").count() == 0


def test_what_a_filter_leaves_open_stays_out_of_the_address(page: Page, live_server: LiveServer, cast: Cast) -> None:
    fill(cast)
    open_as(page, live_server, cast.ann, "/clients/acme/broadcasts/")
    page.locator("select[name=window]").select_option("7")
    page.wait_for_url("**/clients/acme/broadcasts/?window=7")
    page.locator("select[name=mailbox_provider]").select_option("gmail")
    page.wait_for_url("**/clients/acme/broadcasts/?window=7&mailbox_provider=gmail")
    page.locator("select[name=mailbox_provider]").select_option("")
    page.wait_for_url("**/clients/acme/broadcasts/?window=7")
