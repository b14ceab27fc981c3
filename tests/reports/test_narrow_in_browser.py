"""Lists on a tablet and on a phone: what counts is on the screen, and can be reached."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, Sender
from tests.cast import Cast, connect, make_cast
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.test_in_browser import open_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLET = ViewportSize(width=768, height=900)
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def behind(part: Locator) -> int:
    """How much of it lies beyond its own edge, in pixels."""
    return int(part.evaluate("part => part.scrollWidth - part.clientWidth"))


def test_sections_and_tabs_are_whole_on_a_tablet(page: Page, live_server: LiveServer, cast: Cast) -> None:
    for vendor in ("inboxally", "instantly", "imail", "inboxbase"):
        connect(cast.north, key=vendor * 5, label=vendor, vendor=vendor, client=cast.acme)
    page.set_viewport_size(TABLET)
    open_as(page, live_server, cast.ann, "/clients/acme/reports/")
    assert page.locator(".tabs a").count() == 11
    assert [behind(page.locator(part)) for part in (".nav", ".tabs")] == [0, 0]


def test_a_broadcast_s_inboxing_is_in_view_at_every_width(page: Page, live_server: LiveServer, cast: Cast) -> None:
    both = [connect(cast.north, key=name * 20, label=f"Acme's {name} account", client=cast.acme) for name in ("first", "other")]
    for connection in both:
        mail(connection, cast.acme, days_ago(1), {"gmail": (60, 6, 34)})
    roll_up(*both)
    for width in (TABLET["width"], PHONE["width"], 900):
        page.set_viewport_size({"width": width, "height": 900})
        open_as(page, live_server, cast.ann, "/clients/acme/broadcasts/")
        assert behind(page.locator(".table-scroll")) == 0
        expect(page.locator("td.lead").first).to_have_text(re.compile("66.0 %"))
        expect(page.get_by_text("Acme's other account")).to_be_visible()


def test_a_broadcast_s_page_begins_with_its_inboxing(page: Page, live_server: LiveServer, cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 20, client=cast.acme)
    found = mail(
        connection,
        cast.acme,
        days_ago(1),
        {"gmail": (60, 6, 34)},
        subject="What is new this week " * 6,
        from_email=f"{'n' * 60}@acme.example",
    )
    page.set_viewport_size(PHONE)
    open_as(page, live_server, cast.ann, f"/clients/acme/broadcasts/{found.uuid}/")
    expect(page.locator(".fact").first).to_have_text(re.compile(r"inboxing.*66\.0 %", re.DOTALL))
    expect(page.locator(".fact").first).to_be_in_viewport(ratio=1)
    assert behind(page.locator("html")) == 0
    tops = [
        page.locator(part).evaluate("part => part.getBoundingClientRect().top") for part in (".facts", "table", ".definitions")
    ]
    assert tops == sorted(tops)


def test_a_phone_sorts_by_a_field_and_its_keyboard_meets_no_hidden_heads(page: Page, live_server: LiveServer, cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 20, client=cast.acme)
    for name in ("b", "a"):
        Sender.objects.create(connection=connection, client=cast.acme, email=f"{name}@acme.example", external_id=name)
    page.set_viewport_size(PHONE)
    open_as(page, live_server, cast.ann, "/senders/?status=&search=acme")
    expect(page.locator("thead")).to_be_hidden()
    names = page.locator("tbody th a")
    expect(names).to_have_text(["a@acme.example", "b@acme.example"])
    page.get_by_label("Sort").select_option(label="Sender, Z to A")
    page.wait_for_url("**sort=-email**")
    expect(names).to_have_text(["b@acme.example", "a@acme.example"])
    expect(page.get_by_label("Search", exact=True)).to_have_value("acme")


def test_a_phone_folds_many_filters_and_says_how_many_are_set(page: Page, live_server: LiveServer, cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 20, client=cast.acme)
    for name, preset in (("a", "warmup"), ("b", "repair")):
        Sender.objects.create(
            connection=connection, client=cast.acme, email=f"{name}@acme.example", external_id=name, preset=preset
        )
    page.set_viewport_size(PHONE)
    open_as(page, live_server, cast.ann, "/clients/acme/senders/?preset=repair")
    field = page.locator("select[name=preset]")
    expect(field).to_be_hidden()
    page.get_by_text("Filters (1)").click()
    field.select_option("")
    expect(page.locator(".filters-fold summary")).to_have_text("Filters")
    expect(field).to_be_visible()
    page.set_viewport_size(DESK)
    expect(page.locator(".filters-fold")).to_be_hidden()
    expect(page.get_by_label("Sort")).to_be_hidden()


def test_on_a_phone_what_is_nobodys_is_given_away_without_scrolling_sideways(
    page: Page, live_server: LiveServer, cast: Cast
) -> None:
    Client.objects.filter(pk=cast.acme.pk).update(name="The Acme Company of Long Names and Even Longer Sender Names")
    SenderFactory(connection=connect(cast.north, key="k" * 12, label="Shared"), email="post@stray.example")
    page.set_viewport_size(PHONE)
    open_as(page, live_server, cast.mo, "/unassigned/")
    region = page.locator(".table-scroll")
    assert behind(region) == 0
    region.get_by_label("Client for stray.example").select_option("acme")
    give = region.get_by_role("button", name="Give stray.example to this client")
    assert give.evaluate("part => part.getBoundingClientRect().right") <= PHONE["width"]
    give.click()
    expect(region).to_have_count(0)
