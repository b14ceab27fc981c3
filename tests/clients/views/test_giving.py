"""What giving a part of an account says, before and after."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import Connection, Scope, Sender
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.views.test_scopes import give
from tests.factories import SenderFactory


@pytest.fixture
def browser(cast: Cast) -> Any:
    return signed_in(cast.mo)


def test_what_moved_is_counted(browser: Any, shared: Connection) -> None:
    said = text_of(give(browser, shared, "acme", "domain", "kestrel.example"))
    assert "Domain kestrel.example is Acme&#x27;s now, with its history: 2 senders and 120 mails." in said
    said = text_of(give(browser, shared, "birch", "all", ""))
    assert "What no other claim names is Birch&#x27;s now, with its history: 1 sender and 60 mails." in said


def test_everything_is_everything_where_it_is_the_only_claim(browser: Any, shared: Connection) -> None:
    said = text_of(give(browser, shared, "acme", "all", ""))
    assert "Everything is Acme&#x27;s now, with its history: 3 senders and 180 mails." in said


def test_a_domain_that_nobody_sends_from_is_no_gain(browser: Any, shared: Connection) -> None:
    said = text_of(give(browser, shared, "acme", "domain", "nowhere.example"))
    assert "Domain nowhere.example is Acme&#x27;s now. No sender of it has been read yet: what comes will be Acme&#x27;s." in said
    assert "banner look" in said


def test_what_was_theirs_already_moves_nothing(browser: Any, shared: Connection) -> None:
    give(browser, shared, "acme", "all", "")
    assert "Tag fjord is Acme&#x27;s now, and nothing has moved by it." in text_of(give(browser, shared, "acme", "tag", "fjord"))


@pytest.mark.parametrize("door", ["/connections/{}/scopes/", "/unassigned/claim/"])
def test_a_claim_that_takes_from_another_is_asked_about_first(browser: Any, shared: Connection, door: str) -> None:
    give(browser, shared, "acme", "domain", "kestrel.example")
    asked = {"connection": shared.uuid, "client": "birch", "kind": "tag", "values": "fjord"}
    page = text_of(browser.post(door.format(shared.uuid), asked, follow=True))
    assert "1 sender of it is claimed already: domain kestrel.example is Acme&#x27;s." in page
    assert 'value="fjord"' in page, "what was asked for stands there still"
    assert (Scope.objects.count(), Sender.objects.filter(conflict=True).count()) == (1, 0)
    if "scopes" in door:
        assert 'name="anyway"' in page
    said = text_of(give(browser, shared, "birch", "tag", "fjord"))
    assert "Tag fjord is Birch&#x27;s now, and nothing has moved by it." in said
    assert "1 sender that another claim names as well belongs to nobody now" in said


def test_one_clients_own_claims_do_not_clash_and_two_are_both_named(browser: Any, shared: Connection) -> None:
    SenderFactory(connection=shared, email="a@lumen.example", tagged=["fjord"])
    for client, domain in (("acme", "kestrel.example"), ("birch", "lumen.example")):
        give(browser, shared, client, "domain", domain)
    asked = {"client": "acme", "kind": "tag", "values": "fjord"}
    page = text_of(browser.post(f"/connections/{shared.uuid}/scopes/", asked))
    assert "1 sender of it is claimed already: domain lumen.example is Birch&#x27;s." in page


def test_a_part_that_is_taken_is_told_as_taken(browser: Any, shared: Connection) -> None:
    give(browser, shared, "acme", "tag", "fjord")
    asked = {"client": "birch", "kind": "tag", "values": "fjord"}
    page = text_of(browser.post(f"/connections/{shared.uuid}/scopes/", asked, follow=True))
    assert "Tag fjord is Acme&#x27;s already" in page
