"""Acting on what is seen: a domain put on other rules with a preview, watched on its way, and taken back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from sandbox.inboxally.making import sender_id
from tests.browser.conftest import Visit
from tests.browser.house import House
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: The demo's smallest client has a domain of its own.
EMAILS = ("atelier@petit.example", "bonjour@petit.example", "ventes@petit.example")


def rows(page: Page, heading: str = "Senders") -> list[str]:
    return page.get_by_role("region", name=heading, exact=True).locator("tbody tr").all_inner_texts()


def test_a_domain_is_changed_with_a_preview_watched_and_taken_back_with_its_drift(page: Page, demo: House) -> None:
    page.goto("/clients/petit/senders/")
    page.get_by_role("link", name="Change all 3 that match").click()
    page.get_by_label("Domain").fill("petit.example")
    page.get_by_label("Preset", exact=True).select_option("repair")
    expect(page.get_by_label("Opened")).to_be_hidden()
    page.get_by_label("Reason").fill("Spam at Outlook")
    page.get_by_role("button", name="Preview").click()

    apply = page.get_by_role("button", name="Apply to 3 senders")
    expect(apply).to_be_visible()
    before = rows(page)
    assert [row.split()[0] for row in before] == list(EMAILS)
    assert all("default" in row and "repair" in row for row in before)
    expect(page.get_by_text("3 senders by 1 call.")).to_be_visible()

    # The vendor thinks for a while, so that the way can be seen.
    demo.ask_sandbox("faults", kind="stall", route="/v3/senders/*", method="PUT", account="petit", seconds=3)
    apply.click()
    expect(page.get_by_role("progressbar", name="Sending")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.get_by_text("3 done.")).to_be_visible()
    assert all("read back: repair" in row for row in rows(page))

    demo.ask_sandbox("change", account="petit", senders={sender_id(EMAILS[0]): {"preset": "boost"}})
    page.get_by_role("button", name="Undo…").click()
    expect(page.get_by_role("heading", name="Changed by somebody since")).to_be_visible()
    (drifted,) = rows(page, "Changed by somebody since")
    assert EMAILS[0] in drifted
    assert "Somebody has set it to boost since." in drifted
    expect(page.get_by_role("button", name="Undo for 2 senders, 2 calls")).to_be_visible()
    page.get_by_label(f"Overwrite {EMAILS[0]}").check()
    page.get_by_role("button", name="Undo for 2 senders and 1 ticked, 3 calls").click()
    expect(page.get_by_text("3 done.")).to_be_visible()
    assert all("read back: default" in row for row in rows(page))

    page.goto("/clients/petit/activity/?status=people")
    expect(page.get_by_text("Asked to apply an undo")).to_be_visible()
    expect(page.get_by_text(re.compile("rules default × 3 → repair × 3; Spam at Outlook"))).to_be_visible()


def test_ticked_senders_are_changed_without_scripts_too(demo: House, visit: Visit, key_to_demo: object) -> None:
    page = visit(demo, storage_state=key_to_demo, java_script_enabled=False).page
    page.goto("/senders/?client=petit")
    page.get_by_label(f"Tick {EMAILS[1]}").check()
    page.get_by_role("button", name="Change the ticked…").click()
    expect(page.get_by_text("1 picked sender")).to_be_visible()
    page.get_by_label("The status").check()
    page.get_by_label("Status", exact=True).select_option("active")
    page.get_by_role("button", name="Preview").click()
    said = page.get_by_text("There is nothing to change: 1 is so already.")
    wait_until(lambda: page.reload() and said.is_visible(), what="the plan")
