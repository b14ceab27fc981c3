"""The pages of changes: asking, looking, applying, undoing; what is typed wrong stays and is told at its field."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.changes.working import work
from clients.models import Change, ChangeState, Client, Connection, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import CUSTOM, bring_senders, presets, states, writes
from tests.clients.doing import HTMX, signed_in, text_of
from tests.clients.views.asking import REPAIR, act, asked, see


def test_a_domain_from_form_to_undo(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    change = asked(cast, domain="brand03.example", reason="It slides", **REPAIR)
    shown = see(cast, change)
    assert "Apply to 3 senders" in shown
    assert "all senders on brand03.example" in shown
    assert shown.count('default</td><td data-head="After">repair') == 3
    assert "It slides" in shown
    assert writes(vendor) == []

    change = act(cast, change, "apply")
    assert (change.state, change.applied_by) == (ChangeState.DONE, cast.mo)
    assert "3 done." in see(cast, change)
    assert see(cast, change).count("read back: repair") == 3
    undo = act(cast, change, "undo")
    assert "Undo for 3 senders" in see(cast, undo)
    planned = signed_in(cast.mo).get(f"/changes/{undo.uuid}/progress/", headers=HTMX)
    assert planned["HX-Refresh"] == "true", "the heading says what is put back as well"
    assert "Back to preset default for 3 senders on brand03.example" in see(cast, undo)
    assert f'Its undo waits to be applied: <a href="/changes/{undo.uuid}/">' in see(cast, change)
    assert act(cast, undo, "apply", reason="It did not help").state == ChangeState.DONE
    assert presets(vendor) == {"default": 60}
    assert "Reason: It did not help" in see(cast, undo)
    shown = see(cast, change)
    assert f'Undone by <a href="/changes/{undo.uuid}/">Mo, ' in shown
    assert "Undo…" not in shown
    assert "Undo…" in see(cast, undo)
    listed = text_of(signed_in(cast.mo).get("/changes/"))
    assert listed.count('good">Done<') == 2
    assert ("Back to preset default" in listed, listed.count("3 senders on brand03.example")) == (True, 1)
    again = act(cast, undo, "undo")
    assert "<h1>Undo: back to preset repair</h1>" in see(cast, again)
    assert "as before <a" in see(cast, again)
    assert "the undo of" in see(cast, again)


def test_percentages_of_ones_own(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    seven = {name: value for name, value in CUSTOM.items() if name != "preset"}
    change = asked(cast, tag="tag2", what="custom", **seven)
    assert change.edit == CUSTOM
    said = "pened 1 %, scrolled down 2 %, spam to inbox 3 %, promo to inbox 4 %, marked important 5 %, "
    said += "replied to 6 %, link clicked 7 %"
    shown = see(cast, change)
    assert f"<p>O{said}. For all senders tagged tag2." in shown
    assert shown.count(f'<td data-head="After">custom: o{said}</td>') == 12
    assert f"o{said}" in text_of(signed_in(cast.mo).get("/changes/"))


def test_of_percentages_only_those_that_change_are_shown(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    seven = {name: value for name, value in CUSTOM.items() if name != "preset"}
    act(cast, asked(cast, domain="brand03.example", what="custom", **seven), "apply")
    change = asked(cast, domain="brand03.example", what="custom", **seven | {"reply": 60, "open": 10})
    before, after = "custom: opened 1 %, replied to 6 %", "custom: opened 10 %, replied to 60 %; the rest as it is"
    assert see(cast, change).count(f'>{before}</td><td data-head="After">{after}</td>') == 3
    assert see(cast, act(cast, change, "apply")).count("read back: as asked") == 3


@pytest.mark.parametrize("wrong", ["", "101", "-1", "12.5", "many"])
def test_each_of_the_seven_must_be_there_and_a_percentage(cast: Cast, connection: Connection, wrong: str) -> None:
    seven = {name: value for name, value in CUSTOM.items() if name != "preset"} | {"reply": wrong}
    response = signed_in(cast.mo).post("/changes/new/", {"tag": "tag2", "what": "custom", **seven})
    assert response.status_code == 422
    shown = text_of(response)
    assert len(re.findall('class="field-error"', shown)) == 1
    assert shown.count("0 to 100 is needed.") == 1
    assert 'name="open" value="1"' in shown, "what was typed stays"
    assert not Change.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({**REPAIR}, "Say for whom"),
        ({"domain": "nobody.example", **REPAIR}, "No sender that we know matches this"),
        ({"tag": "tag2", "what": "preset", "to_preset": "wild"}, "Select a valid choice"),
        ({"tag": "tag2", "what": "status", "to_status": "gone"}, "Select a valid choice"),
        ({"tag": "tag2"}, "Choose what is to change."),
        ({"tag": "tag2", "what": "preset"}, "Choose a preset."),
        ({"client": "oak", **REPAIR}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(cast: Cast, connection: Connection, data: dict[str, str], words: str) -> None:
    response = signed_in(cast.mo).post("/changes/new/", data)
    assert response.status_code == 422
    assert words in text_of(response)


def test_a_plan_on_its_way_polls_and_comes_to_rest(cast: Cast, connection: Connection) -> None:
    browser = signed_in(cast.mo)
    browser.post("/changes/new/", {"domain": "brand03.example", **REPAIR})
    change = Change.objects.get()
    assert f'hx-get="/changes/{change.uuid}/progress/?page=1"' in see(cast, change)
    part = browser.get(f"/changes/{change.uuid}/progress/", headers=HTMX)
    assert "HX-Retarget" not in part
    assert "Asking the vendor" in text_of(part)
    work(change.pk)
    part = browser.get(f"/changes/{change.uuid}/progress/", headers=HTMX)
    assert part["HX-Retarget"] == "#change-status"
    assert "Apply to 3 senders" in text_of(part)


def test_a_parked_change_says_until_when_and_can_be_stopped(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    change = asked(cast, tag="tag2", client="acme", **REPAIR)
    vendor.faults.add("busy", "/v3/senders/*", method="PUT", times=None, retry_after=3600)
    change = act(cast, change, "apply")
    shown = see(cast, change)
    assert "asks us to wait 60 min" in shown
    assert "Goes on at" in shown
    assert ">Stop</button>" in shown
    change = act(cast, change, "stop")
    assert (change.state, states(change)) == (ChangeState.STOPPED, {"stopped": 12})
    vendor.faults.clear()
    assert "Send the 12 left out" in see(cast, change)
    assert act(cast, change, "retry", what="stopped").state == ChangeState.DONE


def test_a_change_that_only_reads_back_what_it_sent_is_called_stopped(cast: Cast, connection: Connection) -> None:
    change = asked(cast, tag="tag2", client="acme", **REPAIR)
    until = timezone.now() + timedelta(hours=1)
    Change.objects.update(state=ChangeState.WAITING, stop_requested=True, resume_at=until, outcome="Goes on at noon.")
    shown = see(cast, change)
    assert ">Stopped</span>" in shown
    assert f"nothing more is sent. What was sent is read back at {until:%H:%M} UTC" in shown
    assert "Goes on" not in shown
    assert ">Stop</button>" not in shown


def test_the_failed_are_listed_first_and_tried_again(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    ticked = [str(row.uuid) for row in Sender.objects.order_by("email")[:5]]
    change = asked(cast, sender=ticked, **REPAIR)
    vendor.faults.add("error", "/v3/senders/*", method="PUT", after=4, status=422)
    change = act(cast, change, "apply")
    shown = see(cast, change)
    assert shown.index(">Failed</span>") < shown.index("read back: repair")
    assert "Try the 1 failed again" in shown
    assert act(cast, change, "retry").state == ChangeState.DONE


def test_an_old_plan_offers_to_be_made_again(cast: Cast, connection: Connection) -> None:
    change = asked(cast, domain="brand03.example", **REPAIR)
    Change.objects.update(planned_at=timezone.now() - timedelta(minutes=61))
    shown = see(cast, change)
    assert "more than an hour old" in shown
    assert "Apply to" not in shown
    assert "more than an hour old" in text_of(signed_in(cast.mo).post(f"/changes/{change.uuid}/apply/", follow=True))
    again = act(cast, change, "again")
    assert (again.pk != change.pk, states(again)) == (True, {"planned": 3})


def test_an_undo_shows_who_drifted_and_takes_the_choice_with_it(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    ticked = [str(row.uuid) for row in Sender.objects.order_by("email")[:3]]
    change = act(cast, asked(cast, sender=ticked, **REPAIR), "apply")
    moved = [item.sender for item in change.items.order_by("email")[:2]]
    vendor.change("wide", senders={sender.external_id: {"preset": "boost"} for sender in moved})
    undo = act(cast, change, "undo")
    shown = see(cast, undo)
    assert "Changed by somebody since" in shown
    assert shown.count("Somebody has set it to boost since.") == 2
    assert 'data-ticked="Undo for 1 sender">Undo for 1 sender and the ticked</button>' in shown
    assert shown.count("and one for each ticked") == 2
    undo = act(cast, undo, "apply", overwrite=[str(undo.items.get(sender=moved[0]).uuid)])
    assert states(undo) == {"done": 2, "skipped": 1}
    assert presets(vendor) == {"boost": 1, "default": 59}


def test_a_drift_that_was_a_change_of_ours_names_it(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    ticked = [str(row.uuid) for row in Sender.objects.order_by("email")[:3]]
    change = act(cast, asked(cast, sender=ticked, **REPAIR), "apply")
    later = act(cast, asked(cast, sender=ticked[:2], what="preset", to_preset="boost"), "apply")
    theirs = Sender.objects.get(uuid=ticked[1])
    vendor.change("wide", senders={theirs.external_id: {"preset": "protect"}})
    shown = see(cast, act(cast, change, "undo"))
    assert shown.count(f'Set to boost by <a href="/changes/{later.uuid}/">Mo, ') == 1
    assert shown.count("Somebody has set it to protect since.") == 1


def test_a_plan_over_several_clients_and_accounts_names_how_many(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    key = vendor.add_account("narrow", senders=4, broadcasts=1).key
    bring_senders(connect(cast.north, key=key, label="Second", client=cast.birch))
    change = asked(cast, all="1", **REPAIR)
    assert "Apply to 64 senders of 2 clients on 2 accounts</button>" in see(cast, change)
    assert "Apply to 3 senders</button>" in see(cast, asked(cast, client="acme", domain="brand03.example", **REPAIR))


def test_before_the_first_result_it_says_what_happens(cast: Cast, connection: Connection) -> None:
    change = asked(cast, domain="brand03.example", **REPAIR)
    said = {}
    for state in ("queued", "sending", "sent"):
        Change.objects.update(state=ChangeState.APPLYING)
        change.items.update(state=state)
        said[state] = re.search(r'<progress aria-label="([^"]+)"(.*?)>', see(cast, change))
    assert all(found and "max" not in found[2] for found in said.values())
    assert [found[1] for found in said.values() if found] == [
        "Asking the vendor how they are now",
        "Sending",
        "Sending, and asking the vendor what came of it",
    ]


def test_what_is_done_or_undone_offers_no_plan_again(cast: Cast, connection: Connection) -> None:
    change = asked(cast, domain="brand03.example", **REPAIR)
    assert "Make the plan again" in see(cast, change)
    assert "call planned" in see(cast, change)
    assert "Make the plan again" not in see(cast, act(cast, change, "apply"))


def test_vendors_text_is_text(vendor: Sandbox, cast: Cast, connection: Connection) -> None:
    one = next(iter(vendor.world.account("wide").senders))
    vendor.change("wide", senders={one: {"email": "<script>x</script>@brand03.example"}})
    shown = see(cast, asked(cast, domain="brand03.example", **REPAIR))
    assert "<script>x" not in shown


def test_a_list_of_many_changes_costs_no_more_queries_than_one(
    cast: Cast, connection: Connection, django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(cast.mo)
    for number in range(30):
        Change.objects.create(
            agency=cast.north, selector={"by": "filter", "filters": {"tag": f"t{number}"}}, edit={"preset": "repair"}
        )
    with django_assert_max_num_queries(10):
        browser.get("/changes/")


def test_a_client_that_is_archived_offers_no_change(cast: Cast, connection: Connection) -> None:
    Client.objects.filter(pk=cast.acme.pk).update(archived_at=timezone.now())
    assert "that match…" not in text_of(signed_in(cast.mo).get("/clients/acme/senders/"))
