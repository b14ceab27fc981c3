"""The Tests tab in a real browser: from the list to a test, its runs, and results that come in while one looks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import PlacementTest
from tests import reaching
from tests.cast import Cast, make_cast
from tests.factories import days_ago
from tests.placing import account, placement_test, report, run
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("complaints")]

ANN, BOB = "ann@acme.example", "bob@acme.example"
NASTY = "<img src=x onerror=window.ran=1>"


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_from_the_list_to_a_test_and_its_runs(page: Page, live_server: LiveServer, cast: Cast) -> None:
    connection = account(cast.north, cast.acme)
    test = placement_test(
        connection, {ANN: {"gmail": "P" * 30}, BOB: {}}, on=days_ago(9), kind="automated", name=f"Weekly {NASTY}"
    )
    run(test, {ANN: {"gmail": "S" * 29 + "F"}}, on=days_ago(2))
    report(test, "acme.example", day=days_ago(2), lists=[{"blacklist": NASTY, "listed": True, "kind": "ip"}])
    placement_test(connection, {ANN: {"gmail": "P"}}, name="Other")
    open_as(page, live_server, cast.cleo, "/clients/acme/")
    page.get_by_role("link", name="Tests", exact=True).click()
    page.wait_for_url("**/tests/", wait_until="load")  # a choice made before the scripts stand is lost on them
    page.evaluate("window.same = true")
    page.get_by_label("Kind").select_option("automated")
    expect(page).to_have_url(re.compile("kind=automated"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Inboxing").click()
    expect(page.get_by_role("columnheader", name="Inboxing")).to_have_attribute("aria-sort", "ascending")
    assert page.evaluate("window.same")
    page.get_by_role("link", name="Weekly").click()
    matrix = page.get_by_role("region", name="By sender and mailbox provider")
    expect(matrix.locator("tfoot td").first).to_have_text("330")
    page.get_by_text("1 mail that failed, by sender and reason, with headers").click()
    expect(page.locator("pre.raw").first).to_contain_text("<news@acme.example>")
    page.evaluate("window.same = true")
    page.get_by_label("Run of").select_option(days_ago(9).isoformat())
    expect(page).to_have_url(re.compile(f"day={days_ago(9)}"))
    expect(matrix.locator("tfoot td").first).to_have_text("10030")
    page.go_back()
    expect(matrix.locator("tfoot td").first).to_have_text("330")
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize(("tab", "figure"), [("tests", "Inboxing"), ("campaigns", "Sent"), ("senders", "")])
def test_on_a_phone_the_main_figure_stands_beside_the_name(
    page: Page, live_server: LiveServer, cast: Cast, tab: str, figure: str
) -> None:
    connection = account(cast.north, cast.acme)
    placement_test(connection, {ANN: {"gmail": "P" * 30}})
    reaching.campaign(connection)
    reaching.sender(connection)
    page.set_viewport_size({"width": 390, "height": 844})
    open_as(page, live_server, cast.mo, f"/clients/acme/{tab}/")
    row = page.locator("tbody tr").first
    name, lead = (row.locator(part).bounding_box() for part in ("th", "td.lead"))
    assert name
    assert lead
    assert (lead["y"], lead["x"] + lead["width"] < 390) == (name["y"], True)
    assert not figure or row.locator("td.lead").get_attribute("data-head") == figure
    assert page.evaluate("document.querySelector('.table-scroll').scrollWidth") <= 390


def test_results_that_come_in_show_by_themselves_until_all_are_in(page: Page, live_server: LiveServer, cast: Cast) -> None:
    test = placement_test(
        account(cast.north, cast.acme), {ANN: {"gmail": "PP"}, BOB: {}}, status="active", settled=False, seeds=4
    )
    open_as(page, live_server, cast.cleo, f"/clients/acme/tests/{test.uuid}/")
    expect(page.locator("#test-progress")).to_contain_text("2 of 8 in")
    expect(page.get_by_role("row", name=re.compile("bob"))).to_contain_text("nothing in yet")
    page.evaluate("window.same = true")
    run(test, {BOB: {"gmail": "SS"}}, on=test.created_at.date(), settled=False)
    expect(page.locator("#test-progress")).to_contain_text("4 of 8 in")
    expect(page.get_by_role("row", name=re.compile("bob"))).not_to_contain_text("nothing in yet")
    PlacementTest.objects.update(status="completed")
    test.refresh_from_db()
    run(test, {BOB: {"yahoo": "SM"}}, on=test.created_at.date())
    expect(page.locator("#test-progress")).to_be_empty()
    expect(page.get_by_role("row", name=re.compile("bob")).locator("td").last).to_have_text("1")
    assert page.evaluate("window.same")
    assert page.locator("[hx-get*='/progress/']").count() == 0
