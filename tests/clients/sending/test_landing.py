"""A probe from the form to its result: sent by one account, seen by another that knows nothing of the first."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.urls import reverse

from clients import sync
from clients.models import Broadcast, Connection, Feed, Mail, PlacementTest, Purpose, TestMail, TestRecord
from clients.passes import BroadcastPass
from clients.sending import identities, landing, probing, seeding
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.clients.ordering.ordering import confirmed, go_on
from tests.clients.sending.mailing import mail_of, worked

pytestmark = pytest.mark.django_db
WATCHED = 6


def read(connection: Connection, resource: str) -> None:
    run = sync.run(connection.feeds.get(resource=resource).pk)
    assert run
    assert run.state == "ok", run.outcome


@pytest.fixture
def tests(cast: Cast, box: Sandbox, settings: Any) -> Connection:
    settings.INSTANTLY_URL, settings.INSTANTLY_RATE = box.url, 0
    connection = connect(cast.north, key=box.instantly.key("tidal"), label="Tests", client=cast.acme, vendor="instantly")
    read(connection, "senders")
    return connection


@pytest.fixture
def seeds(cast: Cast, box: Sandbox, settings: Any) -> Connection:
    settings.INBOXALLY_URL, settings.INBOXALLY_RATE = box.url, 0
    connection = connect(cast.north, key=box.key("northwind"), label="Seeds", client=cast.acme)
    read(connection, "seeds")
    return connection


def written(cast: Cast, query: str, **changed: str) -> list[Mail]:
    """The form as it comes, confirmed, and sent by a worker; to the first few of whom it names."""
    mo, address = signed_in(cast.mo), reverse("mail-new", args=["acme"]) + query
    initial = mo.get(address).context["form"].initial
    to = ",".join(initial["to"].split(",\n")[:WATCHED])
    data = {"identity": identities.of(cast.acme)[0].value, "subject": "A look", "text": "Hello.", **initial, "to": to,
            "batch": str(uuid.uuid4()), "confirm": "yes", "when": "now", "zone": "UTC", **changed}  # fmt: skip
    assert mo.post(address, data).status_code == 302
    return [worked(mail) for mail in Mail.objects.order_by("pk")]


def test_a_probe_of_a_test_is_seen_on_the_tests_tab_and_from_the_mail(
    cast: Cast, box: Sandbox, account: Connection, tests: Connection
) -> None:
    order = go_on(confirmed(cast.mo, tests, method="outside", name="From outside"))
    assert order.test, order
    mails = written(cast, f"?test={order.test.uuid}")
    said = f"Hello <you>,\n\nis it there?\n\n{seeding.code_of(order.test)}"
    assert {(mail.subject, mail.text, mail.html) for mail in mails} == {("A question", said, "")}, "the test's own mail"
    assert {(mail.purpose, mail.test, mail.state) for mail in mails} == {(Purpose.PROBE, order.test, "accepted")}
    mo = signed_in(cast.mo)
    assert "knows nothing of it yet" in text_of(mo.get(reverse("mail", args=[mails[0].uuid])))

    box.clock.forward(130)
    read(tests, "tests")
    found = {row.recipient_email: row for row in TestMail.objects.filter(test=order.test, record=TestRecord.RECEIVED)}
    assert found
    test = PlacementTest.objects.get(pk=order.test.pk)
    assert (test.foreign, {part.client for part in test.parts.filter(rows__gt=0)}) == (0, {cast.acme})
    for mail in mails:
        page, row = text_of(mo.get(reverse("mail", args=[mail.uuid]))), found.get(mail.to)
        assert reverse("test", args=["acme", test.uuid]) in page
        told = landing.of(mail)
        assert told
        assert told.known == (row is not None and row.is_spam is not None)
        assert told.words in page.replace("&#x27;", "'")
    shown = text_of(mo.get(reverse("test", args=["acme", test.uuid])))
    assert mails[0].mailbox in shown.replace("<wbr>", "")
    assert f"Written from here: {len(mails)} of its mails" in shown
    assert " in</span>" in shown, "of how many nobody knows"
    assert f" of {test.seeds}" not in shown
    assert sum(Broadcast.objects.filter(test=test).values_list("received", flat=True)) == len(
        [row for row in found.values() if row.is_spam is not None]
    )
    assert "A placement probe for" in text_of(mo.get(reverse("client-mails", args=["acme"])))


def test_a_probe_of_seeds_is_a_mailing_of_its_account(cast: Cast, box: Sandbox, account: Connection, seeds: Connection) -> None:
    feed = Feed.objects.get(connection=seeds, resource="broadcasts")
    Feed.objects.update(next_at="2040-01-01T00:00Z")
    mails = written(cast, "?seeds=1")
    feed.refresh_from_db()
    assert feed.next_at.year < 2040, "who watches is asked sooner"
    box.clock.forward(200)
    read(seeds, "broadcasts")

    rows = Broadcast.objects.filter(subject="A look")
    assert {row.from_email for row in rows} == {mail.mailbox for mail in mails}
    assert (sum(row.received for row in rows), {row.client for row in rows}) == (WATCHED, {cast.acme})
    page = text_of(signed_in(cast.mo).get(reverse("mail", args=[mails[0].uuid])))
    mine = rows.get(from_email=mails[0].mailbox)
    assert reverse("broadcast", args=["acme", mine.uuid]) in page
    assert f"Its mailing so far: {mine.received} received" in page


def test_the_html_of_a_test_s_mail_goes_beside_its_text(cast: Cast, box: Sandbox, account: Connection, tests: Connection) -> None:
    body = "<style>p {}</style><p>Hello,<br>you &amp; I</p><p><b>Now</b></p>"
    order = go_on(confirmed(cast.mo, tests, method="outside", body=body, body_as="html"))
    assert order.test, order
    code = seeding.code_of(order.test)
    assert probing.mail_of(order.test) == (f"Hello,\nyou & I\n\nNow\n\n{code}", f"{body}\n<p>{code}</p>")

    Connection.objects.filter(pk=tests.pk).update(health="refused")
    order.test.connection.refresh_from_db()
    assert probing.mail_of(order.test) == (code, ""), "a vendor that can't be asked"


def test_who_wants_a_feed_sooner_while_it_is_read_has_it_read_again(
    cast: Cast, box: Sandbox, account: Connection, seeds: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, mail = seeds.feeds.get(resource="broadcasts"), mail_of(cast.acme, purpose=Purpose.PROBE)
    real = BroadcastPass.finish

    def finish(work: BroadcastPass) -> tuple[int, str]:
        landing.look_soon(mail)
        return real(work)

    monkeypatch.setattr(BroadcastPass, "finish", finish)
    read(seeds, "broadcasts")
    feed.refresh_from_db()
    assert feed.last_ok_at
    assert feed.next_at - feed.last_ok_at <= landing.SHOWS < feed.interval
