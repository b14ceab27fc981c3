"""The pages of changes for vendors that pause and warm up: what is offered, and campaigns beside senders."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from clients import sync
from clients.changes import selecting
from clients.models import Campaign, ChangeState, Connection
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import bring_senders, writes
from tests.clients.doing import signed_in, text_of
from tests.clients.views.asking import act, asked, see


@pytest.fixture
def connection(vendor: Sandbox, cast: Cast) -> Connection:
    """Of the other vendor: six senders of Acme's."""
    made = connect(cast.north, key=vendor.add_account("wide", senders=6, broadcasts=1).key, client=cast.acme)
    bring_senders(made)
    return made


@pytest.fixture
def mailboxes(vendor: Sandbox, cast: Cast, settings: Any) -> Connection:
    """Eight of Birch's, and a tag; the vendor has statuses and warmup, and no rules."""
    settings.INSTANTLY_URL, settings.INSTANTLY_RATE = vendor.url, 0
    vendor.instantly.add("few", mailboxes=8, tests=0)
    made = connect(cast.north, key=vendor.instantly.key("few"), client=cast.birch, vendor="instantly", label="Mailboxes")
    bring_senders(made)
    vendor.requests.clear()
    return made


def test_the_form_offers_what_the_vendors_of_the_chosen_have(cast: Cast, connection: Connection, mailboxes: Connection) -> None:
    def offered(query: str) -> tuple[list[str], list[str]]:
        shown = text_of(signed_in(cast.mo).get(f"/changes/new/?{query}"))
        return re.findall(r'name="what" value="(\w+)"', shown), re.findall(r'<option value="(\w+)"[^>]*>', shown)

    whats, values = offered("client=birch")
    assert (whats, {"active", "paused", "on", "off"} <= set(values), "inactive" in values) == (["status", "warmup"], True, False)
    whats, values = offered("client=acme")
    assert (whats, "inactive" in values, "paused" in values) == (["preset", "custom", "status"], True, False)
    shown = text_of(signed_in(cast.mo).get("/changes/new/?all=1"))
    assert re.findall(r'name="what" value="(\w+)"', shown) == ["preset", "custom", "status", "warmup"]
    for told in ("A preset of engagement rules (InboxAlly)", "Warmup (Instantly)", "Paused (Instantly)", "Inactive (InboxAlly)"):
        assert told in shown
    assert "Active (" not in shown
    refused = signed_in(cast.mo).post("/changes/new/", {"client": "birch", "what": "preset", "to_preset": "repair"})
    assert refused.status_code == 422


def test_mailboxes_from_form_to_undo(vendor: Sandbox, cast: Cast, mailboxes: Connection) -> None:
    change = asked(cast, client="birch", what="status", to_status="paused")
    shown = see(cast, change)
    assert "Apply to 8 senders" in shown
    assert len(re.findall(r"<td[^>]*>active</td><td[^>]*>paused</td>", shown)) == 8
    assert "Instantly takes up to 100 of them by their addresses in one call." in shown
    change = act(cast, change, "apply")
    assert see(cast, change).count("read back: paused") == 8
    assert "Back to status active for 8 senders" in see(cast, act(cast, change, "undo"))
    file = text_of_stream(signed_in(cast.mo).get(f"/changes/{change.uuid}/export/change_senders.csv"))
    assert file.count(",active,paused,done,") == 8


def text_of_stream(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def test_campaigns_are_picked_on_their_tab_and_page(vendor: Sandbox, cast: Cast, mailboxes: Connection) -> None:
    sync.run(mailboxes.feeds.get(resource="campaigns").pk)
    running = Campaign.objects.filter(client=cast.birch, status="active")
    first = running[0]
    tab = text_of(signed_in(cast.mo).get("/clients/birch/campaigns/"))
    assert f'name="campaign" value="{first.uuid}"' in tab
    assert 'name="campaign"' not in text_of(signed_in(cast.ben).get("/clients/birch/campaigns/"))
    assert f"/changes/new/?campaign={first.uuid}" in text_of(signed_in(cast.mo).get(f"/clients/birch/campaigns/{first.uuid}/"))
    nobody = signed_in(cast.mo).get("/changes/new/?client=birch&ticked=campaigns")
    assert (nobody.status_code, nobody.url) == (302, "/clients/birch/campaigns/")

    form = text_of(signed_in(cast.mo).get(f"/changes/new/?campaign={first.uuid}"))
    assert str(first) in form
    change = asked(cast, campaign=[str(one.uuid) for one in running], to_status="paused")
    shown = see(cast, change)
    number = running.count()
    assert f"Apply to {number} campaign{'s' if number > 1 else ''}" in shown
    assert f"{number} picked campaign" in shown
    change = act(cast, change, "apply")
    assert change.state == ChangeState.DONE
    listed = text_of(signed_in(cast.mo).get("/changes/?kind=campaigns"))
    assert "Campaigns paused" in listed
    file = text_of_stream(signed_in(cast.mo).get(f"/changes/{change.uuid}/export/change_senders.csv"))
    assert str(first) in file


def test_all_campaigns_that_match_a_tag_or_a_domain_of_senders_are_changed(
    vendor: Sandbox, cast: Cast, mailboxes: Connection
) -> None:
    sync.run(mailboxes.feeds.get(resource="campaigns").pk)
    first, second = Campaign.objects.filter(client=cast.birch, status="active")[:2]
    Campaign.objects.filter(pk=first.pk).update(tags=["autumn"], senders=["a@one.example"])
    Campaign.objects.filter(pk=second.pk).update(tags=["Autumn 2"], senders=["a@two.example"])
    browser = signed_in(cast.mo)
    for query in ("tag=autumn", "domain=one.example"):
        tab = text_of(browser.get(f"/clients/birch/campaigns/?{query}"))
        assert "Change all 1 that match" in tab
        assert (str(first.uuid) in tab, str(second.uuid) in tab) == (True, False)
    form = text_of(browser.get("/changes/new/?all=campaigns&client=birch&tag=autumn"))
    assert "All campaigns of Birch, tagged autumn." in form
    change = asked(cast, all="campaigns", client="birch", tag="autumn", to_status="paused")
    assert change.selector == {"by": "campaigns", "filters": {"client": "birch", "tag": "autumn"}}
    assert list(selecting.of_change(change)) == [first]
    assert signed_in(cast.zoe).get("/changes/new/?all=campaigns&client=birch&tag=autumn").status_code == 404


def test_a_campaign_of_another_agency_is_not_found(vendor: Sandbox, cast: Cast, mailboxes: Connection) -> None:
    sync.run(mailboxes.feeds.get(resource="campaigns").pk)
    one = Campaign.objects.latest("pk")
    browser = signed_in(cast.zoe)
    assert browser.get(f"/changes/new/?campaign={one.uuid}").status_code == 404
    assert browser.post("/changes/new/", {"campaign": str(one.uuid), "to_status": "paused"}).status_code == 404
    assert browser.get("/changes/new/?client=birch&ticked=campaigns").status_code == 404


def test_a_profile_that_the_vendor_lets_nobody_edit_is_shown_and_not_saved(
    vendor: Sandbox, cast: Cast, mailboxes: Connection
) -> None:
    sender = mailboxes.senders.latest("pk")
    browser = signed_in(cast.mo)
    listed = text_of(browser.get("/clients/birch/senders/"))
    assert f'name="sender" value="{sender.uuid}"' in listed
    assert f"/senders/{sender.uuid}/edit/" not in listed
    address = reverse("sender-edit", args=[sender.uuid])
    assert "Instantly lets nobody edit its senders from outside." in text_of(browser.get(address))
    refused = browser.post(address, {"name": "X", "tags": "", "status": "active"})
    assert (refused.status_code, writes(vendor)) == (422, [])
    page = text_of(browser.get(reverse("sender", args=["birch", sender.uuid])))
    assert f"/changes/new/?sender={sender.uuid}" in page
    assert "/changes/new/?sender" not in text_of(signed_in(cast.ben).get(reverse("sender", args=["birch", sender.uuid])))
