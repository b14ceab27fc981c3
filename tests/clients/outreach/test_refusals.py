"""What a plan, a key's scopes and an answer that is too much do to campaigns and their days."""

from __future__ import annotations

from clients.models import ActivityDay, Campaign, Grain, RunState, WarmupDay
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.outreach.reaching import (
    CAMPAIGNS,
    SENDER_DAYS,
    TAGS,
    TOTALS,
    WARMUP,
    bring_outreach,
    connect,
    days,
    true_days,
)  # fmt: skip
from tests.clients.sync.syncing import TODAY, bring, words


def test_too_much_at_once_is_asked_for_in_halves(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    bring(connection, "senders")
    box.faults.add("error", SENDER_DAYS, status=413, times=3)
    run = bring(connection, "outreach")
    assert run.state == RunState.OK, words(run)
    assert days(connection, Grain.SENDER) == true_days(box, "tidal", min(day for _, day in days(connection, Grain.SENDER)))
    assert len(box.requests.to(SENDER_DAYS)) > 3 + 3, "three ranges, each refused once or in a half"


def test_without_the_scopes_for_tags_campaigns_come_without_and_keep_what_they_had(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    bring_outreach(connection)
    box.faults.add("error", TAGS, status=401, times=None)
    run = bring(connection, "campaigns")
    assert (run.state, run.changed) == (RunState.OK, 0), words(run)
    assert "may lack the scope custom_tags:read" in words(run)
    assert Campaign.objects.filter(tags=["season"]).count() == 2


def test_one_workspace_that_is_refused_costs_the_others_nothing(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "agency", people.acme)
    northwind, atelier = (box.instantly.workspace(name).id for name in ("northwind", "atelier"))
    for path in (CAMPAIGNS, SENDER_DAYS):
        box.faults.add("error", path, account="agency/northwind", status=402, times=None)
    runs = bring_outreach(connection)
    assert [run.state for run in runs] == [RunState.OK] * 2 + [RunState.PARTIAL] * 2
    for run in runs[2:]:
        assert "Northwind: The Instantly plan does not include " in run.outcome
    known = Campaign.objects.filter(connection=connection)
    assert not known.filter(workspace=northwind).exists()
    assert known.filter(workspace=atelier).count() == 5
    by_sender = ActivityDay.objects.by(Grain.SENDER)
    assert by_sender.filter(workspace=atelier).exists()
    assert not by_sender.filter(workspace=northwind).exists()
    assert WarmupDay.objects.filter(sender_ref__startswith=northwind).exists(), "what is not refused is read all the same"
    box.faults.clear()
    bring_outreach(connection)
    assert known.filter(workspace=northwind).count() == 5


def test_a_campaign_list_survives_refused_totals_and_warmup(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    for path in (TOTALS, WARMUP):
        box.faults.add("error", path, status=402, times=None)
    runs = bring_outreach(connection)
    assert [run.state for run in runs] == [RunState.OK] * 2 + [RunState.PARTIAL] * 2, [words(run) for run in runs]
    assert Campaign.objects.filter(connection=connection, totals={}).count() == 5
    assert "plan does not include totals of campaigns" in runs[2].outcome
    assert "plan does not include figures of warmup" in runs[3].outcome
    assert days(connection, Grain.SENDER)
    assert not WarmupDay.objects.exists()


def test_a_plan_that_lacks_everything_says_so(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "lapsed", people.acme)
    run = bring(connection, "campaigns")
    assert (run.state, "plan does not include" in run.outcome) == (RunState.FAILED, True)


def test_rows_that_name_no_mailbox_are_the_workspaces(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, box, "tidal", people.acme)
    box.instantly.switches.unattributed_rows = True
    bring(connection, "senders")
    bring(connection, "outreach")
    rows = ActivityDay.objects.by(Grain.SENDER).filter(connection=connection, sender_ref="")
    assert rows.filter(day=TODAY, sent=2, client=people.acme).count() == 1
