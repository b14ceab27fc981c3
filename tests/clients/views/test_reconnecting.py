"""A sender that its vendor lost is connected again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from agency.models import AuditEntry
from clients import sync
from clients.models import Connection, Sender
from clients.vendors import waiting
from sandbox.server import Sandbox
from tests.cast import Cast, connect


@pytest.fixture
def connection(cast: Cast, vendor: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Connection:
    settings.IMAIL_URL, settings.IMAIL_RATE = vendor.url, 0
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    made = connect(cast.north, key=vendor.key("northwind", "imail"), client=cast.acme, vendor="imail")
    assert sync.run(made.feeds.get(resource="senders").pk)
    return made


@pytest.fixture
def lost(connection: Connection) -> Sender:
    return Sender.objects.get(connection=connection, status="disconnected")


def page(sender: Sender) -> str:
    return reverse("sender-reconnect", args=[sender.uuid])


def test_its_owner_is_led_to_where_to_sign_in(cast: Cast, mo: Browser, lost: Sender) -> None:
    shown = mo.get(reverse("sender", args=["acme", lost.uuid])).text
    assert page(lost) in shown
    assert "IMAP: authentication failed" in mo.get(page(lost)).text
    answer = mo.post(page(lost))
    assert answer.status_code == 200
    assert 'href="https://connect.imail.example/microsoft/inb_' in answer.text
    entry = AuditEntry.objects.get(action="sender.reconnected")
    assert (entry.target, entry.subject, entry.after) == (lost.email, cast.acme.uuid, {"signs_in_at": "connect.imail.example"})


def test_one_with_a_password_is_there_at_once(mo: Browser, vendor: Sandbox, lost: Sender) -> None:
    inbox = next(one for one in vendor.imail.ledger("northwind").inboxes.values() if one.email == lost.email)
    inbox.provider = "smtp"
    answer = mo.post(page(lost))
    assert answer.headers["Location"] == reverse("sender", args=["acme", lost.uuid])
    lost.refresh_from_db()
    assert lost.status == "active", "it was read back"
    assert mo.post(page(lost)).status_code == 422


def test_a_refusal_is_said_in_the_vendors_words(mo: Browser, vendor: Sandbox, lost: Sender) -> None:
    vendor.change("northwind", "imail", inboxes={lost.email: {"status": "connected"}})
    answer = mo.post(page(lost))
    assert answer.status_code == 422
    assert "This inbox is connected; request req_" in answer.text
    lost.refresh_from_db()
    assert lost.status == "active"


def test_a_lost_answer_is_not_asked_for_again(mo: Browser, vendor: Sandbox, lost: Sender) -> None:
    vendor.requests.clear()
    vendor.faults.add("lost", "*/reconnect")
    assert mo.post(page(lost)).status_code == 422
    assert len([asked for asked in vendor.requests if asked.method == "POST"]) == 1


@pytest.mark.parametrize(
    "told", ["javascript:alert(1)", "http://plain.example/", "https://user@evil.example/", "//x", 7, "https:// x"]
)
def test_an_address_that_is_none_is_not_shown(mo: Browser, vendor: Sandbox, lost: Sender, told: object) -> None:
    vendor.faults.add("wrong_type", "*/reconnect", field="setup_url", value=told)
    answer = mo.post(page(lost))
    assert answer.status_code == 422
    assert "an address that is none" in answer.text
    assert "Sign in to the mailbox" not in answer.text


def test_those_that_are_there_have_nothing_to_reconnect(mo: Browser, connection: Connection) -> None:
    there = Sender.objects.filter(connection=connection, status="active")[0]
    assert "It is not disconnected." in mo.get(page(there)).text
    assert page(there) not in mo.get(reverse("sender", args=["acme", there.uuid])).text


def test_who_may_not_change_is_not_offered_it(cast: Cast, client: Browser, lost: Sender) -> None:
    client.force_login(cast.ben)
    assert page(lost) not in client.get(reverse("sender", args=["acme", lost.uuid])).text
    assert client.post(page(lost)).status_code == 403
