"""Writing to somebody new: shown before it is sent, sent once, and from an account that is the client's."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Connection, Conversation, Message, Sender
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import HTMX, text_of
from tests.clients.talking.shown import at
from tests.clients.talking.told import sent, thread, worked

pytestmark = pytest.mark.django_db


def first(connection: Connection, **values: str) -> dict[str, str]:
    sender = Sender.objects.get(connection=connection)
    known = {"account": str(sender.uuid), "kind": "platform", "person": "30000000000000003", "text": "Hello you."}
    return {**known, "nonce": str(uuid.uuid4()), **values}


def test_somebody_new_is_shown_before_anything_is_sent_and_sent_once(account: Connection, box: Sandbox, mo: Browser) -> None:
    new, data = reverse("conversation-new", args=["acme"]), first(account)
    shown = text_of(mo.post(new, data))
    assert "look at it twice" in shown
    assert not Message.objects.exists()
    for _ in range(2):
        where = mo.post(new, data | {"confirm": "yes"})["Location"]
    message = Message.objects.get()
    assert where == reverse("message", args=[message.uuid])
    assert "Waiting." in text_of(mo.get(where))

    worked(message)
    row = Conversation.objects.get(connection=account, external_id=message.thread)
    assert mo.get(where)["Location"] == at("conversation", row)
    assert mo.get(reverse("message-progress", args=[message.uuid]), headers=HTMX)["HX-Redirect"] == at("conversation", row)
    assert sent(box) == ["Hello you."]


@pytest.mark.parametrize("kind", ["platform", "username", "external"])
def test_whom_there_is_a_conversation_with_is_answered_in_it(
    account: Connection, talk: Conversation, box: Sandbox, mo: Browser, kind: str
) -> None:
    person = thread(box, talk).prospect
    name = f"@{person.handle}" if kind == "username" else person.platform_id
    data = first(account, kind=kind, person=name)
    shown = text_of(mo.post(reverse("conversation-new", args=["acme"]), data))
    assert "There is a conversation with them already" in shown
    assert person.name in shown
    mo.post(reverse("conversation-new", args=["acme"]), data | {"confirm": "yes"})
    assert Message.objects.get().conversation == talk


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"kind": "username", "person": "nobody_here"}, "has spoken with nobody of that name"),
        ({"person": " "}, "required"),
        ({"text": " "}, "nothing in it but spaces"),
        ({"account": "other"}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_of_a_first_message_is_told(
    account: Connection, box: Sandbox, mo: Browser, values: dict[str, str], words: str
) -> None:
    answer = mo.post(reverse("conversation-new", args=["acme"]), first(account, **values) | {"confirm": "yes"})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Message.objects.exists()


def test_another_clients_account_is_none_of_ours(cast: Cast, account: Connection, mo: Browser) -> None:
    Sender.objects.update(client=cast.birch)
    shown = text_of(mo.get(reverse("conversation-new", args=["acme"])))
    assert "No account of this client can begin a conversation" in shown
    assert mo.post(reverse("conversation-new", args=["acme"]), first(account)).status_code == 422
