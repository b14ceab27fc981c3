"""A shuffle, from the seeds' page to the files at the ESP."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DEMO, Visit
from tests.browser.house import House
from tests.browser.reading import wider_than_the_screen
from tests.browser.visitor import PHONE
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_shuffle_with_its_files(page: Page, demo: House) -> None:
    to_account(page, demo, "Halden account")
    page.get_by_role("link", name="Plan a shuffle").click()
    form = page.get_by_role("form", name="A part of all seeds")
    form.get_by_label("Percentage").fill("25")
    expect(form.get_by_role("row", name="All 120 30 120")).to_be_visible()
    form.get_by_role("button", name="Preview").click()
    expect(page.locator("form strong")).to_have_text("Halden")
    label = page.get_by_label("Type ‘Halden account’ to shuffle its seeds")
    label.fill("Halden")
    page.get_by_role("button", name="Shuffle now").click()
    expect(page.get_by_text("That is not the account's label")).to_be_visible()
    label.fill("Halden account")
    page.get_by_role("button", name="Shuffle now").click()
    expect(page.get_by_text("30 of 120 seeds went, 30 came.")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Files for the ESP").click()
    expect(page.get_by_text(re.compile(r"in 30 days"))).to_be_visible()

    added = rows_of(page, "New seeds, to be added: Klaviyo")
    removed = lines_of(page, "Old seeds, to be removed: Plain list")
    current = rows_of(page, "All seeds of now: HubSpot")
    new, now = {row["Email Address"] for row in added}, {row["Email"] for row in current}
    assert (len(new), len(removed), len(now)) == (30, 30, 120)
    assert new <= now
    assert not set(removed) & now

    page.reload()
    expect(page.get_by_role("region", name="Files taken").locator("tbody tr")).to_have_count(3)
    page.get_by_role("link", name="Seeds", exact=True).first.click()
    unfinished = page.get_by_role("region", name="Rotations that are not finished")
    expect(unfinished.get_by_role("link", name="Halden", exact=True)).to_be_visible()
    unfinished.get_by_role("link", name="Halden account").click()
    page.set_viewport_size(PHONE)
    assert wider_than_the_screen(page) == 0
    page.get_by_role("button", name="Halden: done at the ESP").click()
    expect(page.get_by_role("status")).to_contain_text("Halden's ESP is done")
    page.goto("/clients/halden/activity/")
    for title in ("Rotation of seeds done at the ESP", "File of seeds taken", "Shuffle done", "Shuffle confirmed"):
        expect(page.get_by_text(title).first).to_be_visible()


def test_without_scripts_a_shuffle_is_planned_and_confirmed(demo: House, visit: Visit) -> None:
    visitor = visit(demo, java_script_enabled=False)
    visitor.sign_in(DEMO, demo.demo_password())
    page = visitor.page
    to_account(page, demo, "Petit account")
    page.get_by_role("link", name="Plan a shuffle").click()
    form = page.get_by_role("form", name="A part at each mailbox provider")
    form.get_by_label("Gmail, %").fill("50")
    form.get_by_role("button", name="Show the mix").click()
    expect(form.get_by_role("row", name="Gmail 24 12 24")).to_be_visible()
    form.get_by_role("button", name="Preview").click()
    page.get_by_label("Type ‘Petit account’ to shuffle its seeds").fill("Petit account")
    page.get_by_role("button", name="Shuffle now").click()
    made = "SELECT count(*) FROM clients_shuffle WHERE state = 'done' AND origin = 'person' AND removed = 12"
    wait_until(lambda: demo.home.number(made) == 1, 60, what="the shuffle to be done")
    page.reload()
    expect(page.get_by_text("12 of 60 seeds went, 12 came.")).to_be_visible()


def to_account(page: Page, demo: House, label: str) -> None:
    book = f"""SELECT count(*) FROM clients_seedbook b JOIN clients_connection c ON c.id = b.connection_id
               WHERE c.label = '{label}' AND b.asked_at IS NOT NULL"""
    wait_until(lambda: demo.home.number(book) == 1, 60, what="the cooldown to be known")
    page.goto("/seeds/")
    page.get_by_role("link", name=label).click()


def downloaded(page: Page, button: str) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path())


def rows_of(page: Page, button: str) -> list[dict[str, str]]:
    with downloaded(page, button).open(newline="") as file:
        return list(csv.DictReader(file, strict=True))


def lines_of(page: Page, button: str) -> list[str]:
    return downloaded(page, button).read_text().splitlines()
