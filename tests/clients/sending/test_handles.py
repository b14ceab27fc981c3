"""Identities are typed in: a handle that is nobody's is told at its field, the others come home as senders of their clients."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from clients import claiming, sync
from clients.models import Connection, Scope, Sender
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.sending.mailing import JAN, MAYA, ORG, VENDOR

pytestmark = pytest.mark.django_db
WRONG = "myra.northwind@inboxbase.ai"


def connected(cast: Cast, box: Sandbox, values: str, **more: str) -> Any:
    data = {
        "vendor": VENDOR,
        "label": "Mail",
        "api_key": box.key(ORG, VENDOR),
        "client": "acme",
        "kind": "handle",
        "values": values,
    }
    return signed_in(cast.mo).post(reverse("connection-new"), data | more)


def synced(connection: Connection) -> Any:
    run = sync.run(connection.feeds.get(resource="identities").pk)
    assert run
    return run


def test_a_wrong_handle_is_told_at_its_field_and_nothing_is_stored(cast: Cast, box: Sandbox) -> None:
    page = connected(cast, box, f"{MAYA}, {WRONG}")

    assert page.status_code == 422
    assert f"knows no identity ‘{WRONG}’" in text_of(page)
    assert not Connection.objects.exists()


@pytest.mark.parametrize(("values", "words"), [("", "Name at least one identity"), ("maya", "is not a handle such as")])
def test_what_is_no_handle_is_not_asked_about(cast: Cast, box: Sandbox, values: str, words: str) -> None:
    assert words in text_of(connected(cast, box, values))
    assert not box.requests


def test_a_key_with_good_handles_is_connected_and_its_identities_come_home(cast: Cast, box: Sandbox) -> None:
    assert connected(cast, box, f"{MAYA.title()}").status_code == 302
    connection = Connection.objects.get()
    assert [(scope.kind, scope.value, scope.client) for scope in Scope.objects.all()] == [("handle", MAYA, cast.acme)]

    assert synced(connection).state == "ok"
    sender = Sender.objects.get()
    assert (sender.email, sender.client, sender.status) == (MAYA, cast.acme, "")
    assert sender.last_activity_at


def test_another_handle_is_read_at_once_and_one_taken_back_is_gone(cast: Cast, account: Connection, box: Sandbox) -> None:
    synced(account)
    assert set(Sender.objects.values_list("email", "client__slug")) == {(MAYA, "acme"), (JAN, "birch")}
    account.feeds.update(next_at="2040-01-01T00:00Z")
    claiming.release(account.scopes.get(value=JAN), None)
    synced(account)
    assert set(Sender.objects.filter(gone_at=None).values_list("email", flat=True)) == {MAYA}

    claiming.claim(account, cast.birch, "handle", JAN, None)
    assert account.feeds.filter(next_at__lt="2039-01-01T00:00Z").count() == len(account.vendor_class.feeds)


def test_one_wrong_handle_costs_the_others_nothing(cast: Cast, account: Connection, box: Sandbox) -> None:
    account.scopes.create(client=cast.acme, kind="handle", value=WRONG)
    run = synced(account)

    assert (run.state, run.set_aside) == ("partial", 1)
    assert any(WRONG in text for _, _, text in run.log)
    assert Sender.objects.count() == 2


def test_a_wrong_handle_is_told_on_the_page_of_claims_too(cast: Cast, account: Connection, box: Sandbox) -> None:
    page = signed_in(cast.mo).post(
        reverse("connection-scopes", args=[account.uuid]), {"client": "acme", "kind": "handle", "values": WRONG}
    )
    assert f"knows no identity ‘{WRONG}’" in text_of(page)
    assert account.scopes.count() == 2
