"""A vendor that tells raw counts by campaign and by sender, no totals and no warmup: what comes home is what it has."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from clients.models import ActivityDay, Benchmark, Campaign, Connection, Feed, Grain, RunState, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.syncing import TODAY, at, bring, bring_all, words

NAMES = {
    "sent": "sent", "delivered": "delivered", "opened": "opened", "clicked": "clicked", "bounced_hard": "bounced_hard",
    "bounced_soft": "bounced_soft", "replied": "replied", "positive": "replies_positive", "unsubscribed": "unsubscribed",
}  # fmt: skip
FAR = (TODAY - timedelta(days=92)).isoformat()


@pytest.fixture
def imail(box: Sandbox, settings: Any) -> Sandbox:
    settings.IMAIL_URL, settings.IMAIL_RATE = box.url, 0
    return box


@pytest.fixture
def connection(imail: Sandbox, people: Cast) -> Connection:
    return connect(people.north, key=imail.key("northwind", "imail"), client=people.acme, vendor="imail")


def true_sums(box: Sandbox) -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in box.truth("northwind", "imail")["rows"]:
        if row["date"] >= FAR:
            sums.update({ours: row[theirs] for ours, theirs in NAMES.items()})
    return sums


def sums(grain: Grain) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in ActivityDay.objects.by(grain).values(*NAMES):
        found.update({name: count for name, count in row.items() if count})
    return found


def read_by_day(box: Sandbox) -> set[str]:
    return {one.query["campaign_id"] for one in box.requests.to("/v1/analytics") if one.query["group_by"] == "day"}


def figures(connection: Connection) -> None:
    for resource in ("senders", "campaigns", "outreach"):
        assert bring(connection, resource).state == RunState.OK


@pytest.mark.django_db
def test_everything_comes_home(imail: Sandbox, people: Cast, connection: Connection) -> None:
    runs = bring_all(connection)

    assert {run.state for run in runs} == {RunState.OK}, [words(run) for run in runs]
    truth = imail.truth("northwind", "imail")
    assert Sender.objects.filter(client=people.acme).count() == truth["inboxes"]
    campaigns = Campaign.objects.filter(client=people.acme)
    assert campaigns.count() == truth["campaigns"]
    assert {one.external_id: one.leads for one in campaigns if one.leads} == {k: v for k, v in truth["leads"].items() if v}
    assert sums(Grain.CAMPAIGN) == sums(Grain.SENDER) == true_sums(imail)
    assert set(ActivityDay.objects.values_list("client", flat=True)) == {people.acme.pk}
    assert not ActivityDay.objects.filter(bounced=None).exists()
    assert not Campaign.objects.exclude(totals={}).exists(), "it tells no totals"
    assert set(Benchmark.objects.get().shares) == {"delivered", "replied", "inboxing"}
    refs = ActivityDay.objects.by(Grain.SENDER).values_list("sender_ref", flat=True)
    assert set(refs) <= set(Sender.objects.values_list("external_id", flat=True))
    kept = str(list(Campaign.objects.values())) + str(list(Feed.objects.values("checkpoint")))
    assert "prospect-" not in kept, "nobody's address among the leads is stored"


@pytest.mark.django_db
def test_a_second_sync_reads_the_last_days_of_what_may_have_moved(imail: Sandbox, connection: Connection) -> None:
    figures(connection)
    imail.requests.clear()
    at(imail, 17)
    figures(connection)

    asked = [one.query for one in imail.requests.to("/v1/analytics")]
    since = (TODAY - timedelta(days=7)).isoformat()
    assert {query["from"] for query in asked} == {since}
    ids = {one.name: one.external_id for one in Campaign.objects.all()}
    read = read_by_day(imail)
    assert ids["Q4 outbound: retail buyers"] in read
    assert ids["Summer win-back"] not in read, "over for a month"
    assert sums(Grain.CAMPAIGN) == sums(Grain.SENDER) == true_sums(imail)


@pytest.mark.django_db
def test_the_last_mails_of_a_paused_campaign_are_followed(imail: Sandbox, connection: Connection) -> None:
    one = next(row for row in imail.truth("northwind", "imail")["rows"][::-1])["campaign_id"]
    imail.change("northwind", "imail", campaigns={one: {"status": "paused"}})
    figures(connection)
    imail.requests.clear()
    figures(connection)
    assert one in read_by_day(imail), "a reply may come for days"


@pytest.mark.django_db
def test_a_campaign_that_was_started_in_between_is_read(imail: Sandbox, connection: Connection) -> None:
    figures(connection)
    draft = Campaign.objects.get(name="Spring preview")
    imail.change("northwind", "imail", campaigns={draft.external_id: {"status": "active"}})
    at(imail, 17)
    imail.change("northwind", "imail", campaigns={draft.external_id: {"status": "paused"}})
    imail.requests.clear()
    figures(connection)
    assert draft.external_id in read_by_day(imail)
    draft.refresh_from_db()
    assert (draft.status, draft.days_stale) == ("paused", False)
    assert sums(Grain.CAMPAIGN) == sums(Grain.SENDER) == true_sums(imail)


@pytest.mark.django_db
def test_an_archived_campaign_and_a_deleted_inbox_are_gone(imail: Sandbox, connection: Connection) -> None:
    figures(connection)
    one = Campaign.objects.get(name="Summer win-back")
    imail.change("northwind", "imail", campaigns={one.external_id: {"status": "archived"}})
    imail.change("northwind", "imail", remove_inboxes=["theo@trynorthwind.example"])
    figures(connection)
    assert [gone.name for gone in Campaign.objects.exclude(gone_at=None)] == ["Summer win-back"]
    assert [gone.email for gone in Sender.objects.exclude(gone_at=None)] == ["theo@trynorthwind.example"]


@pytest.mark.django_db
def test_a_tier_without_the_api_is_said_and_the_key_stays_good(imail: Sandbox, connection: Connection) -> None:
    imail.change("northwind", "imail", tier="Launch")
    run = bring(connection, "campaigns")
    assert (run.state, run.feed.connection.health) == (RunState.FAILED, "ok")
    assert "tier does not include campaigns" in run.outcome
    assert "; request req_" in run.outcome
    connection.refresh_from_db()
    assert connection.health == "ok"


@pytest.mark.django_db
def test_leads_are_counted_from_where_a_killed_worker_was(imail: Sandbox, connection: Connection) -> None:
    bring(connection, "senders")
    bring(connection, "campaigns")
    imail.faults.add("error", "/v1/leads", after=2, times=None)
    assert bring(connection, "leads").state == RunState.FAILED
    kept = Feed.objects.get(connection=connection, resource="leads").checkpoint
    assert sum(kept["tally"].values()) == 200
    imail.faults.clear()
    asked = len(imail.requests.to("/v1/leads"))
    assert bring(connection, "leads").state == RunState.OK
    truth = imail.truth("northwind", "imail")["leads"]
    assert {one.external_id: one.leads for one in Campaign.objects.exclude(leads={})} == {k: v for k, v in truth.items() if v}
    pages = sum(-(-sum(counts.values()) // 100) or 1 for counts in truth.values())
    assert len(imail.requests.to("/v1/leads")) - asked == pages - 2


@pytest.mark.django_db
def test_the_benchmark_is_asked_for_once_in_half_a_minute(imail: Sandbox, people: Cast, connection: Connection) -> None:
    other = connect(people.south, key=imail.key("brunnen", "imail"), vendor="imail")
    bring(connection, "benchmark")
    bring(other, "benchmark")
    [asked] = imail.requests.to("/v1/metrics/public")
    assert asked.had_key is False
    Benchmark.objects.update(read_at=Benchmark.objects.get().read_at - timedelta(seconds=31))
    bring(other, "benchmark")
    assert len(imail.requests.to("/v1/metrics/public")) == 2


@pytest.mark.django_db
def test_days_of_a_test_ledger_stay_in_it(imail: Sandbox, people: Cast, connection: Connection) -> None:
    test = connect(people.north, key=imail.key("northwind-test", "imail"), label="Test", vendor="imail")
    figures(connection)
    figures(test)
    assert (connection.ledger, test.ledger) == ("live", "test")
    assert ActivityDay.objects.filter(connection=test, client=None).exists()
    assert not ActivityDay.objects.filter(connection=test).exclude(client=None).exists()
