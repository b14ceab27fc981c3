"""One account with several identities that its vendor lists: each is one client's, told by its handle."""

from __future__ import annotations

from typing import Any

import pytest

from clients import storing
from clients.models import Connection, Scope, Sender
from clients.scoping import Resolver
from clients.vendors.inbox_wire import sender
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.talking import talk


@pytest.fixture
def account(cast: Cast) -> Connection:
    made = connect(cast.north, key="inbox-token-0123456789", client=cast.acme, vendor="inbox", label="Talks")
    made.scopes.all().delete()
    read(made)
    talk(made, None, "Dana", handle="l1")
    return made


def read(account: Connection) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "l1", "username": "Acme", "status": "active"},
        {"id": "l2", "username": "birch", "status": "offline"},
        {"id": "l3", "username": "nobody", "status": "active"},
    ]
    storing.store_senders(account, [sender(row) for row in rows], 1, Resolver(account))


def whose() -> dict[str, str | None]:
    return dict(Sender.objects.values_list("email", "client__slug"))


def test_each_is_given_to_a_client_and_the_rest_stands_as_unassigned(cast: Cast, account: Connection) -> None:
    browser, page = signed_in(cast.mo), f"/connections/{account.uuid}/scopes/"
    shown = text_of(browser.get(page))
    assert [name in shown for name in ('value="@acme"', 'value="@birch"', 'value="@nobody"', "domain")] == [True] * 3 + [False]
    browser.post(page, {"client": "acme", "kind": "handle", "handles": ["@acme"]})
    browser.post(page, {"client": "birch", "kind": "handle", "values": "@Birch"})
    assert whose() == {"@Acme": "acme", "@birch": "birch", "@nobody": None}
    assert "Dana" in text_of(browser.get("/clients/acme/conversations/"))
    assert "Dana" not in text_of(browser.get("/clients/birch/conversations/"))
    loose = text_of(browser.get("/unassigned/"))
    assert "@nobody" in loose
    assert "@birch" not in loose
    assert "(no domain)" not in loose
    assert 'value="@birch"' not in text_of(browser.get(page))
    browser.post("/unassigned/claim/", {"connection": account.uuid, "client": "acme", "kind": "handle", "values": "@nobody"})
    assert whose()["@nobody"] == "acme"
    Sender.objects.update(client=None)
    read(account)
    assert whose() == {"@Acme": "acme", "@birch": "birch", "@nobody": "acme"}


def test_one_that_is_not_there_is_told_at_its_field_and_nothing_typed_is_lost(cast: Cast, account: Connection) -> None:
    page = f"/connections/{account.uuid}/scopes/"
    for typed, said in (("@acne", "‘@acne’ is none of its accounts: @acme, @birch, @nobody."), ("acme", "is not a handle")):
        answer = signed_in(cast.mo).post(page, {"client": "acme", "kind": "handle", "values": typed})
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert f'value="{typed}"' in text_of(answer)
    both = signed_in(cast.mo).post(page, {"client": "acme", "kind": "all", "handles": ["@acme"]})
    assert "Either everything" in text_of(both)
    assert not Scope.objects.exists()


def test_a_handle_counts_before_everything(cast: Cast, account: Connection) -> None:
    account.scopes.create(client=cast.acme, kind="all")
    account.scopes.create(client=cast.birch, kind="handle", value="@birch")
    read(account)
    assert whose() == {"@Acme": "acme", "@birch": "birch", "@nobody": "acme"}
