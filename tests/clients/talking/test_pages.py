"""What people do on a conversation's page: reply, say where it stands, write to somebody new."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Conversation, ConversationLabel, Message, MessageState, Sender
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import HTMX, actions, newest_entry, signed_in, text_of
from tests.clients.talking.shown import at, form_of
from tests.clients.talking.told import aged, asked, say, sent, thread, worked

pytestmark = pytest.mark.django_db


def named(kind: str, name: str) -> str:
    return ConversationLabel.objects.get(kind=kind, name=name).external_id


def test_a_reply_pressed_twice_is_one_and_its_progress_is_told(cast: Cast, talk: Conversation, box: Sandbox, mo: Browser) -> None:
    data = {"text": "Gladly.\r\nTomorrow?", "nonce": str(uuid.uuid4())}
    shown = text_of(mo.post(at("conversation-reply", talk), data, headers=HTMX))
    assert "<html" not in shown
    assert "Waiting." in shown
    assert mo.post(at("conversation-reply", talk), data).status_code == 302
    message = Message.objects.get()
    progress = reverse("message-progress", args=[message.uuid])
    assert "HX-Trigger" not in mo.get(progress, headers=HTMX)

    worked(message)
    answer = mo.get(progress, headers=HTMX)
    assert (answer["HX-Trigger"], "Sent." in text_of(answer)) == ('{"said": {}}', True)
    assert sent(box) == ["Gladly.\nTomorrow?"]
    shown = text_of(mo.get(at("conversation", talk)))
    assert "Gladly.\nTomorrow?</div>" in shown
    assert "<strong>Mo</strong>" in shown, "who wrote it here is known here"


def test_where_it_lies_is_told_anew_with_what_was_said(talk: Conversation, box: Sandbox, mo: Browser) -> None:
    say(box, talk, "And?")
    tag = '<span id="place" class="tag {}"{}>{}</span>'
    before = text_of(mo.get(at("conversation", talk)))
    assert tag.format("look", "", "waiting") in before
    assert before.count('id="place"') == 1
    worked(asked(talk))
    said = text_of(mo.get(at("conversation", talk), headers=HTMX))
    assert said.strip().endswith(tag.format("good", ' hx-swap-oob="true"', "answered"))
    assert said.count('id="place"') == 1
    whole = text_of(mo.get(at("conversation", talk), headers={**HTMX, "HX-History-Restore-Request": "true"}))
    assert tag.format("good", "", "answered") in whole


@pytest.mark.parametrize("htmx", [{}, HTMX])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" \n ", "nothing in it but spaces"),
        ("\u200b\u200d", "nothing in it that can be seen"),
        ("x" * 10_001, "at most 10,000"),
        ("Again", "on its way"),
    ],
)
def test_a_reply_that_can_not_be_taken_is_told_and_not_lost(
    talk: Conversation, mo: Browser, text: str, words: str, htmx: dict[str, str]
) -> None:
    if text == "Again":
        asked(talk, "First.")
    answer = mo.post(at("conversation-reply", talk), {"text": text, "nonce": str(uuid.uuid4())}, headers=htmx)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert text in text_of(answer)
    assert Message.objects.count() == (text == "Again")


def test_the_same_form_id_of_another_client_is_another_message(cast: Cast, talk: Conversation, mo: Browser) -> None:
    nonce = uuid.uuid4()
    message = asked(talk, "First.")
    Message.objects.filter(pk=message.pk).update(nonce=nonce, client=cast.birch, target="another")

    assert mo.post(at("conversation-reply", talk), {"text": "Gladly.", "nonce": str(nonce)}).status_code == 302
    assert sorted(Message.objects.values_list("client__slug", "text")) == [("acme", "Gladly."), ("birch", "First.")]


def test_what_failed_is_tried_again_from_the_page_and_what_waits_is_taken_back(
    talk: Conversation, box: Sandbox, mo: Browser
) -> None:
    message = asked(talk)
    mo.post(reverse("message-cancel", args=[message.uuid]))
    assert Message.objects.get().state == MessageState.CANCELLED
    box.faults.add("close", method="POST")
    failed = worked(asked(talk, "Once more."))
    aged(failed, minutes=3)
    worked(failed)

    assert "Try again" in text_of(mo.get(at("conversation", talk)))
    mo.post(reverse("message-again", args=[failed.uuid]))
    assert worked(failed).state == MessageState.SENT
    assert sent(box) == ["Once more."]


def test_only_what_was_changed_is_changed_and_what_others_did_meanwhile_stays(
    cast: Cast, talk: Conversation, box: Sandbox, mo: Browser
) -> None:
    person = thread(box, talk).prospect
    hot, warm, partner = (named("tag", name) for name in ("Hot", "Warm", "Partner"))
    person.tags, person.notes, person.valuation, person.status = [hot, warm], "Old", None, named("status", "New")
    data = form_of(text_of(mo.get(at("conversation", talk))), at("conversation-edit", talk))
    person.tags.append(partner)
    person.status = named("status", "Won")

    mara = named("member", "Mara Lind")
    data |= {"tags": [warm], "valuation": ["2500.50"], "notes": ["Old\r\nand new"], "assignee": [mara]}
    answer = mo.post(at("conversation-edit", talk), data, headers=HTMX)
    assert answer.status_code == 200
    assert (person.tags, person.valuation, person.notes) == ([warm, partner], 2500.5, "Old\nand new")
    assert (person.assignee, person.status) == (mara, named("status", "Won"))
    talk.refresh_from_db()
    assert talk.prospect
    assert (talk.prospect.tags, str(talk.prospect.valuation), talk.prospect.assignee) == ([warm, partner], "2500.50", mara)
    entry = newest_entry()
    assert (entry.action, entry.before["tags"], entry.after["value"]) == (
        "conversation.changed", ["Hot", "Partner", "Warm"], "2500.50",
    )  # fmt: skip
    assert entry.after["notes"] == "changed"
    assert "and new" not in str(entry.after)


def test_what_is_taken_away_is_gone(talk: Conversation, box: Sandbox, mo: Browser) -> None:
    person = thread(box, talk).prospect
    person.notes, person.valuation, person.assignee = "Old", 100, named("member", "Ada Berg")
    data = form_of(text_of(mo.get(at("conversation", talk))), at("conversation-edit", talk))
    mo.post(at("conversation-edit", talk), data | {"notes": [""], "valuation": [""], "assignee": [""], "status": [""]})
    assert (person.notes, person.valuation, person.assignee, person.status) == (None, None, None, None)
    talk.refresh_from_db()
    assert talk.prospect
    assert (talk.prospect.valuation, talk.prospect.status, talk.prospect.assignee, talk.assignee) == (None, "", "", "")


def test_notes_that_somebody_else_changed_meanwhile_are_not_written_over(talk: Conversation, box: Sandbox, mo: Browser) -> None:
    data = form_of(text_of(mo.get(at("conversation", talk))), at("conversation-edit", talk))
    thread(box, talk).prospect.notes = "Theirs"
    answer = mo.post(at("conversation-edit", talk), data | {"notes": ["Mine"]}, headers=HTMX)
    assert answer.status_code == 422
    assert "They say now: Theirs" in text_of(answer)
    assert "Mine</textarea>" in text_of(answer)
    assert thread(box, talk).prospect.notes == "Theirs"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("valuation", "much", "Enter a number"), ("valuation", "-5", "can’t be below 0"), ("status", "odd", "not one of the")],
)
def test_what_makes_no_sense_is_told_at_its_field(talk: Conversation, mo: Browser, name: str, value: str, words: str) -> None:
    data = form_of(text_of(mo.get(at("conversation", talk))), at("conversation-edit", talk))
    answer = mo.post(at("conversation-edit", talk), data | {name: [value], "notes": ["Mine"]})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Mine</textarea>" in text_of(answer)


def test_done_and_undone_are_the_vendors_and_ours_at_once(talk: Conversation, box: Sandbox, mo: Browser) -> None:
    shown = text_of(mo.post(at("conversation-done", talk), {"done": "true"}, headers=HTMX))
    assert "Open it again" in shown
    talk.refresh_from_db()
    assert (talk.archived, thread(box, talk).done) == (True, True)
    assert mo.post(at("conversation-done", talk), {"done": "false"}).status_code == 302
    talk.refresh_from_db()
    assert (talk.archived, thread(box, talk).done) == (False, False)
    assert actions() == ["conversation.changed"] * 2


@pytest.mark.parametrize(("fault", "says"), [("lost", "It is archived."), ("close", "broke off its answer")])
def test_a_lost_answer_to_a_change_is_read_back(talk: Conversation, box: Sandbox, mo: Browser, fault: str, says: str) -> None:
    box.faults.add(fault, method="PATCH")
    shown = text_of(mo.post(at("conversation-done", talk), {"done": "true"}, follow=True))
    assert says in shown
    talk.refresh_from_db()
    assert talk.archived is thread(box, talk).done is (fault == "lost")
    assert sum(call.method == "PATCH" for call in box.requests) == 1


def test_a_viewer_and_an_analyst_read_and_change_nothing(cast: Cast, talk: Conversation) -> None:
    for user in (cast.cleo, cast.ben):
        shown = text_of(signed_in(user).get(at("conversation", talk)))
        assert "<form" not in shown.split('class="conversation"')[1]


def test_what_was_written_for_another_client_is_not_told_when_the_account_changes_hands(
    cast: Cast, talk: Conversation, box: Sandbox, mo: Browser
) -> None:
    asked(talk, "Between Acme and them.")
    Sender.objects.update(client=cast.birch)
    assert "Between Acme" not in text_of(mo.get(reverse("conversation", args=["birch", talk.uuid])))


def test_an_account_that_is_signed_out_offers_no_send(cast: Cast, talk: Conversation, mo: Browser) -> None:
    offered = "it leaves at once"
    assert offered in text_of(mo.get(at("conversation", talk)))
    Sender.objects.filter(pk=talk.sender_id).update(status="offline")
    shown = text_of(mo.get(at("conversation", talk)))
    assert "is signed out" in shown
    assert offered not in shown
    refused = mo.post(at("conversation-reply", talk), {"text": "Gladly.", "nonce": str(uuid.uuid4())})
    assert refused.status_code == 422
    assert "is signed out" in refused.content.decode()
    assert not Message.objects.exists()
    assert "No account" in text_of(mo.get(reverse("conversation-new", args=["acme"])))
