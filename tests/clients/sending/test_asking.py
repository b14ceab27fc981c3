"""What is asked for: once however often it is pressed, at a time of the recipient's day, taken back while it can be."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from clients.dispatching import hand_out_mails
from clients.models import Connection, Mail, MailState, PlacementTest, Purpose
from clients.sending import asking, identities
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import actions, signed_in
from tests.clients.sending.mailing import asked, mail_of, times_left, worked

pytestmark = pytest.mark.django_db


def test_a_batch_that_is_pressed_twice_is_one(cast: Cast, account: Connection) -> None:
    batch = uuid.uuid4()
    first, second = (asked(cast.acme, "one@there.example", "two@there.example", batch=batch) for _ in range(2))

    assert [mail.pk for mail in first] == [mail.pk for mail in second]
    assert actions() == ["mail.asked"]
    assert len({mail.key for mail in first}) == 2


def test_another_mail_from_the_same_form_is_refused_not_swallowed(cast: Cast, account: Connection) -> None:
    batch = uuid.uuid4()
    asked(cast.acme, "one@there.example", batch=batch)
    with pytest.raises(asking.NotNow, match="another mail was sent already"):
        asked(cast.acme, "two@there.example", batch=batch)
    assert [mail.to for mail in Mail.objects.all()] == ["one@there.example"]


def test_the_same_mail_at_another_time_is_another_mail(cast: Cast, account: Connection) -> None:
    batch, at = uuid.uuid4(), timezone.now() + timedelta(hours=2)
    first, second = (asked(cast.acme, "one@there.example", batch=batch, at=at, zone="Asia/Tokyo") for _ in range(2))
    assert first == second
    with pytest.raises(asking.NotNow, match="another mail was sent already"):
        asked(cast.acme, "one@there.example", batch=batch, at=at, zone="UTC")


def test_whatever_differs_from_the_same_form_is_told(cast: Cast, account: Connection) -> None:
    batch, at = uuid.uuid4(), asking.Time(timezone.now() + timedelta(days=1), "Europe/Berlin")
    tests = connect(cast.north, key="tests-0123456789", label="Tests", vendor="instantly")
    test = PlacementTest.objects.create(connection=tests, external_id="t1", kind="once", status="active")
    first: dict[str, Any] = {"times": {"one@there.example": at}, "reply_to": "conv_1"}
    asked(cast.acme, batch=batch, **first)
    asked(cast.acme, batch=batch, **first)
    for other in (
        {"times": {"one@there.example": at._replace(at=at.at + timedelta(hours=1))}},
        {"times": {"one@there.example": at._replace(zone="Asia/Tokyo")}},
        {"times": {}},
        {"reply_to": "conv_2"},
        {"purpose": Purpose.PROBE},
        {"test": test},
    ):
        with pytest.raises(asking.NotNow, match="another mail was sent already"):
            asked(cast.acme, batch=batch, **{**first, **other})
    assert Mail.objects.count() == 1


def test_the_same_form_id_of_another_client_is_another_mail(cast: Cast, account: Connection) -> None:
    batch = uuid.uuid4()
    first, second = (mail_of(client, "one@there.example", batch=batch) for client in (cast.acme, cast.birch))
    assert (first.client, second.client) == (cast.acme, cast.birch)


@pytest.mark.parametrize("text", [" ", "\u200b\u200d", "\u2060\n\u3164"])
def test_a_mail_of_nothing_that_is_seen_is_refused(cast: Cast, account: Connection, text: str) -> None:
    [identity] = identities.of(cast.acme)
    data = {"identity": identity.value, "to": "one@there.example", "subject": text, "text": text, "when": "now",
            "zone": "Europe/Berlin", "batch": str(uuid.uuid4())}  # fmt: skip
    answer = signed_in(cast.mo).post("/clients/acme/mails/new/", data)
    assert answer.status_code == 422
    assert {"subject", "text"} <= set(answer.context["form"].errors)


def test_each_mail_has_its_key_before_anything_is_called(cast: Cast, account: Connection, box: Sandbox) -> None:
    mail = mail_of(cast.acme)
    assert mail.key.isascii()
    assert not box.requests


@time_machine.travel("2026-11-20T12:00:00Z", tick=False)
def test_a_local_time_is_the_recipients() -> None:
    assert asking.at("2026-11-23T09:00", "America/New_York").at == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert asking.at("2026-11-23T09:00", "Asia/Tokyo").at == datetime(2026, 11, 23, 0, tzinfo=UTC)
    assert asking.at("2026-11-23 09:00", "Asia/Tokyo") == asking.at("2026-11-23T09:00", "Asia/Tokyo")
    # Twice on that morning: the first.
    assert asking.at("2027-10-31T02:30", "Europe/Berlin").at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "words"),
    [
        ("2027-03-28T02:30", "Europe/Berlin", "In Europe/Berlin the clocks .* there is none"),
        ("2026-11-20T12:30", "Europe/Berlin", "In Europe/Berlin that time is over"),
        ("2028-01-01T00:00", "Europe/Berlin", "more than a year"),
        ("tomorrow", "Europe/Berlin", "no time"),
        ("9999-12-31T23:59", "America/New_York", "no time"),
        ("0001-01-01T00:00", "Asia/Tokyo", "no time"),
        ("2026-12-01", "Europe/Berlin", "without a time"),
        ("2026-12-01T09:00Z", "Europe/Berlin", "far it is from UTC"),
        ("2026-11-23T09:00", "Atlantis/Capital", "no timezone"),
    ],
)
def test_a_time_that_is_none_is_told(moment: str, zone: str, words: str) -> None:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False), pytest.raises(asking.NotNow, match=words):
        asking.at(moment, zone)


def test_a_scheduled_mail_leaves_when_its_time_has_come_and_once(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[int] = []
    monkeypatch.setattr("clients.dispatching.waiting", lambda queue: 0)
    monkeypatch.setattr("clients.dispatching.app.send_task", lambda task, args, queue: handed.extend(args))
    mail = mail_of(cast.acme, at=timezone.now() + timedelta(hours=2), zone="Europe/Berlin")
    assert mail.state == MailState.SCHEDULED
    assert hand_out_mails() == 0

    Mail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert (hand_out_mails(), handed) == (1, [mail.pk])
    worked(mail)
    assert hand_out_mails() == 0
    assert times_left(box) == {mail.to: 1}


def test_a_mail_is_taken_back_while_nothing_has_left(cast: Cast, account: Connection, box: Sandbox) -> None:
    mail = mail_of(cast.acme, at=timezone.now() + timedelta(hours=2))
    asking.cancel(mail, None)

    assert worked(mail).state == MailState.CANCELLED
    assert not times_left(box)
    with pytest.raises(asking.NotNow):
        asking.cancel(mail, None)
    sent = worked(mail_of(cast.acme))
    for act in (asking.cancel, asking.again):
        with pytest.raises(asking.NotNow):
            act(sent, None)


def test_an_archived_client_sends_nothing(cast: Cast, account: Connection) -> None:
    cast.acme.archived_at = timezone.now()
    with pytest.raises(asking.NotNow):
        mail_of(cast.acme)
