"""One sender profile at a time: made and edited, the vendor's refusals at their fields."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clients.changes import asking, planning
from clients.changes.working import work
from clients.models import ChangeItem, Connection, Health, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import REPAIR, bring_senders, on, writes
from tests.clients.doing import newest_entry, signed_in, text_of


@pytest.fixture
def connection(vendor: Sandbox, cast: Cast) -> Connection:
    made = connect(cast.north, key=vendor.add_account("wide", senders=20, broadcasts=1).key, client=cast.acme)
    bring_senders(made)
    vendor.requests.clear()
    return made


def given(connection: Connection, **changes: Any) -> dict[str, Any]:
    data = {"connection": str(connection.uuid), "email": "new@brand00.example", "name": "", "tags": "one, two"}
    return {**data, "status": "active", "preset": "warmup", **changes}


def errors(page: str) -> dict[str, str]:
    """Field → what is said under it."""
    found = re.findall(r'name="(\w+)"[^§]*?(?=<div class="field">|</form>)', page)
    said = {}
    for name in found:
        part = page.split(f'name="{name}"', 1)[1].split('<div class="field">', 1)[0]
        if error := re.search(r'class="errorlist"[^>]*>(.*?)</ul>', part, re.DOTALL):
            said[name] = re.sub(r"<[^>]+>", "", error[1]).strip()
    return said


def test_a_new_sender_is_made_at_the_vendor_and_is_here_at_once(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    response = signed_in(cast.mo).post("/senders/new/", given(connection))
    made = Sender.objects.get(email="new@brand00.example")
    assert response.url == f"/senders/{made.uuid}/edit/"
    assert (made.client, made.preset, made.status, made.name) == (cast.acme, "warmup", "active", "new@brand00.example")
    assert [tag.name for tag in made.tags.all()] == ["one", "two"]
    entry = newest_entry()
    assert (entry.action, entry.subject, entry.actor) == ("sender.created", cast.acme.uuid, "Mo")


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("me@gmail.com", "Free mailboxes cannot be sender addresses."),
        ("me@unverified.example", "unverified.example is not verified."),
        ("box00000@brand00.example", "A sender profile with this address exists."),
    ],
)
def test_the_vendors_refusals_stand_at_the_address(
    vendor: Sandbox, cast: Cast, connection: Connection, email: str, words: str
) -> None:
    response = signed_in(cast.mo).post("/senders/new/", given(connection, email=email, name="Typed"))
    assert response.status_code == 422
    assert errors(text_of(response)) == {"email": words}
    assert 'value="Typed"' in text_of(response)
    assert Sender.objects.count() == 20


def test_a_full_plan_is_told_at_the_address_and_costs_the_key_nothing(
    vendor: Sandbox, cast: Cast, connection: Connection
) -> None:
    vendor.world.account("wide").plan = 20
    response = signed_in(cast.mo).post("/senders/new/", given(connection))
    assert (
        "plan does not allow another sender profile (Your plan allows 20 sender profiles)" in errors(text_of(response))["email"]
    )
    connection.refresh_from_db()
    assert connection.health == Health.OK


def test_a_lost_answer_is_found_out(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    vendor.faults.add("lost", "/v3/senders", method="POST")
    assert signed_in(cast.mo).post("/senders/new/", given(connection)).status_code == 302
    assert len(writes(vendor)) == 1
    vendor.faults.add("close", "/v3/senders", method="POST")
    response = signed_in(cast.mo).post("/senders/new/", given(connection, email="other@brand00.example"))
    assert response.status_code == 422
    assert "broke off its answer" in text_of(response)


def test_an_edit_sends_only_what_differs(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    sender = Sender.objects.get(email="box00003@brand03.example")
    browser, path = signed_in(cast.mo), f"/senders/{sender.uuid}/edit/"
    same = {"name": sender.name, "tags": "tag3", "status": "active"}
    browser.post(path, same)
    assert writes(vendor) == []
    browser.post(path, same | {"name": "Renamed", "tags": "tag3, vip"})
    assert [(asked.method, asked.status) for asked in writes(vendor)] == [("PATCH", 200)]
    sender.refresh_from_db()
    assert (sender.name, [tag.name for tag in sender.tags.all()]) == ("Renamed", ["tag3", "vip"])
    entry = newest_entry()
    assert (entry.action, entry.before) == ("sender.edited", {"name": "Box 00003", "tags": ["tag3"]})
    browser.post(path, {"name": "Renamed", "tags": "tag3, vip", "status": "inactive"})
    assert [asked.path.rpartition("/")[2] for asked in writes(vendor)[1:]] == ["status"]
    sender.refresh_from_db()
    assert sender.status == "inactive"


def test_a_domain_that_is_not_verified_is_told_at_the_status(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    sender = Sender.objects.get(email="box00003@brand03.example")
    vendor.change("wide", senders={sender.external_id: {"status": "inactive"}})
    bring_senders(connection)
    vendor.world.account("wide").verified.clear()
    response = signed_in(cast.mo).post(f"/senders/{sender.uuid}/edit/", {"name": "Renamed", "tags": "tag3", "status": "active"})
    assert response.status_code == 422
    assert errors(text_of(response)) == {"status": "brand03.example is not verified."}
    sender.refresh_from_db()
    assert (sender.name, sender.status) == ("Renamed", "inactive"), "what the first call did is kept and shown"


def test_a_sender_that_a_change_is_working_on_waits(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    change = planning.ask(cast.north, on("brand03.example"), REPAIR, cast.mo)
    work(change.pk)
    asking.apply(change, None)
    ChangeItem.objects.update(state="queued")
    sender = Sender.objects.get(email="box00003@brand03.example")
    response = signed_in(cast.mo).post(f"/senders/{sender.uuid}/edit/", {"name": "X", "tags": "", "status": "active"})
    assert "A change of this sender is under way" in text_of(response)
    assert writes(vendor) == []


@pytest.mark.parametrize("health", [Health.PAUSED, Health.REFUSED])
def test_an_account_that_may_not_be_asked_is_not(vendor: Sandbox, cast: Cast, connection: Connection, health: Health) -> None:
    Connection.objects.update(health=health)
    sender = Sender.objects.all()[0]
    browser = signed_in(cast.mo)
    assert "disabled" in text_of(browser.get(f"/senders/{sender.uuid}/edit/"))
    assert browser.post(f"/senders/{sender.uuid}/edit/", {"name": "X", "tags": "", "status": "active"}).status_code == 422
    assert browser.post("/senders/new/", given(connection)).status_code == 422
    assert len(vendor.requests) == 0
