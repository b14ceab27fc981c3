"""A mailbox is connected at a vendor, once, and its password goes nowhere else."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from agency.models import AuditEntry
from clients.models import Connection, Sender
from clients.vendors import waiting
from clients.vendors.inboxes import SMTP, NewInbox, Server
from sandbox.server import Sandbox
from tests.cast import Cast, connect

PASSWORD = "canary-mailbox-7c1f"
PATH = "/v1/inboxes"


@pytest.fixture
def connection(cast: Cast, vendor: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Connection:
    settings.IMAIL_URL, settings.IMAIL_RATE = vendor.url, 0
    monkeypatch.setattr(waiting, "pause", lambda seconds: None)
    return connect(cast.north, key=vendor.key("northwind", "imail"), client=cast.acme, vendor="imail")


def form(connection: Connection) -> str:
    return reverse("inbox-new", args=[connection.uuid])


def typed(**other: Any) -> dict[str, Any]:
    smtp = {"smtp_host": "smtp.there.example", "smtp_port": "587", "tls": "on", "imap_host": "imap.there.example"}
    mailbox = {"email": "New@there.example", "name": "New", "provider": SMTP, "imap_port": "993", "password": PASSWORD}
    return {**smtp, **mailbox, "daily_limit": "30", "warms_up": "on", **other}


def posted(vendor: Sandbox) -> list[Any]:
    return vendor.requests.to(PATH, "POST")


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_its_owner_is_led_to_where_to_sign_in(mo: Browser, connection: Connection, vendor: Sandbox, provider: str) -> None:
    assert form(connection) in mo.get(reverse("connection", args=[connection.uuid])).text
    answer = mo.post(form(connection), {"email": "new@there.example", "provider": provider})
    assert f'href="https://connect.imail.example/{provider}/inb_' in answer.text
    sender = Sender.objects.get(email="new@there.example")
    assert (sender.status, sender.client and sender.client.slug) == ("setup pending", "acme")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.after["signs_in_at"]) == ("sender.connected", "connect.imail.example")
    assert reverse("sender-reconnect", args=[sender.uuid]) in mo.get(reverse("sender", args=["acme", sender.uuid])).text


def test_one_with_a_password_is_connected_at_once_and_the_password_is_nowhere_here(
    mo: Browser, connection: Connection, vendor: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = mo.post(form(connection), typed())
    sender = Sender.objects.get(email="new@there.example")
    assert answer.headers["Location"] == reverse("sender", args=["acme", sender.uuid])
    body = json.loads(posted(vendor)[0].body)
    assert body["smtp"] == {
        "host": "smtp.there.example", "port": 587, "username": "New@there.example", "password": PASSWORD, "tls": True
    }  # fmt: skip
    assert (body["imap"]["host"], body["daily_limit"], body["warmup_enabled"]) == ("imap.there.example", 30, True)
    kept = [str(sender.raw), *(str((entry.before, entry.after)) for entry in AuditEntry.objects.all()), caplog.text]
    assert not any(PASSWORD in text for text in kept)
    assert PASSWORD not in repr(NewInbox("a@b.example", SMTP, smtp=Server("h", 1, "u", PASSWORD)))


def test_what_is_missing_is_said_at_its_field_and_the_password_need_not_be_typed_again(
    mo: Browser, connection: Connection, vendor: Sandbox
) -> None:
    page = mo.post(form(connection), typed(smtp_host=""))
    assert (page.status_code, "Say which host" in page.text, PASSWORD in page.text) == (422, True, False)
    kept = re.search(r'name="kept" value="([^"]+)"', page.text)
    assert kept
    assert posted(vendor) == []
    assert mo.post(form(connection), typed(password="", kept=kept[1])).status_code == 302
    assert json.loads(posted(vendor)[0].body)["smtp"]["password"] == PASSWORD
    assert "Type its password" in mo.post(form(connection), typed(password="", kept="made up")).text


def test_an_address_that_is_connected_already_is_said_at_its_field(mo: Browser, connection: Connection, vendor: Sandbox) -> None:
    page = mo.post(form(connection), {"email": "maya@trynorthwind.example", "provider": "google"})
    assert page.status_code == 422
    assert "is connected already" in page.context["form"].errors["email"][0]


def test_a_password_that_the_vendor_repeats_in_its_refusal_is_not_shown(
    mo: Browser, connection: Connection, vendor: Sandbox
) -> None:
    page = mo.post(form(connection), typed(provider="google", email=f"{PASSWORD}@there.example"))
    assert page.status_code == 200, "no password was asked for"
    page = mo.post(form(connection), typed(email=f"{PASSWORD}@there.example"))
    assert page.context["form"].errors["email"] == ["[hidden]@there.example is connected already"]


@pytest.mark.parametrize("provider", ["google", SMTP])
def test_an_answer_lost_after_the_act_is_read_back_and_not_sent_again(
    mo: Browser, connection: Connection, vendor: Sandbox, provider: str
) -> None:
    vendor.faults.add("lost", PATH, method="POST")
    answer = mo.post(form(connection), typed(provider=provider))
    sender = Sender.objects.get(email="new@there.example")
    assert reverse("sender-reconnect", args=[sender.uuid]) in answer.text or provider == SMTP
    assert len(posted(vendor)) == 1


def test_one_that_never_arrived_is_said_and_can_be_tried_again(mo: Browser, connection: Connection, vendor: Sandbox) -> None:
    vendor.faults.add("close", PATH, method="POST")
    page = mo.post(form(connection), typed())
    assert (page.status_code, "connecting it again tells" in page.text, len(posted(vendor))) == (422, True, 1)
    assert mo.post(form(connection), typed()).status_code == 302


def test_a_vendor_that_connects_none_from_outside_says_so(cast: Cast, mo: Browser) -> None:
    other = connect(cast.north, key="k" * 30, client=cast.acme)
    assert "lets nobody connect mailboxes from outside" in mo.get(form(other)).text
    assert form(other) not in mo.get(reverse("connection", args=[other.uuid])).text
