"""Campaigns and the days of outreach come home as the vendor has them, and once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Sum

from clients.models import ActivityDay, Campaign, Connection, Grain, RunState, WarmupDay
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.outreach.reaching import CAMPAIGN_DAYS, SENDER_DAYS, bring_outreach, connect, days, true_days
from tests.clients.sync.syncing import TODAY, bring, words


@pytest.fixture
def tidal(box: Sandbox, people: Cast) -> Connection:
    connection = connect(people.north, box, "tidal", people.acme)
    bring_outreach(connection)
    return connection


def test_campaigns_say_what_they_are_in_our_words(tidal: Connection) -> None:
    found = {one.name.removeprefix("Tidal Surf: "): one for one in Campaign.objects.filter(connection=tidal)}
    assert {name: one.status for name, one in found.items()} == {
        "Welcome": "active", "Autumn": "active", "Summer": "completed", "Win back": "paused", "Next year": "draft",
    }  # fmt: skip
    assert found["Autumn"].not_sending == "its daily limit is reached"
    assert (found["Welcome"].tags, found["Welcome"].sender_tags, found["Win back"].sender_tags) == (["season"], [], ["season"])
    assert found["Welcome"].schedule["hours"] == [
        {"weekdays": [1, 2, 3, 4, 5], "name": "Weekdays", "from": "09:00", "to": "17:00", "timezone": "America/Chicago"}
    ]
    assert found["Next year"].schedule == {}
    assert "<div>" not in str([(one.raw, one.schedule) for one in found.values()]), "the mail's copy is not kept"
    assert found["Welcome"].totals["opened"] > 0
    assert "opened" not in found["Autumn"].totals, "it tracks none"


def test_days_are_the_vendors_and_each_mail_counts_once_by_grain(box: Sandbox, tidal: Connection) -> None:
    first = TODAY - timedelta(days=92)
    assert days(tidal, Grain.SENDER) == true_days(box, "tidal", first)
    welcome = Campaign.objects.get(connection=tidal, name__endswith="Welcome")
    opened = welcome.days.filter(day__gte=first).aggregate(opened=Sum("opened"))["opened"]
    assert 0 < opened <= welcome.totals["opened"]
    autumn = Campaign.objects.get(connection=tidal, name__endswith="Autumn")
    assert set(autumn.days.values_list("opened", "clicked", "bounced")) == {(None, None, None)}, "not measured is no 0"
    assert not Campaign.objects.filter(days_stale=True).exists()
    assert set(ActivityDay.objects.filter(grain=Grain.SENDER).values_list("opened", "campaign")) == {(None, None)}


def test_warmup_stands_apart(tidal: Connection) -> None:
    rows = WarmupDay.objects.filter(connection=tidal)
    assert rows.values("sender_ref").distinct().count() == 3
    assert rows.filter(sent=10, inbox__isnull=False, spam=0).exists(), "a zero that the vendor leaves out is one"


def test_a_second_sync_reads_the_last_days_again_and_of_campaigns_only_those_that_moved(box: Sandbox, tidal: Connection) -> None:
    before = days(tidal, Grain.SENDER)
    box.requests.clear()
    for run in bring_outreach(tidal):
        assert (run.state, run.new, run.changed) == (RunState.OK, 0, 0), words(run)
    assert days(tidal, Grain.SENDER) == before
    assert not box.requests.to(CAMPAIGN_DAYS)
    (asked,) = box.requests.to(SENDER_DAYS)
    assert asked.query["start_date"] == (TODAY - timedelta(days=7)).isoformat()
    box.clock.forward(86_400 * (7 if TODAY.weekday() < 5 else 2))  # to a day on which it sends
    bring(tidal, "campaigns")
    stale = Campaign.objects.filter(days_stale=True)
    assert {name.partition(": ")[2] for name in stale.values_list("name", flat=True)} <= {"Welcome", "Autumn"}


def test_a_new_sender_is_read_with_its_past(box: Sandbox, tidal: Connection) -> None:
    gone = tidal.senders.get(email__startswith="surf")
    ActivityDay.objects.filter(sender_ref=gone.external_id).delete()
    gone.delete()
    assert days(tidal, Grain.SENDER) != true_days(box, "tidal", TODAY - timedelta(days=92))
    bring_outreach(tidal)
    assert days(tidal, Grain.SENDER) == true_days(box, "tidal", TODAY - timedelta(days=92))


def test_a_campaign_that_is_no_longer_listed_is_gone_and_keeps_its_days(box: Sandbox, tidal: Connection) -> None:
    welcome = Campaign.objects.get(connection=tidal, name__endswith="Welcome")
    number = welcome.days.count()
    del box.instantly.workspace("tidal").campaigns[welcome.external_id]
    assert bring(tidal, "campaigns").gone == 1
    welcome.refresh_from_db()
    assert (welcome.gone_at is not None, welcome.days.filter(gone_at=None).count()) == (True, number)


def test_a_day_that_the_vendor_takes_back_is_gone_and_an_empty_answer_takes_nothing(
    box: Sandbox, tidal: Connection, monkeypatch: Any
) -> None:
    kept = ActivityDay.objects.filter(connection=tidal, grain=Grain.SENDER, gone_at=None)
    extra = kept.order_by("-day").first()
    assert extra
    ActivityDay.objects.filter(pk=extra.pk).update(day=TODAY)
    bring(tidal, "outreach")
    assert kept.filter(day=TODAY).exists() == any(key[1] == TODAY for key in true_days(box, "tidal", TODAY))
    number = kept.count()
    box.faults.add("change", SENDER_DAYS, what={"remove_accounts": list(tidal.senders.values_list("email", flat=True))})
    run = bring(tidal, "outreach")
    assert kept.count() == number
    assert "Daily figures of " in run.outcome
    assert "came back empty" in run.outcome
    assert tidal.senders.order_by("pk").first().email in run.outcome


def test_a_senders_last_activity_is_the_last_day_on_which_it_wrote(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    bring_outreach(connection)
    days = ActivityDay.objects.by(Grain.SENDER).filter(connection=connection, sent__gt=0)
    for sender in connection.senders.all():
        last = days.filter(sender_ref=sender.external_id).order_by("day").last()
        assert last
        assert sender.last_activity_at
        assert sender.last_activity_at.date() == last.day
    assert bring(connection, "senders").changed == 0, "the vendor's list, which does not tell, takes nothing away"
