"""One vendor at a time is down, slow or lying: the others' feeds come home, and Freshness names the one that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import cycle
from typing import Any

import pytest
from django.test import override_settings

from clients.models import Connection, RunState, Scope
from clients.vendors import VENDORS
from clients.vendors.http import Http
from clients.vendors.retries import Patience
from sandbox.server import Sandbox
from tests.cast import Cast, connect, make_cast
from tests.clients.doing import signed_in, text_of
from tests.clients.sync.syncing import TODAY, bring

#: Of each vendor one of its lists, and where its rows are.
LISTS = {
    "inboxally": ("senders", "senders"),
    "instantly": ("senders", "items"),
    "inboxbase": ("streams", "events"),
    "inbox": ("conversations", "threads"),
    "imail": ("senders", "data"),
}
FAULTS: dict[str, dict[str, Any]] = {
    "down": {"kind": "close"},
    "slow": {"kind": "stall", "seconds": 30},
    "lying with a web page": {"kind": "html", "status": 200},
    "lying with half an answer": {"kind": "cut"},
    "lying with words for lists": {"kind": "wrong_type", "where": "envelope", "value": "many"},
}
HANDLE = "small@inboxbase.ai"


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(seed=7, today=TODAY) as box:
        box.instantly.add("small", mailboxes=4, tests=2, senders=2)
        box.inboxbase.add_account(name="small", conversations=6)
        box.inbox.add_account(name="small", a_day=1)
        box.imail.add_account(name="small", campaigns=2, inboxes=3, days=2)
        yield box


@pytest.fixture(scope="module")
def home(module_db: None, running: Sandbox) -> tuple[Cast, dict[str, Connection]]:
    """One account at each vendor, all of it read."""
    cast = make_cast()
    keys = {slug: running.key("small", slug) for slug in ("inboxbase", "inbox", "imail")}
    keys |= {"inboxally": running.key("petit"), "instantly": running.instantly.key("small")}
    accounts = {slug: connect(cast.north, key=keys[slug], label=f"At {slug}", vendor=slug) for slug in VENDORS}
    for slug, one in accounts.items():
        claim = {"kind": "handle", "value": HANDLE} if slug == "inboxbase" else {"kind": "all"}
        Scope.objects.create(connection=one, client=cast.acme, **claim)
    with asked_at(running):
        for one in accounts.values():
            for resource in one.vendor_class.feeds:
                assert bring(one, resource).state == RunState.OK
    return cast, accounts


@pytest.fixture(autouse=True)
def box(running: Sandbox) -> Iterator[Sandbox]:
    with asked_at(running):
        yield running
    running.faults.clear()


def asked_at(box: Sandbox) -> override_settings:
    urls = {f"{slug.upper()}_URL": box.url for slug in VENDORS}
    return override_settings(**urls, **{f"{slug.upper()}_RATE": 0 for slug in VENDORS})


def test_there_is_one_for_each_vendor() -> None:
    assert set(LISTS) == set(VENDORS)


@pytest.mark.parametrize("bad", LISTS)
def test_one_vendors_outage_leaves_the_others_untouched_and_stands_first_on_freshness(
    home: tuple[Cast, dict[str, Connection]], db: None, box: Sandbox, monkeypatch: pytest.MonkeyPatch, bad: str
) -> None:
    cast, accounts = home
    browser = signed_in(cast.ben)
    resource, envelope = LISTS[bad]
    others = cycle(slug for slug in VENDORS if slug != bad)
    for number, (name, fault) in enumerate(FAULTS.items(), 1):
        box.faults.clear()
        more = {"field": envelope} if fault["kind"] == "wrong_type" else {}
        box.faults.add(**fault, **more, account=accounts[bad].secrets()[VENDORS[bad].key_field], times=None)
        with monkeypatch.context() as patch:
            patch.setattr(Http, "patience", Patience(tries=(0.15,) * 2, waits=(0,)))
            failed = bring(accounts[bad], resource)
        assert failed.state == RunState.FAILED, name
        assert VENDORS[bad].label in failed.outcome
        assert "Next try at" in failed.outcome
        other = next(others)
        assert bring(accounts[other], LISTS[other][0]).state == RunState.OK, (name, other)

        first, *rest = rows(text_of(browser.get("/feeds/")))
        assert f"/connections/{accounts[bad].uuid}/" in first
        assert "failing" in first
        assert f"failed {number} time" in first
        assert failed.outcome[:40] in unescape(first), name
        assert len(rest) > len(VENDORS)
        assert all(">fresh<" in row for row in rest)
    for path in ("/", "/clients/acme/", "/connections/", f"/connections/{accounts[bad].uuid}/"):
        assert browser.get(path).status_code == 200, path
    box.faults.clear()
    assert bring(accounts[bad], resource).state == RunState.OK
    assert all(">fresh<" in row for row in rows(text_of(browser.get("/feeds/"))))


def rows(page: str) -> list[str]:
    """Each with what was said, which stands beneath it."""
    return re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>(?:\s*<tr class=\"said\">.*?</tr>)?", page, re.DOTALL)
