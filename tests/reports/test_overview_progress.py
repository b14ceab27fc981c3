"""What the Overview says while data are still on their way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import Connection, Feed, SyncRun
from tests.cast import Cast
from tests.factories import roll_up
from tests.reports.board import account, landed, overview, row
from tests.reports.reading import as_user, text
from tests.reports.table import facts


def test_while_a_first_sync_runs_nothing_is_judged(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch, synced=False)
    landed(one, cast.acme, 1, 10, 90)
    landed(one, cast.acme, 13, 90, 10)
    roll_up(one)
    page = overview(cast.ann)
    assert facts(page)["inboxing, all clients so far"] == "10.0 %"
    assert row(page, "Birch").cells[-2] == "first sync"
    assert row(page, "Acme").cells[-2] == "12 min"
    two.feeds.filter(resource="seeds").update(last_ok_at=timezone.now())
    assert row(overview(cast.ann), "Birch").cells[-2] == "first sync", "its broadcasts are still to come"
    two.feeds.update(last_ok_at=timezone.now())
    assert facts(overview(cast.ann))["inboxing, all clients ▼ 80.0 pp"] == "10.0 %"


def running(connection: Connection, **fields: Any) -> None:
    feed = connection.feeds.get(resource="broadcasts")
    run = SyncRun.objects.create(feed=feed, **fields)
    counted = {"phase": "detail", "rows": 300}
    until = timezone.now() + timedelta(seconds=45)
    Feed.objects.filter(pk=feed.pk).update(last_run=run, claimed_until=until, checkpoint=counted)


def test_a_first_sync_shows_how_far_it_is_and_asks_again(cast: Cast) -> None:
    connection = account(cast, cast.acme, "North", synced=False)
    running(connection, pages=3, pages_expected=35, rows=300)
    page = overview(cast.ann)
    assert "Syncing: North · broadcasts" in page
    assert "3 of 35 pages, 300 rows" in page
    assert '<progress aria-label="Syncing: North · broadcasts" max="35" value="3">' in page
    assert 'hx-get="/progress/?seen=0.300" hx-trigger="every 2s"' in page


def test_progress_of_unknown_length_is_no_invented_share(cast: Cast) -> None:
    connection = account(cast, cast.acme, "North", synced=False)
    running(connection, pages=3, pages_expected=2)
    page = overview(cast.ann)
    assert "3 pages so far" in page
    assert '<progress aria-label="Syncing: North · broadcasts">' in page


def test_a_missing_worker_is_said_to_those_who_can_start_one(cast: Cast) -> None:
    connection = account(cast, cast.acme, "North")
    connection.feeds.update(next_at=timezone.now() - timedelta(seconds=70))
    page = overview(cast.ann)
    assert "Waiting for the worker: nothing has taken this up for 7" in page
    assert "every 2s" in page, "it goes away by itself"
    assert "Waiting for the worker" not in overview(cast.cleo)


def test_polling_tells_the_page_about_new_rows_and_stops_at_the_end(cast: Cast) -> None:
    connection = account(cast, cast.acme, "North", synced=False)
    running(connection, pages=3, rows=300)
    browser = as_user(cast.ann)
    same, more = browser.get("/progress/?seen=0.300"), browser.get("/progress/?seen=0.200")
    assert "every 2s" in text(same)
    assert "HX-Trigger-After-Settle" not in same.headers
    assert "rows:new" in more.headers["HX-Trigger-After-Settle"]
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now(), claimed_until=None)
    last = browser.get("/progress/?seen=0.300")
    assert "every 2s" not in text(last)
    assert "rows:new" in last.headers["HX-Trigger-After-Settle"]


def test_the_ordinary_syncs_of_the_day_are_not_announced(cast: Cast) -> None:
    connection = account(cast, cast.acme, "North")
    running(connection, pages=3)
    page = overview(cast.ann)
    assert "Syncing" not in page
    assert "every 2s" not in page
    Feed.objects.get(connection=connection, resource="broadcasts").runs.update(trigger="person")
    assert "Syncing: North · broadcasts" in overview(cast.ann)


def test_a_broken_first_sync_is_not_waited_for(cast: Cast) -> None:
    connection = account(cast, cast.acme, synced=False)
    assert "every 2s" in overview(cast.ann)
    Feed.objects.filter(connection=connection).update(failures=1)
    assert "every 2s" not in overview(cast.ann)


def test_several_syncs_are_one_line_and_each_stands_behind_it(cast: Cast) -> None:
    for name, client in (("North", cast.acme), ("South", cast.birch)):
        running(account(cast, client, name, synced=False), pages=3, pages_expected=35, rows=300)
    page = overview(cast.ann)
    line, each = page.split('id="progress-feeds"', 1)[1].split("</summary>", 1)
    assert '<progress aria-label="Reading 2 feeds …" max="70" value="6">' in line
    assert "6 of 70 pages, 600 rows" in line
    assert each.index("Syncing: North · broadcasts") < each.index("Syncing: South · broadcasts")
    SyncRun.objects.filter(feed__connection__label="South").update(pages_expected=0)
    assert '<progress aria-label="Reading 2 feeds …">' in overview(cast.ann), "no invented share"
