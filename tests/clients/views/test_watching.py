"""Watching connections: the list, one's page, a run's; and who may see them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from clients import pacing
from clients.models import Connection, Health, RunState, Scope, SyncRun
from tests.cast import Cast, connect
from tests.clients.doing import HTMX, actions, signed_in, text_of


def test_a_late_feed_is_marked(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    made.feeds.update(last_ok_at=timezone.now())
    made.feeds.filter(resource="senders").update(last_ok_at=timezone.now() - timedelta(hours=5))
    page = text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
    assert "Not fresh: senders." in page
    assert page.count('<span class="tag look">late</span>') == 2, "the account's and the feed's word is one"


@pytest.mark.parametrize(
    ("health", "tag"), [("refused", '<span class="tag bad">key refused'), ("paused", '<span class="tag">paused')]
)
def test_the_feeds_of_an_account_that_rests_say_why_in_its_own_words(cast: Cast, health: str, tag: str) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    Connection.objects.update(health=health)
    page = text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
    assert page.count(tag) == 1 + made.feeds.count()
    assert "no complete pass yet" not in page


def test_a_run_says_why_it_has_more_rows_than_there_are_broadcasts(cast: Cast) -> None:
    feeds = connect(cast.north, key="a-key-long-enough").feeds
    for resource, said in (("broadcasts", True), ("senders", False)):
        run = SyncRun.objects.create(feed=feeds.get(resource=resource), rows=1568)
        page = text_of(signed_in(cast.ben).get(f"/runs/{run.uuid}/"))
        assert ("a broadcast once in the list, and once more for each mailbox provider" in page) is said


def test_the_list_of_runs_counts_rows_and_says_why_they_are_more_than_broadcasts(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    SyncRun.objects.create(feed=made.feeds.get(resource="broadcasts"), rows=1540, new=1540)
    page = text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
    heads = re.findall(r'<th scope="col" class="number">([^<]*)</th>', page.partition('id="connection-runs"')[2])
    assert heads == ["Pages", "Rows", "New rows", "Changed rows", "Gone rows", "Seconds"]
    assert page.count("once more for each mailbox provider") == 1


def test_a_run_shows_its_log_escaped(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    log = [["2026-11-20T10:11:12+00:00", "warning", "Row set aside: <script>alert(1)</script>"]]
    run = SyncRun.objects.create(feed=made.feeds.first(), state=RunState.PARTIAL, rows=5, log=log, outcome="One <b>aside</b>.")
    page = text_of(signed_in(cast.ben).get(f"/runs/{run.uuid}/"))
    assert "10:11:12" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>aside" not in page


@pytest.mark.parametrize(
    ("who", "reads", "writes"), [("ann", 200, 302), ("mo", 200, 302), ("ben", 200, 403), ("cleo", 403, 403), ("zoe", 404, 404)]
)
def test_who_may_see_and_who_may_act(cast: Cast, who: str, reads: int, writes: int) -> None:
    made = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    run = SyncRun.objects.create(feed=made.feeds.first())
    browser = signed_in(getattr(cast, who))
    for path in (f"/connections/{made.uuid}/", f"/runs/{run.uuid}/"):
        assert browser.get(path).status_code == reads
    assert browser.get(f"/connections/{made.uuid}/progress/", headers=HTMX).status_code == reads
    for act in ("sync", "pause", "resume", "remove"):
        assert browser.post(f"/connections/{made.uuid}/{act}/").status_code == writes
    if writes != 302:
        for act in ("test", "key", "scopes"):
            assert browser.post(f"/connections/{made.uuid}/{act}/").status_code == writes
        assert actions() == []


def test_a_viewer_sees_the_health_of_what_serves_them_and_no_more(cast: Cast) -> None:
    shared = connect(cast.north, key="a-key-long-enough", label="Shared")
    Scope.objects.create(connection=shared, client=cast.acme, kind="domain", value="acme.example")
    Scope.objects.create(connection=shared, client=cast.birch, kind="domain", value="birch.example")
    page = text_of(signed_in(cast.cleo).get("/clients/acme/connections/"))
    assert "acme.example" in page
    assert "birch" not in page.lower()
    assert f"/connections/{shared.uuid}/" not in page
    assert signed_in(cast.cleo).get("/clients/birch/connections/").status_code == 404


def test_a_clients_removed_account_is_found_again_on_its_pages(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough", label="Gone one", client=cast.acme)
    connect(cast.north, key="b-key-long-enough", label="Birch's", client=cast.birch)
    mo, tabs = signed_in(cast.mo), ["connections/", "seeds/", ""]
    assert "Gone one" in text_of(mo.get("/clients/acme/connections/"))
    mo.post(f"/connections/{made.uuid}/remove/", {"typed": "Gone one"})
    mo.get("/connections/")
    pages = [text_of(mo.get(f"/clients/acme/{tab}")) for tab in tabs]
    assert [("removed" in page.lower(), "No vendor account yet" in page) for page in pages] == [(True, False)] * 3
    said = (
        rf"Gone one</a> <[^>]*>InboxAlly · {timezone.now():%-d %b %Y} · Removed by Mo: its key is forgotten, its history is kept."
    )
    assert re.search(said, pages[0])
    assert f'href="/connections/{made.uuid}/"' in pages[0]
    viewer = text_of(signed_in(cast.cleo).get("/clients/acme/connections/"))
    assert ("Gone one" in viewer, str(made.uuid) in viewer) == (True, False)
    assert "Gone one" not in text_of(mo.get("/clients/birch/connections/"))
    Connection.objects.filter(pk=made.pk).update(removed_at=None)
    assert "removed-heading" not in text_of(mo.get("/clients/acme/connections/"))


def test_the_list_finds_by_label_client_domain_and_health(cast: Cast) -> None:
    main = connect(cast.north, key="a-key-long-enough-1", label="Main", client=cast.acme)
    other = connect(cast.north, key="a-key-long-enough-2", label="Other")
    Scope.objects.create(connection=other, client=cast.birch, kind="domain", value="letters.example")
    Connection.objects.filter(pk=other.pk).update(health=Health.REFUSED)
    gone = connect(cast.north, key="a-key-long-enough-3", label="Removed one", client=cast.acme)
    Connection.objects.filter(pk=gone.pk).update(removed_at=timezone.now(), health=Health.PAUSED)
    held = connect(cast.north, key="a-key-long-enough-4", label="Held one")
    held.feeds.update(next_at=timezone.now() + timedelta(hours=9), last_ok_at=timezone.now())
    browser = signed_in(cast.ben)
    for query, found in [
        ("", "MOH"),
        ("health=waiting", "H"),
        ("search=main", "M"),
        ("search=acme", "M"),
        ("search=letters", "O"),
        ("health=refused", "O"),
        ("health=ok", "M"),
        ("health=paused", ""),
        ("health=removed", "G"),
        ("health=removed&search=main", ""),
        ("health=odd", ""),
    ]:
        page = text_of(browser.get(f"/connections/?{query}"))
        listed = {"M": main, "O": other, "G": gone, "H": held}
        assert {name for name, one in listed.items() if f"/{one.uuid}/" in page} == set(found), query
    assert '<option value="ok">Working</option>' in page
    assert "No connection matches" in text_of(browser.get("/connections/?search=nothing"))
    assert str(main.uuid) not in text_of(signed_in(cast.zoe).get("/connections/"))


def test_the_list_costs_the_same_for_one_and_for_many(cast: Cast, django_assert_num_queries: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    browser = signed_in(cast.ben)
    connect(cast.north, key="a-key-long-enough-0", client=cast.acme)
    with CaptureQueriesContext(database) as one:
        browser.get("/connections/")
    for number in range(1, 20):
        connect(cast.north, key=f"a-key-long-enough-{number}", label=f"Account {number}", client=cast.birch)
    with django_assert_num_queries(len(one)):
        browser.get("/connections/")


def test_how_many_calls_the_vendor_says_are_left_stands_on_the_page(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    url = f"/connections/{made.uuid}/"
    assert "Calls left" not in text_of(signed_in(cast.ben).get(url))
    pacing.take(made.fingerprint, 2)
    pacing.KeyPace(made.fingerprint, 2).heed(187, 20)
    assert "<dt>Calls left</dt><dd>187 " in text_of(signed_in(cast.ben).get(url))
