"""Mails by the API: both shapes of the answer, what is rejected and why, and a key that lets each leave once."""

from __future__ import annotations

import pytest

from tests.sandbox.inboxbase.asking import JAN, Asking, refusal


def test_without_a_good_key_nothing_is_told(ask: Asking) -> None:
    address = f"/v1/identities/{ask.handle}/events"
    said = {None: "missing api key", "Bearer nobody": "invalid api key format", "Bearer sk_nobody": "invalid api key"}
    for header, words in said.items():
        answer = ask.client.get(address, headers={"Authorization": header} if header else {})
        assert refusal(answer) == (401, words)
    assert refusal(ask.at("x@inboxbase.ai", "revoked").ask("GET", "events")) == (401, "invalid api key")


def test_another_orgs_identity_is_not_found(ask: Asking) -> None:
    answer = ask.at("crew.tidal@inboxbase.ai").ask("GET", "events")

    assert refusal(answer) == (404, "identity not found in org")
    assert answer.json()["details"] == {"handle": "crew.tidal@inboxbase.ai"}


def test_a_mail_handed_over_at_once(ask: Asking) -> None:
    answer = ask.send(to=["one@there.example", "two@there.example"])

    told = answer.json()
    assert answer.status_code == 202
    assert (told["accepted"], told["rejected"], told["remaining"], told["dailyCap"]) == (2, 0, 58, 60)
    assert [row["affinity"] for row in told["messages"]] == ["new", "new"]
    left = ask.events(since=ask.news() - 2)
    assert [event["type"] for event in left] == ["email.sent", "email.sent"]
    assert {row["convId"] for row in told["messages"]} == {event["convId"] for event in left}


def test_a_mail_that_is_queued_leaves_later(ask: Asking) -> None:
    ask.switch(mode="queued")
    told = ask.send(to="one@there.example").json()

    [row] = told["results"]
    assert (told["queued"], row["status"], row["sendClass"]) == (1, "queued", "cold_first_contact")
    assert [event["type"] for event in ask.events(since=ask.news() - 1)] == ["email.queued"]
    ask.box.clock.forward(601)
    [sent] = [event for event in ask.events(since=ask.news() - 5) if event["data"].get("pendingId") == row["pendingId"]][-1:]
    assert (sent["type"], sent["convId"]) == ("email.sent", row["convId"])


def test_the_same_key_lets_a_mail_leave_once(ask: Asking) -> None:
    first, again = (ask.send("lead-1:1", to="one@there.example") for _ in range(2))

    assert first.json() == again.json()
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert refusal(ask.send("lead-1:1", to="two@there.example"))[0] == 409
    assert refusal(ask.send("lead 1", to="one@there.example"))[0] == 400
    assert len(ask.truth(key="lead-1:1")["mails"]) == 1
    ask.box.clock.forward(86_400)
    assert ask.send("lead-1:1", to="one@there.example").json() != first.json()
    assert len(ask.truth(key="lead-1:1")["mails"]) == 2


def test_the_cap_is_full_until_midnight_and_a_refusal_is_not_kept(ask: Asking) -> None:
    ask.change(cap=1)
    assert ask.send(to=["one@there.example", "two@there.example"]).status_code == 202
    full = ask.send("k", to="three@there.example")

    assert (full.status_code, full.json()["accepted"], full.json()["remaining"]) == (429, 0, 0)
    assert full.json()["messages"] == [{"to": "three@there.example", "status": "rejected", "reason": "cap_exceeded"}]
    ask.box.clock.forward(12 * 3600)  # it is noon
    assert ask.send("k", to="three@there.example").status_code == 202


@pytest.mark.parametrize(
    ("handle", "mode", "reason"),
    [
        ("ops.harbour@inboxbase.ai", "direct", "suspended"),
        ("new.harbour@inboxbase.ai", "direct", "inactive"),
        (JAN, "queued", "invalid_recipient"),
    ],
)
def test_why_a_mail_is_rejected(ask: Asking, handle: str, mode: str, reason: str) -> None:
    ask.switch(mode=mode)
    answer = ask.at(handle).send(to="invalid@there.example")

    [row] = answer.json()["messages" if mode == "direct" else "results"]
    assert (answer.status_code, row["reason"]) == (429, reason)


def test_sick_mailboxes_send_nothing(ask: Asking) -> None:
    jan = ask.at(JAN)
    jan.change(health={one.id: 10 for one in ask.box.inboxbase.identity(ask.box.inboxbase.org("harbour"), JAN).mailboxes})

    assert jan.send(to="one@there.example").json()["messages"][0]["reason"] == "no_accounts"


@pytest.mark.parametrize(
    "body",
    [
        {"to": "one@there.example", "text": "", "html": ""},
        {"to": "nobody"},
        {"to": []},
        {"to": "one@there.example", "subject": ""},
        {"convId": "conv_1", "to": "one@there.example"},
        {"to": "one@there.example", "noReplyEventAfter": "soon"},
        {"to": [f"{number}@there.example" for number in range(101)]},
    ],
)
def test_a_body_that_makes_no_sense(ask: Asking, body: dict[str, object]) -> None:
    assert ask.send(**body).status_code == 400
    assert not ask.truth()["mails"]


def test_an_answer_goes_to_whom_it_concerns(ask: Asking) -> None:
    conversation = ask.send(to="reply-1@there.example", subject="re: Re: Hello").json()["messages"][0]["convId"]
    ask.box.clock.forward(86_000)
    told = ask.send(convId=conversation).json()["messages"][0]

    shown = ask.get(f"conversations/{conversation}")["conversation"]
    assert (told["to"], told["convId"], told["affinity"]) == ("reply-1@there.example", conversation, "existing")
    assert [entry["message"]["direction"] for entry in shown["events"] if entry["type"] == "message"] == ["out", "in", "out"]
    assert shown["events"][-1]["message"]["subject"] == "Re: Hello"
    assert ask.at(JAN).send(convId=conversation).status_code == 404
