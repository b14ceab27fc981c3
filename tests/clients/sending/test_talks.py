"""Conversations of an identity: its list and its events bring them home, one opens at the vendor, and an answer leaves once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from clients import claiming, sync
from clients.models import ActivityDay, Connection, Conversation, Mail, Position, Purpose, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.clients.sending.mailing import VENDOR, mail_of, worked

pytestmark = pytest.mark.django_db
CREW, ORG = "crew.tidal@inboxbase.ai", "tidal"
FEEDS = ("identities", "conversations", "streams")


@pytest.fixture
def crew(cast: Cast, box: Sandbox) -> Connection:
    """A small org of one identity, Acme's."""
    connection = connect(cast.north, key=box.key(ORG, VENDOR), label="Crew", vendor=VENDOR)
    connection.scopes.create(client=cast.acme, kind="handle", value=CREW)
    return connection


def read(connection: Connection, *resources: str) -> None:
    for resource in resources or FEEDS:
        run = sync.run(connection.feeds.get(resource=resource).pk)
        assert run
        assert run.state == "ok", run.outcome


def at_vendor(box: Sandbox) -> Any:
    return box.inboxbase.identity(box.inboxbase.org(ORG), CREW).conversations


def turn(box: Sandbox, **what: Any) -> Any:
    return box.change(f"{ORG}/{CREW}", VENDOR, **what)


def assert_true(box: Sandbox) -> None:
    """Each once, with whom, about what, where it lies and who wrote last, as the vendor has it."""
    kept = {
        row.external_id: (row.prospect.handle if row.prospect else "", row.subject, row.archived, row.last_inbound, row.last_text)
        for row in Conversation.objects.select_related("prospect")
    }
    true = {
        one.id: (one.peer, one.subject, one.archived, one.messages[-1]["direction"] == "in", one.messages[-1]["text"])
        for one in at_vendor(box).values()
    }
    assert kept == true


@pytest.mark.parametrize("order", [FEEDS, ("identities", "streams", "conversations")])
def test_conversations_are_as_the_vendor_has_them(cast: Cast, crew: Connection, box: Sandbox, order: tuple[str, ...]) -> None:
    first, second, *_ = at_vendor(box)
    turn(box, archive=[first], reply={"conversation": second, "text": "A last word."})
    read(crew, *order)

    assert len(Conversation.objects.filter(sender__client=cast.acme)) == len(at_vendor(box)) > 20
    assert_true(box)
    page = text_of(signed_in(cast.cleo).get(reverse("client-conversations", args=["acme"])))
    assert "A last word." in page


def test_what_stirs_later_is_read_alone(cast: Cast, crew: Connection, box: Sandbox) -> None:
    read(crew)
    Position.objects.update(talks_to="2026-01-01T00:00Z")
    box.requests.clear()
    made = turn(box, receive={"from": "New@There.example", "subject": "A question", "text": "Hello?"})["receive"]
    turn(box, archive=[next(iter(at_vendor(box)))])
    read(crew, "conversations", "streams")

    assert_true(box)
    asked = [one.query for one in box.requests if one.path.endswith("/conversations")]
    assert [query.get("since") for query in asked] == ["1767225600000"]
    row = Conversation.objects.get(external_id=made)
    assert (row.last_inbound, str(row.prospect)) == (True, "new@there.example")


def test_many_of_one_moment_come_home_across_pages(cast: Cast, box: Sandbox) -> None:
    box.inboxbase.add_account(name="small", conversations=20)
    box.inboxbase.switches.turn({"short_pages": 4})
    connection = connect(cast.north, key=box.key("small", VENDOR), label="Small", vendor=VENDOR)
    connection.scopes.create(client=cast.acme, kind="handle", value="small@inboxbase.ai")
    read(connection, "identities", "conversations")
    assert Conversation.objects.count() == 20


def test_any_conversation_is_opened_and_answered_once(cast: Cast, crew: Connection, box: Sandbox) -> None:
    made = turn(box, receive={"from": "kim@there.example", "subject": "A question", "text": "Hello?"})["receive"]
    read(crew)
    talk, mo = Conversation.objects.get(external_id=made), signed_in(cast.mo)
    address, answer = (
        reverse("conversation", args=["acme", talk.uuid]),
        reverse("mail-new", args=["acme"]) + f"?conversation={talk.uuid}",
    )
    page = text_of(mo.get(address))
    assert "Hello?" in page
    assert answer in page
    assert answer not in text_of(signed_in(cast.cleo).get(address))

    data = {"text": "Yes, it is.", "when": "now", "zone": "UTC", "batch": str(uuid.uuid4())}
    shown = text_of(mo.post(answer, data))
    assert "kim@there.example" in shown
    for _ in range(2):
        assert mo.post(answer, data | {"confirm": "yes"}).status_code == 302
    mail = Mail.objects.get()
    assert (mail.purpose, mail.to, mail.reply_to, mail.identity) == (Purpose.REPLY, "kim@there.example", made, CREW)
    assert reverse("mail", args=[mail.uuid]) in text_of(mo.get(address)), "it is on its way"
    worked(mail)
    [left] = box.truth(ORG, VENDOR)["mails"]
    assert (left["convId"], left["to"], left["text"]) == (made, "kim@there.example", "Yes, it is.")
    page = text_of(mo.get(address))
    assert page.index("Yes, it is.") < page.index("Hello?"), "the newest first"
    assert address in text_of(mo.get(reverse("mail", args=[mail.uuid])))
    read(crew, "streams")
    assert_true(box)


def test_a_conversation_is_answered_for_its_own_client_alone(cast: Cast, crew: Connection, box: Sandbox) -> None:
    read(crew)
    talk = Conversation.objects.first()
    assert talk
    for person, client, status in (
        (cast.mo, "birch", 404),
        (cast.cleo, "acme", 403),
        (cast.zoe, "acme", 404),
        (cast.mo, "acme", 200),
    ):
        address = reverse("mail-new", args=[client]) + f"?conversation={talk.uuid}"
        assert signed_in(person).get(address).status_code == status
    crew.health = "refused"
    crew.save(update_fields=["health"])
    answer = signed_in(cast.mo).post(
        address, {"text": "Hello", "when": "now", "zone": "UTC", "batch": str(uuid.uuid4()), "confirm": "yes"}
    )
    assert (answer.status_code, Mail.objects.count()) == (422, 0)


def test_a_handle_takes_its_history_along_at_once(cast: Cast, crew: Connection, box: Sandbox) -> None:
    read(crew)
    mail = worked(mail_of(cast.acme))

    def owners() -> set[Any]:
        days, senders = ActivityDay.objects.values_list("client", flat=True), Sender.objects.values_list("client", flat=True)
        return {*days, *senders, *Conversation.objects.values_list("sender__client", flat=True)}

    assert owners() == {cast.acme.pk}
    claiming.release(crew.scopes.get(), None)
    assert owners() == {None}
    claiming.claim(crew, cast.birch, "handle", CREW, None)
    assert owners() == {cast.birch.pk}
    mail.refresh_from_db()
    assert mail.client == cast.acme, "who asked for it is who asked for it"


def test_a_queued_mail_learns_what_became_of_it(cast: Cast, crew: Connection, box: Sandbox) -> None:
    box.inboxbase.switches.turn({"mode": "queued", "queue_seconds": 60})
    goes, never = worked(mail_of(cast.acme, "one@there.example")), worked(mail_of(cast.acme, "two@there.example"))
    assert (goes.mailbox, goes.message) == ("", "")
    turn(box, bounce={"conversation": never.conversation, "kind": "hard"})
    box.clock.forward(61)
    read(crew)

    goes.refresh_from_db()
    never.refresh_from_db()
    assert (goes.state, goes.why, goes.mailbox.partition("@")[2]) == ("accepted", "", "tidal-crew.example")
    assert (never.state, "does not send it after all (do_not_contact)" in never.why) == ("rejected", True)
