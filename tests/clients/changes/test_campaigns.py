"""Campaigns paused and resumed: the same plan, apply and undo as for senders."""

from __future__ import annotations

from typing import Any

import pytest

from agency.models import AuditEntry
from clients import sync
from clients.changes import asking, history, planning, selecting, wording
from clients.models import Campaign, Change, ChangeState
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import (
    applied,
    bring_senders,
    done_writes,
    items,
    planned,
    resumed,
    states,
    undone,
    whys,
    worked,
    writes,
)

PAUSE, RESUME = {"status": "paused"}, {"status": "active"}


@pytest.fixture
def campaigns(box: Sandbox, people: Cast) -> list[Campaign]:
    """Of a group's two workspaces, all active but the drafts, which are not among them; Birch's."""
    made = connect(people.north, key=box.instantly.key("agency"), label="Group", client=people.birch, vendor="instantly")
    for workspace in ("northwind", "atelier"):
        begun = [key for key, one in box.instantly.workspace(workspace).campaigns.items() if one.schedule and one.emails]
        turn(box, workspace, **dict.fromkeys(begun, 1))
    bring_senders(made)
    run = sync.run(made.feeds.get(resource="campaigns").pk)
    assert run is not None
    box.requests.clear()
    return list(Campaign.objects.exclude(workspace="").filter(status="active").order_by("name", "pk"))


def turn(box: Sandbox, workspace: str, **statuses: int) -> None:
    box.change(workspace, "instantly", campaigns={key: {"status": status} for key, status in statuses.items()})


def place(box: Sandbox, one: Campaign) -> str:
    return "northwind" if one.external_id in box.instantly.workspace("northwind").campaigns else "atelier"


def now(box: Sandbox) -> dict[str, int]:
    return {
        key: one.status
        for workspace in ("northwind", "atelier")
        for key, one in box.instantly.workspace(workspace).campaigns.items()
    }


def of(campaigns: list[Campaign]) -> dict[str, Any]:
    return selecting.by_campaigns([str(one.uuid) for one in campaigns])


def changed(people: Cast, campaigns: list[Campaign], edit: dict[str, str]) -> Change:
    return planned(people.mo, of(campaigns), edit, campaigns[0].connection)


def test_campaigns_of_two_workspaces_are_paused_and_put_back(box: Sandbox, people: Cast, campaigns: list[Campaign]) -> None:
    change = changed(people, campaigns, PAUSE)
    assert sum(call["calls"] for call in change.calls) == len(campaigns)
    assert (wording.what(change), selecting.said(change.selector)) == (
        "Campaigns paused",
        f"{len(campaigns)} picked campaigns",
    )
    change = applied(change)
    assert (change.state, {now(box)[one.external_id] for one in campaigns}) == (ChangeState.DONE, {2})
    assert all(asked.path.endswith("/pause") and not asked.body for asked in writes(box))
    assert {Campaign.objects.get(pk=one.pk).status for one in campaigns} == {"paused"}
    entry = AuditEntry.objects.get(action="change.apply_asked")
    assert (entry.subject, entry.target) == (people.birch.uuid, f"{len(campaigns)} campaigns")
    assert entry.after["status"] == [f"paused × {len(campaigns)}"]

    undo = undone(change)
    assert (wording.what(undo), states(undo)) == ("Undo of campaigns paused", {"planned": len(campaigns)})
    assert applied(undo).state == ChangeState.DONE
    assert {now(box)[one.external_id] for one in campaigns} == {1}
    assert history.about(items(undo)[:1]) == items(undo)[0].campaign.name


def test_what_rests_by_itself_is_left_alone_and_says_why(box: Sandbox, people: Cast, campaigns: list[Campaign]) -> None:
    for one, status in zip(campaigns, (0, 3, -99, 4), strict=False):
        turn(box, place(box, one), **{one.external_id: status})
    said = {
        0: ("skipped", "It is a draft: it has not been started."),
        3: ("skipped", "It is completed."),
        -99: ("skipped", "Its account is suspended."),
        4: ("noop", ""),
    }
    change = changed(people, campaigns[:4], RESUME)
    found = {item.key: (item.state, item.why) for item in items(change)}
    assert list(found.values()) == [said[now(box)[key]] for key in found]
    pause = changed(people, campaigns[:4], PAUSE)
    assert states(pause) == {"skipped": 3, "planned": 1}


def test_drift_a_lost_answer_and_a_refusal(box: Sandbox, people: Cast, campaigns: list[Campaign]) -> None:
    first, second = campaigns[:2]
    change = changed(people, [first, second], PAUSE)
    turn(box, place(box, first), **{first.external_id: 3})
    change = applied(change)
    assert (change.state, writes(box)) == (ChangeState.STALE, [])
    assert change.outcome == "1 campaign has changed since this plan was made, so nothing was sent. Make it again."

    turn(box, place(box, first), **{first.external_id: 1})
    change = worked(asking.again(change, None))
    box.faults.add("lost", f"/api/v2/campaigns/{first.external_id}/pause", method="POST")
    box.faults.add("error", f"/api/v2/campaigns/{second.external_id}/pause", method="POST", status=400)
    change = applied(change)
    assert (change.state, states(change)) == (ChangeState.PARTIAL, {"done": 1, "failed": 1})
    assert "The answer was lost; it was carried out." in whys(change)
    assert asking.retry(change, None) == 1
    assert worked(change).state == ChangeState.DONE
    assert set(done_writes(box).values()) == {1}

    turn(box, place(box, first), **{first.external_id: -2})
    undo = undone(change)
    drifted = next(item for item in items(undo) if item.drifted)
    assert (drifted.campaign, drifted.why) == (first, "Somebody has set it to stopped (too many bounces) since.")


def test_of_two_changes_of_one_campaign_the_second_waits(box: Sandbox, people: Cast, campaigns: list[Campaign]) -> None:
    first, second = changed(people, campaigns[:1], PAUSE), changed(people, campaigns[:1], PAUSE)
    box.faults.add("busy", "/api/v2/campaigns/*", method="POST", retry_after=3600)
    assert applied(first).state == ChangeState.WAITING
    second = applied(second)
    assert second.outcome == "Another change of the same campaigns goes first."
    asking.stop(first, None)
    assert resumed(second).state == ChangeState.DONE


def test_another_agency_can_not_plan_them(box: Sandbox, people: Cast, campaigns: list[Campaign]) -> None:
    change = worked(planning.ask(people.south, of(campaigns), PAUSE, people.zoe))
    assert (states(change), list(box.requests)) == ({}, [])
