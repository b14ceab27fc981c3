"""A connection's page while a sync runs, or waits for a worker: the bar, and what it says."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import leases
from clients.models import Connection, Feed, Health, RunState, SyncRun
from clients.progress import unattended
from tests.cast import Cast, connect
from tests.clients.doing import HTMX, signed_in, text_of
from tests.reports.exports.reading import fetched

COUNTED = {"phase": "detail", "rows": 300}


def running(made: Connection, checkpoint: dict[str, Any] | None = COUNTED, **fields: Any) -> SyncRun:
    feed = made.feeds.get(resource="broadcasts")
    run = SyncRun.objects.create(feed=feed, **fields)
    made.feeds.update(last_ok_at=timezone.now())
    until = timezone.now() + timedelta(seconds=40)
    Feed.objects.filter(pk=feed.pk).update(claimed_until=until, last_run=run, checkpoint=checkpoint)
    return run


def test_the_bar_moves_while_a_sync_runs_and_ends_with_it(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    run = running(made, pages=12, pages_expected=40, rows=1200)
    browser, url = signed_in(cast.ben), f"/connections/{made.uuid}/progress/"

    bar = text_of(browser.get(url, headers=HTMX))
    assert 'max="40" value="12"' in bar
    assert "12 of 40 pages, 1,200 rows" in bar
    assert 'hx-trigger="every 1s"' in bar
    assert "<html" not in bar
    assert bar.count('hx-swap-oob="true"') == 2
    assert '<span class="tag">running</span>' in bar.partition('id="connection-feeds"')[2].partition("</section>")[0]
    assert f'href="/runs/{run.uuid}/"' in bar.partition('id="connection-runs"')[2]

    SyncRun.objects.filter(pk=run.pk).update(state=RunState.OK, finished_at=timezone.now())
    Feed.objects.update(claimed_until=None)
    ended = browser.get(url, headers=HTMX)
    assert ended["HX-Retarget"] == "#connection-status"
    assert "every 1s" not in text_of(ended)
    assert '<h2 id="runs-heading"' in text_of(ended)
    assert '<span class="tag">running</span>' not in text_of(ended)
    assert 'hx-swap-oob="true"' not in text_of(ended)
    assert 'hx-swap-oob="delete:.until-synced"' in text_of(ended)
    assert browser.get(url)["Location"] == f"/connections/{made.uuid}/", "without scripts it is the page"


def test_a_vendor_that_says_nothing_is_said_to_be_waited_for(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    run = running(made, None, started_at=timezone.now() - timedelta(seconds=45))
    page = text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
    assert re.search(r"waiting for the vendor&#x27;s answer for \d+ s", page)
    SyncRun.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(hours=1), pages=1)
    assert "1 page so far" in text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
    SyncRun.objects.filter(pk=run.pk).update(started_at=timezone.now() + timedelta(hours=1), pages=0)
    assert "0 pages so far" in text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/")), "a moment is no silence"


def test_later_runs_stay_the_ones_that_are_looked_at(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    running(made)
    SyncRun.objects.bulk_create(SyncRun(feed=made.feeds.all()[0], state=RunState.OK) for _ in range(30))
    browser = signed_in(cast.ben)
    assert f"/connections/{made.uuid}/progress/?page=2" in text_of(browser.get(f"/connections/{made.uuid}/?page=2"))
    part = text_of(browser.get(f"/connections/{made.uuid}/progress/?page=2", headers=HTMX))
    assert "21–31 of 31 runs" in part
    assert f'href="/connections/{made.uuid}/?page=1"' in part


def test_a_notice_that_promises_a_sync_is_marked_as_one_that_goes(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    page = text_of(signed_in(cast.mo).post(f"/connections/{made.uuid}/sync/", follow=True))
    assert '<p class="banner good until-synced">A sync is on the way.</p>' in page


def test_a_run_longer_than_counted_does_not_stand_at_the_end(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    running(made, pages=50, pages_expected=40)
    page = text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
    assert '<progress aria-label="Reading broadcasts"></progress>' in page
    assert "50 pages so far" in page


@pytest.mark.parametrize(
    "checkpoint", [None, {"phase": "list", "rows": 9}, {"phase": "split:gmail", "rows": 9}, {"phase": "detail"}]
)
def test_a_guess_is_no_total(cast: Cast, checkpoint: dict[str, Any] | None) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    running(made, checkpoint, pages=36, pages_expected=240)
    page = text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
    assert "36 pages so far" in page
    assert "240" not in page.partition('id="connection-progress"')[2].partition("</div>\n")[0]
    assert "<progress" in page
    assert 'value="36"' not in page


def due_for(made: Connection, seconds: int) -> None:
    made.feeds.update(next_at=timezone.now() - timedelta(seconds=seconds))


def test_without_a_worker_the_page_says_so(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    due_for(made, 45)
    browser, url = signed_in(cast.mo), f"/connections/{made.uuid}/"
    page = text_of(browser.get(url))
    assert re.search(r"Waiting for the worker: nothing has taken this up for 4\d s\. Is it running\?", page)
    assert "<progress" not in page
    assert 'hx-trigger="every 5s"' in page


def test_a_worker_that_is_busy_elsewhere_is_none_that_is_missing(cast: Cast) -> None:
    made, other = connect(cast.north, key="a-key-long-enough"), connect(cast.south, key="another-key-long-enough")
    due_for(made, 3600)
    claimed = other.feeds.all()[0]
    Feed.objects.filter(pk=claimed.pk).update(claimed_until=timezone.now() + timedelta(seconds=40))
    assert not unattended(made.feeds.all())
    ended = SyncRun.objects.create(feed=claimed, state=RunState.OK, started_at=timezone.now() - timedelta(seconds=20))
    Feed.objects.filter(pk=claimed.pk).update(claimed_until=None, last_run=ended)
    assert not unattended(made.feeds.all())
    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=5))
    assert "for 5 min." in unattended(made.feeds.all())
    Connection.objects.update(health=Health.PAUSED)
    assert not unattended(made.feeds.all())


def test_the_end_of_a_killed_workers_lease_is_not_a_missing_worker(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    due_for(made, 3600)
    Feed.objects.filter(pk=made.feeds.all()[0].pk).update(claimed_until=timezone.now() - timedelta(seconds=2))
    assert not unattended(made.feeds.all())
    Feed.objects.filter(pk=made.feeds.all()[0].pk).update(claimed_until=timezone.now() - timedelta(seconds=70))
    assert "for 70 s." in unattended(made.feeds.all()).replace("71", "70")


def test_how_long_a_killed_workers_run_took_nobody_knows(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    running(made)
    Feed.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    leases.take_feed(made.feeds.get(last_run__state=RunState.RUNNING).pk)
    run = SyncRun.objects.get()
    assert (run.state, run.seconds) == (RunState.LOST, None)
    browser = signed_in(cast.ben)
    assert "0.0" not in text_of(browser.get(f"/connections/{made.uuid}/"))
    (row,) = fetched(browser, f"/connections/{made.uuid}/export/runs.csv")
    assert (row["state"], row["finished"], row["seconds"]) == ("lost", "", "")


def test_a_page_that_looks_between_claim_and_run_goes_on_looking(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    ended = SyncRun.objects.create(feed=made.feeds.get(resource="seeds"), state=RunState.OK)
    until = timezone.now() + timedelta(seconds=40)
    made.feeds.update(last_ok_at=timezone.now(), last_run=ended, claimed_until=until)
    bar = text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/progress/", headers=HTMX))
    assert 'hx-trigger="every 1s"' in bar
    assert "Starting" in bar


def test_a_dead_workers_run_does_not_keep_the_bar(cast: Cast) -> None:
    made = connect(cast.north, key="a-key-long-enough")
    running(made)
    Feed.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert "every 1s" not in text_of(signed_in(cast.ben).get(f"/connections/{made.uuid}/"))
