"""One mail, once, whatever happens to its answer; and why one does not leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Allowance, Connection, Health, Mail, MailState
from clients.sending import asking, identities, settling, working
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.clients.sending.mailing import JAN, LABEL, MAYA, VENDOR, aged, left, mail_of, posts, times_left, turn, worked

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Nothing of ours catches it."""


@pytest.mark.parametrize("mode", ["direct", "queued"])
def test_a_mail_leaves_and_says_how(cast: Cast, account: Connection, box: Sandbox, mode: str) -> None:
    box.inboxbase.switches.turn({"mode": mode})
    mail = worked(mail_of(cast.acme))

    assert (mail.state, mail.attempts, mail.called_at) == (MailState.ACCEPTED, 1, None)
    assert mail.conversation.startswith("conv_")
    assert bool(mail.pending) is (mode == "queued")
    assert [one["key"] for one in left(box)] == ([mail.key] if mode == "direct" else [])
    assert actions()[-2:] == ["mail.asked", "mail.accepted"]


def test_what_remains_today_is_kept_and_told(cast: Cast, account: Connection, box: Sandbox) -> None:
    assert "is told with its first mail" in identities.of(cast.acme)[0].room
    worked(mail_of(cast.acme))

    assert identities.of(cast.acme)[0].room == "59 of 60 left today"
    mail_of(cast.acme, "two@there.example")
    assert identities.of(cast.acme)[0].room == "59 of 60 left today, 1 waiting"
    Allowance.objects.update(told_at=timezone.now() - timedelta(days=1))
    assert identities.of(cast.acme)[0].left == 60


@pytest.mark.parametrize(
    "fault", [("lost", {}), ("lost", {"reset": True}), ("cut", {}), ("html", {"status": 502}), ("close", {})]
)
def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    cast: Cast, account: Connection, box: Sandbox, fault: tuple[str, dict[str, Any]]
) -> None:
    box.faults.add(fault[0], method="POST", **fault[1])
    mail = worked(mail_of(cast.acme))
    assert mail.state == MailState.SENDING
    assert "sends nothing twice" in mail.why
    assert mail.due_at > timezone.now()
    with pytest.raises(asking.NotNow):
        asking.cancel(mail, None)

    assert worked(mail).state == MailState.ACCEPTED
    assert (times_left(box), posts(box)) == ({mail.to: 1}, 2)
    assert ("lost" in mail.why) is (fault[0] in ("lost", "cut"))


def test_a_worker_that_dies_before_it_writes_down_what_it_heard(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = mail_of(cast.acme)
    with monkeypatch.context() as patch:
        patch.setattr(settling, "write", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            working.send(mail.pk)
    mail.refresh_from_db()
    assert (mail.state, times_left(box)) == (MailState.SENDING, {mail.to: 1})
    assert working.send(mail.pk) is None, "its lease still stands"

    assert worked(mail).state == MailState.ACCEPTED
    assert (times_left(box), posts(box)) == ({mail.to: 1}, 2)


def test_who_lost_its_lease_writes_nothing_and_sends_nothing(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = mail_of(cast.acme)
    opened = working.open_vendor

    def slow(connection: Connection) -> Any:
        Mail.objects.filter(pk=mail.pk).update(claim=None)
        return opened(connection)

    monkeypatch.setattr(working, "open_vendor", slow)
    assert working.send(mail.pk) is None
    mail.refresh_from_db()
    assert (mail.state, posts(box)) == (MailState.QUEUED, 0)


def test_a_day_later_the_key_is_not_used_again_and_the_truth_is_looked_for(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.faults.add("lost", method="POST")
    found, lost = worked(mail_of(cast.acme)), mail_of(cast.acme, "two@there.example", text="Never arrived.")
    box.faults.add("close", method="POST")
    worked(lost)
    for mail in (found, lost):
        aged(mail, hours=23, minutes=50)
    # What is found must be of the time of the call.
    Mail.objects.filter(pk=found.pk).update(text="A  word.")

    assert worked(lost).state == MailState.UNCLEAR
    assert "Look there" in lost.why
    assert worked(found).state == MailState.ACCEPTED
    assert found.conversation == left(box)[0]["convId"]
    assert posts(box) == 2
    with pytest.raises(asking.NotNow):
        asking.again(lost, None)


def test_a_full_cap_parks_the_mail_until_after_midnight_with_its_key(cast: Cast, account: Connection, box: Sandbox) -> None:
    turn(box, cap=0)
    mail = worked(mail_of(cast.acme))
    key = mail.key

    assert mail.state == MailState.QUEUED
    assert "after midnight UTC (cap_exceeded)" not in mail.why
    assert "after midnight UTC" in mail.why
    assert timedelta(0) < mail.due_at - timezone.now() <= timedelta(days=1, minutes=2)
    assert (mail.due_at.hour, mail.due_at.minute // 2) == (0, 0)
    assert identities.of(cast.acme)[0].left == 0
    turn(box, cap=5)
    assert (worked(mail).state, mail.key) == (MailState.ACCEPTED, key)
    assert times_left(box) == {mail.to: 1}


def test_asked_too_often_is_no_cap(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.faults.add("busy", method="POST", retry_after=70)
    mail = worked(mail_of(cast.acme))

    assert (mail.state, mail.called_at) == (MailState.QUEUED, None)
    assert timedelta(seconds=60) < mail.due_at - timezone.now() <= timedelta(seconds=71)
    assert worked(mail).state == MailState.ACCEPTED


def test_a_wait_of_a_day_ends_as_a_person_asks_once_more(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.faults.add("busy", method="POST", retry_after=99999999)
    mail, planned = worked(mail_of(cast.acme)), mail_of(cast.acme, "two@there.example", at=timezone.now() + timedelta(days=1))
    assert mail.due_at - timezone.now() > timedelta(hours=23)
    signed_in(cast.mo).post(f"/connections/{account.uuid}/sync/")
    assert Mail.objects.due().get() == mail
    planned.refresh_from_db()
    assert planned.due_at > timezone.now()
    working.send(mail.pk)
    assert times_left(box) == {mail.to: 1}


def test_the_key_of_another_mail_is_a_failure_in_words_and_another_try_has_another_key(
    cast: Cast, account: Connection, box: Sandbox
) -> None:
    first, second = worked(mail_of(cast.acme)), mail_of(cast.acme, "two@there.example")
    Mail.objects.filter(pk=first.pk).update(key="other")
    Mail.objects.filter(pk=second.pk).update(key=first.key)

    assert worked(second).state == MailState.FAILED
    assert "Nothing was sent" in second.why
    assert "knows this mail's key already" in second.why
    assert times_left(box) == {first.to: 1}
    assert "Try again" in text_of(signed_in(cast.mo).get(f"/mails/{second.uuid}/"))
    asking.again(second, None)
    assert worked(second).state == MailState.ACCEPTED


def test_the_key_of_another_mail_after_a_lost_answer_is_not_tried_again(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.faults.add("lost", method="POST")
    box.faults.add("error", method="POST", status=409, after=1, times=9)
    mail = worked(mail_of(cast.acme))
    while mail.state == MailState.SENDING:
        worked(mail)
    assert (mail.state, mail.called_at is None) == (MailState.FAILED, False)
    assert "knows this mail's key with another text" in mail.why
    with pytest.raises(asking.NotNow):
        asking.again(mail, None)


def test_a_conflict_after_a_lost_answer_may_be_its_own_first_call(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.faults.add("lost", method="POST")
    box.faults.add("error", method="POST", status=409, after=1)
    mail = worked(worked(mail_of(cast.acme)))
    assert mail.state == MailState.SENDING

    assert worked(mail).state == MailState.ACCEPTED
    assert times_left(box) == {mail.to: 1}


@pytest.mark.parametrize(
    ("state", "words"), [("suspended", f"{LABEL} does not let {MAYA} send now"), ("provisioning", "send now (inactive)")]
)
def test_an_identity_that_may_not_send(cast: Cast, account: Connection, box: Sandbox, state: str, words: str) -> None:
    turn(box, state=state)
    mail = worked(mail_of(cast.acme))

    assert mail.state == MailState.REJECTED
    assert words in mail.why
    assert (newest_entry().action, newest_entry().after["outcome"]) == ("mail.rejected", mail.why)


def test_who_bounced_for_good_is_not_written_to(cast: Cast, account: Connection, box: Sandbox) -> None:
    worked(mail_of(cast.acme, "bounce-1@there.example"))
    box.clock.forward(61)
    mail = worked(mail_of(cast.acme, "bounce-1@there.example"))

    assert mail.state == MailState.REJECTED
    assert "bounced before" in mail.why


def test_a_refused_key_keeps_the_mail_and_a_removed_identity_ends_it(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.change("harbour", VENDOR, revoke=True)
    mail = worked(mail_of(cast.acme))
    assert (mail.state, mail.called_at) == (MailState.QUEUED, None)
    assert "refuses the API key" in mail.why
    box.change("harbour", VENDOR, revoke=False)
    account.scopes.filter(value=MAYA).update(client=cast.birch)

    assert worked(mail).state == MailState.FAILED
    assert "is no longer Acme's" in mail.why
    assert not left(box)


def test_what_could_not_go_out_for_a_week_does_not(cast: Cast, account: Connection, box: Sandbox) -> None:
    mail = mail_of(cast.acme)
    Mail.objects.filter(pk=mail.pk).update(wanted_at=timezone.now() - timedelta(days=8))
    assert worked(mail).state == MailState.FAILED
    assert posts(box) == 0
    asking.again(mail, None)
    assert worked(mail).state == MailState.ACCEPTED


@pytest.mark.parametrize("field", ["paused", "removed", "archived", "scheduled"])
def test_nothing_is_sent_where_nothing_may_be(cast: Cast, account: Connection, box: Sandbox, field: str) -> None:
    later = timezone.now() + timedelta(hours=2)
    mail = mail_of(cast.acme, at=later if field == "scheduled" else None)
    if field == "paused":
        Connection.objects.update(health=Health.PAUSED)
    elif field == "removed":
        Connection.objects.update(removed_at=timezone.now())
    elif field == "archived":
        cast.acme.archived_at = timezone.now()
        cast.acme.save()

    assert working.send(mail.pk) is None
    assert posts(box) == 0


def test_a_reply_goes_into_its_conversation(cast: Cast, account: Connection, box: Sandbox) -> None:
    first = worked(mail_of(cast.birch, "reply-1@there.example"))
    reply = worked(mail_of(cast.birch, "reply-1@there.example", subject="", text="One more.", reply_to=first.conversation))

    assert (reply.state, reply.conversation) == (MailState.ACCEPTED, first.conversation)
    assert [(one["identity"], one["subject"]) for one in left(box)] == [(JAN, "Hello"), (JAN, "Re: Hello")]
