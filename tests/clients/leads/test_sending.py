"""Leads on their way: each once, with a result for each line, whatever is lost or killed."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients import dispatching
from clients.leads import working
from clients.models import Campaign, Connection, Health, LeadChunk, LeadLine, LeadUpload
from clients.vendors.imail import Imail
from clients.vendors.leads import NewLead
from sandbox.imail.changing import change
from sandbox.imail.workspace import Lead
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry, signed_in
from tests.clients.leads.bringing import BULK, FRESH, KEY, THERE, confirmed, died, go_on, planned, sent, states, there

pytestmark = pytest.mark.django_db


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was lost is sure at once."""
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))


def test_leads_are_sent_once_and_forgotten_but_for_line_address_and_result(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    upload = go_on(confirmed(cast.mo, empty))
    assert (upload.state, upload.counts) == ("done", {"created": 2})
    assert states(upload) == {"ada@fresh.example": "created", "ben@fresh.example": "created"}
    assert there(box, empty) == ["ada@fresh.example", "ben@fresh.example"]
    body = json.loads(sent(box)[0].body)
    assert body["leads"][0] == {"email": "ada@fresh.example", "first_name": "Ada"}
    assert body["skip_duplicates"] is True
    assert list(LeadChunk.objects.values_list("leads", flat=True)) == [[]]
    assert actions()[-2:] == ["leads.confirmed", "leads.ended"]
    assert newest_entry().after["result"] == "2 created."
    assert "fresh.example" not in str([entry.after for entry in [newest_entry()]])


def test_a_long_file_goes_in_pieces_of_what_the_vendor_takes(
    cast: Cast, empty: Campaign, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Imail.leads_at_once == 5_000
    monkeypatch.setattr(Imail, "leads_at_once", 2)
    upload = go_on(confirmed(cast.mo, empty, "email\n" + "".join(f"p{n}@fresh.example\n" for n in range(5))))
    assert (upload.state, upload.counts) == ("done", {"created": 5})
    assert [len(json.loads(asked.body)["leads"]) for asked in sent(box)] == [2, 2, 1]


def test_five_thousand_are_one_call(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    upload = go_on(confirmed(cast.mo, empty, "email\n" + "".join(f"p{n}@fresh.example\n" for n in range(5_000))))
    assert (upload.counts, len(sent(box)), len(there(box, empty))) == ({"created": 5_000}, 1, 5_000)


def test_who_was_there_is_told_from_who_is_new_and_who_is_refused(cast: Cast, peopled: Campaign, box: Sandbox) -> None:
    # The vendor counts 1 created and 1 skipped, without names: its list tells which.
    text = f'email\n{THERE}\nada@fresh.example\n"x@{"y" * 245}.example"\n'
    Campaign.objects.filter(pk=peopled.pk).update(status="active")
    upload = confirmed(cast.mo, peopled, text)
    LeadLine.objects.filter(state="wrong").update(state="waiting", chunk=0)
    chunk = LeadChunk.objects.get()
    chunk.leads = [{"email": email} for email in upload.lines.order_by("line").values_list("email", flat=True)]
    chunk.save()
    upload = go_on(upload)
    assert list(states(upload).values()) == ["there", "created", "refused"]
    assert upload.lines.get(state="refused").said == "email is no address"
    assert upload.counts == {"there": 1, "created": 1, "refused": 1}
    assert [asked.query["campaign_id"] for asked in box.requests.to("/v1/leads", "GET")] == [peopled.external_id]


def test_where_the_list_is_too_long_to_be_read_that_is_said(
    cast: Cast, peopled: Campaign, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "MOST_PAGES", 0)
    upload = go_on(confirmed(cast.mo, peopled, f"email\n{THERE}\nada@fresh.example\n"))
    assert (upload.state, upload.counts) == ("done", {"taken": 2})
    assert "was not read" in upload.outcome


@pytest.mark.parametrize("fault", [("lost", {}), ("lost", {"reset": True}), ("cut", {})])
def test_an_answer_lost_after_the_act_is_read_back_and_nothing_is_sent_twice(
    cast: Cast, empty: Campaign, box: Sandbox, fault: tuple[str, dict[str, Any]], sure: None
) -> None:
    box.faults.add(fault[0], BULK, method="POST", **fault[1])
    upload = go_on(go_on(confirmed(cast.mo, empty)))
    assert (upload.state, upload.counts) == ("done", {"created": 2})
    assert (len(sent(box)), len(there(box, empty))) == (1, 2)


def test_what_never_arrived_is_sent_again_once_it_is_known_not_to_be_there(
    cast: Cast, empty: Campaign, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.faults.add("close", BULK, method="POST")
    upload = go_on(confirmed(cast.mo, empty))
    assert (upload.state, set(states(upload).values())) == ("sending", {"sent"})
    assert "being found out" in upload.outcome
    assert go_on(upload).state == "sending", "it may yet happen"
    assert len(sent(box)) == 1
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    upload = go_on(upload)
    assert (upload.state, upload.counts, len(sent(box))) == ("done", {"created": 2}, 2)


def test_of_a_call_that_got_half_through_the_other_half_alone_is_sent(
    cast: Cast, empty: Campaign, box: Sandbox, sure: None
) -> None:
    upload = confirmed(cast.mo, empty)
    box.faults.add("close", BULK, method="POST")
    upload = go_on(upload)
    ledger = box.imail.ledger(KEY)
    now = timezone.now()
    ledger.added["led_half"] = Lead("led_half", 9_999, empty.external_id, "ada@fresh.example", "queued", now)
    upload = go_on(upload)
    assert states(upload) == {"ada@fresh.example": "created", "ben@fresh.example": "created"}
    assert [lead["email"] for lead in json.loads(sent(box)[-1].body)["leads"]] == ["ben@fresh.example"]


@pytest.mark.parametrize("after_the_call", [True, False])
def test_a_worker_that_dies_at_the_call_doubles_no_lead(
    cast: Cast, empty: Campaign, box: Sandbox, monkeypatch: pytest.MonkeyPatch, after_the_call: bool, sure: None
) -> None:
    truly = Imail.add_leads

    def killed(self: Imail, campaign: str, leads: list[NewLead]) -> Any:
        if after_the_call:
            truly(self, campaign, leads)
        raise SystemExit

    upload = confirmed(cast.mo, empty)
    with monkeypatch.context() as patched:
        patched.setattr(Imail, "add_leads", killed)
        with pytest.raises(SystemExit):
            working.run(upload.pk)
    died(upload)
    upload = go_on(upload)
    assert (upload.state, upload.counts) == ("done", {"created": 2})
    assert (len(sent(box)), len(there(box, empty))) == (1, 2)


def test_a_vendor_that_is_busy_or_away_is_asked_again_and_the_rest_is_not_lost(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    box.faults.add("busy", BULK, method="POST", retry_after=40)
    upload = go_on(confirmed(cast.mo, empty))
    assert (upload.state, set(states(upload).values())) == ("sending", {"waiting"})
    assert "goes on by itself" in upload.outcome
    assert go_on(upload).counts == {"created": 2}


def test_a_refusal_ends_it_with_the_vendors_words_and_the_rest_can_be_sent(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    change(box.imail, KEY, {"tier": "Launch"})
    upload = go_on(confirmed(cast.mo, empty))
    assert (upload.state, upload.counts) == ("failed", {"waiting": 2})
    assert "tier" in upload.outcome
    change(box.imail, KEY, {"tier": "Surge"})
    signed_in(cast.mo).post(f"/uploads/{upload.uuid}/again/")
    assert go_on(upload).counts == {"created": 2}
    assert actions()[-3:] == ["leads.failed", "leads.retried", "leads.ended"]


def test_a_stop_leaves_the_rest_unsent_until_somebody_sends_it_or_a_day_is_over(
    cast: Cast, empty: Campaign, box: Sandbox
) -> None:
    upload = confirmed(cast.mo, empty)
    signed_in(cast.mo).post(f"/uploads/{upload.uuid}/stop/")
    upload = go_on(upload)
    assert (upload.state, upload.counts, sent(box)) == ("stopped", {"waiting": 2}, [])
    go_on(upload)  # a day later
    assert not LeadChunk.objects.exists()
    signed_in(cast.mo).post(f"/uploads/{upload.uuid}/again/")
    assert LeadUpload.objects.get().state == "stopped", "there is nothing left to send"
    go_on(upload)  # and after the ninety days
    assert (LeadLine.objects.exists(), LeadUpload.objects.get().counts) == (False, {"waiting": 2})
    assert LeadUpload.objects.get().next_at is None


def test_two_uploads_to_one_campaign_wait_for_each_other(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    first = confirmed(cast.mo, empty)
    second = planned(cast.mo, empty)
    answer = signed_in(cast.mo).post(f"/uploads/{second.uuid}/confirm/")
    assert answer.status_code == 422
    go_on(first)
    assert signed_in(cast.mo).post(f"/uploads/{second.uuid}/confirm/").status_code == 302
    assert go_on(second).counts == {"there": 2}


def test_what_is_confirmed_is_handed_out_and_what_another_holds_is_left_alone(
    cast: Cast, empty: Campaign, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Any] = []
    monkeypatch.setattr(dispatching, "waiting", lambda queue: 0)
    monkeypatch.setattr(dispatching, "_send", lambda task, ids, queue: handed.extend((task, pk) for pk in ids))
    upload = confirmed(cast.mo, empty)
    dispatching.hand_out_leads()
    assert handed == [("clients.upload_leads", upload.pk)]
    LeadUpload.objects.update(claim="0" * 32, claimed_until=timezone.now() + timedelta(minutes=1))
    assert working.run(upload.pk) is None
    assert sent(box) == []


def test_a_key_that_is_refused_meanwhile_sends_nothing(cast: Cast, account: Connection, empty: Campaign, box: Sandbox) -> None:
    upload = confirmed(cast.mo, empty)
    Connection.objects.update(health=Health.REFUSED)
    upload = go_on(upload)
    assert (upload.state, sent(box)) == ("failed", [])


def test_each_line_is_had_as_csv_by_who_may_act(cast: Cast, empty: Campaign) -> None:
    upload = go_on(confirmed(cast.mo, empty, FRESH + "=cmd,\n=1+1@fresh.example,\n"))
    url = f"/uploads/{upload.uuid}/export/lead-lines.csv"
    text = b"".join(signed_in(cast.mo).get(url).streaming_content).decode()
    rows = [line.split(",", 4)[4] for line in text.splitlines()]
    assert rows == [
        "line,email,result,why",
        "2,ada@fresh.example,created,",
        "3,ben@fresh.example,created,",
        "4,'=cmd,wrong,‘=cmd’ is no e-mail address.",
        "5,'=1+1@fresh.example,created,",
    ]
    assert signed_in(cast.ben).get(url).status_code == 403


def test_where_the_vendors_clock_is_off_a_lost_answer_leaves_open_who_was_there(
    cast: Cast, empty: Campaign, box: Sandbox, sure: None
) -> None:
    box.clock.forward(-3 * 3600)
    box.faults.add("lost", BULK, method="POST")
    upload = go_on(go_on(confirmed(cast.mo, empty)))
    assert (upload.state, upload.counts, len(sent(box))) == ("done", {"taken": 2}, 1)


def test_an_odd_address_keeps_its_place_among_the_others(cast: Cast, empty: Campaign, box: Sandbox) -> None:
    upload = go_on(confirmed(cast.mo, empty, 'email\n"""a<b>c""@fresh.example"\nada@fresh.example\n'))
    assert states(upload) == {'"a<b>c"@fresh.example': "created", "ada@fresh.example": "created"}


def test_a_list_that_leads_nowhere_calls_nobody_missing(
    cast: Cast, empty: Campaign, box: Sandbox, monkeypatch: pytest.MonkeyPatch, sure: None
) -> None:
    box.faults.add("lost", BULK, method="POST")
    upload = go_on(confirmed(cast.mo, empty))
    with monkeypatch.context() as patched:
        patched.setattr(Imail, "leads_of", lambda self, campaign, cursor: ([], "the same"))
        upload = go_on(upload)
    assert (upload.state, set(states(upload).values()), len(sent(box))) == ("sending", {"sent"}, 1)
    assert go_on(upload).counts == {"created": 2}
