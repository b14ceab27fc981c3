"""What InboxBase says and how it is read: from recordings at the transport, and from its sandbox where it has a memory."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clients.vendors import inboxbase_receipts as receipts
from clients.vendors import inboxbase_wire as wire
from clients.vendors.answers import Answer
from clients.vendors.errors import Busy, Rejected, UnexpectedAnswer, VendorDown
from clients.vendors.inboxbase import InboxBase
from clients.vendors.mails import ASLEEP, FULL, INVALID, OTHER, UNWANTED, Letter
from clients.vendors.retries import QUICK
from sandbox.server import Sandbox
from tests.clients.vendors.stages import HANDLE, STAGES, Stage

RECORDINGS = Path(__file__).parents[2] / "recordings" / "inboxbase"
LETTER = Letter("one@there.example", "Hello", "A word.")
MORGAN = Letter("Morgan@northwindrobotics.com", "Hello", "A word.")


@pytest.fixture
def org(sandbox: Sandbox) -> Any:
    stage = next(stage for stage in STAGES if stage.vendor is InboxBase).at(sandbox)
    yield stage
    stage.close()


def recorded(name: str) -> Any:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def mails(org: Stage) -> list[dict[str, Any]]:
    assert org.sandbox
    return list(org.sandbox.truth(org.account, InboxBase.slug)["mails"])


def test_the_answer_of_the_guide() -> None:
    told = receipts.receipt(recorded("send_direct"), MORGAN, replayed=False)

    assert (told.sent.refusal, told.daily_cap, told.remaining) == (None, 150, 49)
    assert (told.sent.conversation, told.sent.mailbox) == ("conv_dd6e7130674645d3", "alice.chen@tryacme.com")


def test_the_answer_of_the_reference_page() -> None:
    told = receipts.receipt(recorded("send_queued"), MORGAN, replayed=False)

    assert (told.sent.refusal, told.daily_cap, told.remaining) == (None, None, None)
    assert (told.sent.queued, told.sent.due_at) == ("psn_cc1f00aa0b1c2d3e", wire.millis(1777278929000))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("cap_exceeded", FULL), ("no_accounts", FULL), ("no_eligible_pool", FULL), ("suspended", ASLEEP), ("inactive", ASLEEP),
     ("do_not_contact", UNWANTED), ("invalid_recipient", INVALID), ("next_years_reason", OTHER)],
)  # fmt: skip
def test_why_a_mail_is_not_taken(reason: str, kind: str) -> None:
    rows = [{"to": "one@there.example", "status": "rejected", "reason": reason}]
    refusal = receipts.receipt({"results": rows, "queued": 0, "rejected": 1}, LETTER, replayed=False).sent.refusal

    assert refusal
    assert (refusal.kind, refusal.said) == (kind, reason)


@pytest.mark.parametrize("content", [{}, {"messages": []}, {"results": ["taken"]}, {"messages": "many"}])
def test_an_answer_that_tells_nothing_is_named(content: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer):
        receipts.receipt(content, LETTER, replayed=False)


@pytest.mark.parametrize(
    "row",
    [
        {"to": "one@there.example", "status": None},
        {"to": "one@there.example"},
        {"to": "one@there.example", "status": "deferred", "reason": "inactive"},
        {"to": "one@there.example", "status": ["rejected"]},
        {"to": "one@there.example", "status": None, "reason": "next_years_reason"},
        {"to": "someone@else.example", "status": "rejected", "reason": "suspended"},
        {"to": "someone@else.example", "status": "accepted"},
    ],
)
def test_a_word_that_is_not_known_is_no_refusal(row: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedAnswer):
        receipts.receipt({"messages": [row]}, LETTER, replayed=False)


def test_of_many_rows_the_one_of_its_recipient_counts() -> None:
    rows = [{"to": "two@there.example", "status": "accepted"}, {"to": "One@There.example", "reason": "suspended"}]
    refusal = receipts.receipt({"messages": rows}, LETTER, replayed=False).sent.refusal
    assert refusal
    assert refusal.kind == ASLEEP

    answer = {"messages": [{"to": "as-the-vendor-has-it@there.example", "status": "accepted", "id": "m1"}]}
    reply = Letter("one@there.example", "", "A word.", conversation="conv_1")
    assert receipts.receipt(answer, reply, replayed=False).sent.message == "m1"


def test_a_429_is_a_receipt_only_where_it_has_rows() -> None:
    full = json.dumps(recorded("send_full")).encode()
    assert receipts.is_receipt(Answer(429, {}, full))
    assert not receipts.is_receipt(Answer(429, {}, b'{"error":"slow down"}'))
    assert not receipts.is_receipt(Answer(400, {}, full))


def test_events_as_the_pages_have_them() -> None:
    told = {one.kind: one for one in map(wire.happening, recorded("events")["events"])}

    assert told["email.sent"].recipient == "morgan@northwindrobotics.com"
    assert (told["email.bounced"].bounce, told["email.bounced"].recipient) == ("soft", "gone@northwindrobotics.com")
    assert told["email.replied"].bounce == ""
    assert told["email.received"].bounce == "unsaid"  # of a mailer-daemon, before there was an event for it
    assert [one.counts for one in told.values()] == ["sent", "replied", "bounced", "bounced", ""]
    assert (told["mailbox.replaced"].conversation, told["mailbox.replaced"].recipient) == ("", "")


def test_a_conversation_as_its_page_has_it() -> None:
    lines = [wire.line(one) for one in wire.said(wire.conversation(recorded("conversation")))]

    assert [line.inbound for line in lines] == [False, True]
    assert lines[1].text == "Thursday works."


def test_a_handle_that_is_nobodys(org: Stage) -> None:
    vendor = org.open()
    assert vendor.identity(HANDLE).last_activity_at
    with pytest.raises(Rejected, match=r"knows no identity ‘other@inboxbase\.ai’"):
        vendor.identity("other@inboxbase.ai")


def test_a_404_that_is_not_about_an_identity_is_no_good_key(org: Stage) -> None:
    org.sandbox.faults.add("error", status=404)
    with pytest.raises(Rejected):
        org.open().check()


def test_a_mail_and_its_replay(org: Stage) -> None:
    vendor = org.open()
    first, again = (vendor.send(HANDLE, LETTER, "mail-1") for _ in range(2))

    assert (first.sent.replayed, again.sent.replayed) == (False, True)
    assert first.sent.conversation == again.sent.conversation != ""
    assert (first.daily_cap, first.remaining) == (100_000, 99_999)
    assert len(mails(org)) == 1


def test_a_mail_is_never_sent_again_by_itself(org: Stage) -> None:
    org.sandbox.faults.add("lost")
    with pytest.raises(VendorDown):
        org.open().send(HANDLE, LETTER, "mail-1")
    assert len(mails(org)) == len([one for one in org.sandbox.requests if one.method == "POST"]) == 1


def test_the_three_refusals_are_told_apart(org: Stage) -> None:
    vendor = org.open()
    vendor.send(HANDLE, LETTER, "mail-1")
    with pytest.raises(Rejected) as caught:
        vendor.send(HANDLE, Letter("two@there.example", "Hello", "A word."), "mail-1")
    assert caught.value.status == 409
    org.sandbox.faults.add("busy", retry_after=70)
    with pytest.raises(Busy):
        vendor.send(HANDLE, LETTER, "mail-2")
    org.sandbox.change(f"{org.account}/{HANDLE}", InboxBase.slug, cap=1)
    refusal = vendor.send(HANDLE, LETTER, "mail-2").sent.refusal
    assert refusal
    assert refusal.kind == FULL


def test_a_reply_needs_no_subject(org: Stage) -> None:
    vendor = org.open()
    talk = vendor.talks(HANDLE, None).records[0]
    told = vendor.send(HANDLE, Letter("", "", "One more word.", conversation=talk.external_id), "mail-1")

    assert told.sent.conversation == talk.external_id
    assert [line.text for line in vendor.lines(HANDLE, talk.external_id)][-1] == "One more word."


def test_a_message_without_a_time_is_not_understood() -> None:
    told = b'{"conversation": {"events": [{"type": "message", "message": {"id": "m1"}}]}}'
    vendor = InboxBase(SimpleNamespace(get=lambda _, decode: decode(told)))
    with pytest.raises(UnexpectedAnswer):
        vendor.lines(HANDLE, "c1")


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_conversations_of_one_millisecond_are_found_across_pages(org: Stage, limit: int) -> None:
    org.key()
    org.sandbox.inboxbase.add_account(name="small", conversations=20)
    org.switches(org.sandbox).short_pages = limit
    vendor, cursor, found, pages = org.open(org.sandbox.key("small", InboxBase.slug)), None, [], 0
    while pages < 60:
        page = vendor.talks("small@inboxbase.ai", cursor)
        found += [row.external_id for row in page.records]
        pages, cursor = pages + 1, page.cursor
        if cursor is None:
            break

    assert len(found) == len(set(found))
    # Three share each second. A page that has room for less than they are can't be looked behind.
    assert len(found) == 20 or limit < 4


def test_a_stream_is_waited_for_only_where_somebody_asks(org: Stage) -> None:
    vendor = org.open(patience=QUICK)
    end = vendor.stream(HANDLE, 10**6)
    assert (end.events, end.seq, end.more) == ((), 10**6, False)
    assert "timeoutMs" not in org.sandbox.requests[-1].query
