"""The latest that is known of a mail, in its list: sent, landed, come back, answered."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Connection, Conversation, Mail, MailState, Purpose, TestMail
from clients.sending import latest
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.sending.mailing import MAYA, account_of
from tests.placing import account, placement_test
from tests.talking import talk

pytestmark = pytest.mark.django_db
PAGE = "/clients/acme/mails/"


@pytest.fixture
def post(cast: Cast) -> Connection:
    return account_of(cast)


def taken(cast: Cast, post: Connection, **values: Any) -> Mail:
    at = timezone.now() - timedelta(hours=1)
    known = {"state": MailState.ACCEPTED, "created_at": at, "finished_at": at, "to": "one@there.example", "identity": MAYA}
    return Mail.objects.create(client=cast.acme, connection=post, batch=uuid.uuid4(), key=str(uuid.uuid4()), **known | values)


def word(mail: Mail) -> tuple[str, bool]:
    found = latest.of([mail])[mail.pk]
    return found.word, found.more


def test_a_mail_is_sent_when_it_has_left_and_came_back_when_it_did(cast: Cast, post: Connection) -> None:
    assert word(taken(cast, post, pending="q1")) == ("Taken by the vendor", True)
    assert word(taken(cast, post, pending="q1", mailbox="maya@there.example")) == ("Sent", False)
    assert word(taken(cast, post)) == ("Sent", False)
    assert word(taken(cast, post, why="It came back for good, says the vendor.")) == ("Came back", False)
    assert word(taken(cast, post, state=MailState.QUEUED, finished_at=None)) == ("Waiting", True)


def test_a_mail_is_answered_by_what_came_after_it(cast: Cast, post: Connection) -> None:
    row = talk(post, cast.acme, "Dana", handle=MAYA, last_inbound=True)
    Conversation.objects.filter(pk=row.pk).update(last_at=timezone.now() - timedelta(hours=2))
    mail = taken(cast, post, conversation=row.external_id)
    assert word(mail) == ("Sent", False)
    Conversation.objects.filter(pk=row.pk).update(last_at=timezone.now())
    assert word(mail) == ("Answered", False)


def test_a_probe_has_landed_where_its_test_saw_it(cast: Cast, post: Connection) -> None:
    test = placement_test(account(cast.north, cast.acme), {"news@acme.example": {"gmail": "P"}})
    probe = taken(cast, post, purpose=Purpose.PROBE, test=test, to="Seed@seeds.example")
    assert word(probe) == ("Sent", True)
    TestMail.objects.filter(test=test, record="received").update(recipient_email="seed@seeds.example")
    assert word(probe) == ("Primary at Gmail", False)


def test_the_list_says_it_and_looks_again_while_more_is_to_come(cast: Cast, post: Connection) -> None:
    waiting = taken(cast, post, pending="q1")
    for _ in range(3):
        taken(cast, post, conversation="talk")
    browser = signed_in(cast.mo)
    assert "every 10s" in text_of(browser.get(PAGE))
    Mail.objects.filter(pk=waiting.pk).update(mailbox="maya@there.example")
    with CaptureQueriesContext(database) as few:
        shown = text_of(browser.get(PAGE))
    assert "every 10s" not in shown
    assert shown.count('<span class="tag good">Sent</span>') == 4
    for _ in range(20):
        taken(cast, post, conversation="talk")
    with CaptureQueriesContext(database) as many:
        browser.get(PAGE)
    assert len(many) == len(few)
