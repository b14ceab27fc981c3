"""What one may do to a connection, with the vendor answering over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clients import connecting
from clients.models import Connection, Feed, Health, RunState, SyncRun
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import CANARY, actions, newest_entry, signed_in, text_of


def test_a_new_key_makes_a_refused_connection_work_again(cast: Cast, vendor: Sandbox) -> None:
    made = connect(cast.north, key=vendor.key("refused"), client=cast.acme)
    Connection.objects.update(health=Health.REFUSED, health_reason="No.")
    Feed.objects.update(next_at=timezone.now() + timedelta(days=1), failures=3)
    signed_in(cast.mo).post(f"/connections/{made.uuid}/key/", {"api_key": vendor.key("northwind")})
    made.refresh_from_db()
    assert (made.health, made.health_reason, made.secrets()) == (Health.OK, "", {"api_key": vendor.key("northwind")})
    assert Feed.objects.due().filter(failures=0).count() == 3
    entry = newest_entry()
    assert (entry.action, entry.before, entry.after) == (
        "connection.key_replaced",
        {"key": "…0006"},
        {"key": "…0001", "tested": True},
    )


def test_a_bad_new_key_leaves_the_old_one(cast: Cast, vendor: Sandbox) -> None:
    made = connect(cast.north, key=vendor.key("northwind"))
    response = signed_in(cast.mo).post(f"/connections/{made.uuid}/key/", {"api_key": CANARY})
    made.refresh_from_db()
    assert response.status_code == 422
    assert made.secrets() == {"api_key": vendor.key("northwind")}
    assert actions() == []


def test_replacing_a_paused_connections_key_leaves_it_paused(cast: Cast, vendor: Sandbox) -> None:
    made = connect(cast.north, key=vendor.key("northwind"))
    browser = signed_in(cast.mo)
    browser.post(f"/connections/{made.uuid}/pause/")
    browser.post(f"/connections/{made.uuid}/key/", {"api_key": vendor.key("brunnen")})
    assert Connection.objects.get().health == Health.PAUSED


@pytest.mark.parametrize(("account", "health", "outcome"), [("northwind", "ok", "good"), ("refused", "refused", "refused")])
def test_a_test_keeps_what_it_learnt(cast: Cast, vendor: Sandbox, account: str, health: str, outcome: str) -> None:
    made = connect(cast.north, key=vendor.key(account))
    response = signed_in(cast.mo).post(f"/connections/{made.uuid}/test/", follow=True)
    made.refresh_from_db()
    assert (made.health, newest_entry().after) == (health, {"outcome": outcome})
    assert ("takes the key" if outcome == "good" else "refuses the API key") in text_of(response)


def test_a_test_that_can_not_tell_changes_nothing(cast: Cast, vendor: Sandbox) -> None:
    made = connect(cast.north, key=vendor.key("northwind"))
    vendor.faults.add("error", times=None)
    response = signed_in(cast.mo).post(f"/connections/{made.uuid}/test/", follow=True)
    made.refresh_from_db()
    assert (made.health, made.last_ok_at) == (Health.OK, None)
    assert "could not be told" in text_of(response)


def test_a_good_test_wakes_a_refused_connection(cast: Cast, vendor: Sandbox) -> None:
    made = connect(cast.north, key=vendor.key("northwind"))
    Connection.objects.update(health=Health.REFUSED)
    signed_in(cast.mo).post(f"/connections/{made.uuid}/test/")
    assert Connection.objects.get().health == Health.OK
    assert Feed.objects.exclude(requested_at=None).count() == 3


def test_a_secret_that_no_key_opens_is_said_in_words(cast: Cast, vendor: Sandbox) -> None:
    made = connect(cast.north, key=vendor.key("northwind"))
    Connection.objects.update(credentials="gAAAA-tampered")
    assert "does not open" in text_of(signed_in(cast.mo).post(f"/connections/{made.uuid}/test/", follow=True))


def test_pause_stops_and_resume_starts(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    browser = signed_in(cast.mo)
    browser.post(f"/connections/{made.uuid}/pause/")
    assert not Feed.objects.due().exists()
    page = text_of(browser.get(f"/connections/{made.uuid}/"))
    assert re.search(r"Paused by Mo\. <[^>]*>Since \d+ \w+ \d{4}, \d\d:\d\d UTC\.<", page)
    browser.post(f"/connections/{made.uuid}/resume/")
    assert Feed.objects.due().count() == 3
    assert actions() == ["connection.paused", "connection.resumed"]


def test_removing_needs_the_label_and_forgets_the_key_only(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    made.feeds.update(last_ok_at=timezone.now())
    run = SyncRun.objects.create(feed=made.feeds.first(), state=RunState.OK)
    browser = signed_in(cast.mo)
    browser.post(f"/connections/{made.uuid}/remove/", {"typed": "something else"})
    made.refresh_from_db()
    assert made.removed_at is None

    browser.post(f"/connections/{made.uuid}/remove/", {"typed": "main  ACCOUNT"})
    made.refresh_from_db()
    assert (made.credentials, made.last4) == ("", "")
    assert not Feed.objects.due().exists()
    assert made.scopes.count() == 1
    assert browser.get(f"/runs/{run.uuid}/").status_code == 200
    page = text_of(browser.get(f"/connections/{made.uuid}/"))
    assert "Removed by Mo: its key is forgotten, its history is kept." in page
    assert (page.count("no longer read"), ">fresh<" in page) == (3, False)
    assert actions() == ["connection.removed"]
    for act in ("sync", "test", "pause", "resume", "remove", "key", "scopes"):
        assert browser.post(f"/connections/{made.uuid}/{act}/").status_code == 404
    assert connecting.draft(cast.north, "inboxally", "Again", {"api_key": "a-key-long-enough"}), "its key may come back"


def test_sync_now_makes_every_feed_due(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    Feed.objects.update(next_at=timezone.now() + timedelta(hours=1))
    signed_in(cast.mo).post(f"/connections/{made.uuid}/sync/")
    assert Feed.objects.due().exclude(requested_at=None).count() == 3


def test_a_refused_connection_is_not_synced_by_asking(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    Connection.objects.update(health=Health.REFUSED)
    signed_in(cast.mo).post(f"/connections/{made.uuid}/sync/")
    assert not Feed.objects.exclude(requested_at=None).exists()
