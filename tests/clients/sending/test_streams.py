"""What each identity sent, and what came back: counted from its events, each once, as the vendor's truth has it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Sum

from clients import rollups, sync
from clients.calling import open_vendor
from clients.models import ActivityDay, Connection, EventDay, Mail, MailState, Position, Purpose
from clients.passes.streams import StreamPass
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.sending.mailing import JAN, MAYA, ORG, VENDOR, mail_of, worked

pytestmark = pytest.mark.django_db


def read(connection: Connection) -> Any:
    run = sync.run(connection.feeds.get(resource="streams").pk)
    assert run
    return run


def counted(handle: str) -> dict[str, dict[str, int]]:
    """As the truth has it: without zeros."""
    names = ("sent", "replied", "bounced", "bounced_hard", "bounced_soft")
    rows = ActivityDay.objects.filter(sender_ref=handle).values("day", *names)
    days = {row["day"].isoformat(): {name: row[name] for name in names if row[name]} for row in rows}
    return dict(sorted(days.items()))


def truth(box: Sandbox, handle: str) -> dict[str, dict[str, int]]:
    days = box.truth(ORG, VENDOR)["identities"][handle]["days"]
    found = {day: {name: n for name, n in counts.items() if name != "no_reply"} for day, counts in days.items()}
    return {day: counts for day, counts in found.items() if counts}


def test_each_day_is_as_the_vendors_own_events_have_it(cast: Cast, account: Connection, box: Sandbox) -> None:
    assert read(account).state == "ok"

    for handle, client in ((MAYA, cast.acme), (JAN, cast.birch)):
        assert counted(handle) == truth(box, handle)
        assert set(ActivityDay.objects.filter(sender_ref=handle).values_list("client", flat=True)) == {client.pk}
    assert not ActivityDay.objects.exclude(opened=None).exists(), "opens are not measured, which is not 0"


def test_what_happens_later_is_added_and_nothing_is_counted_twice(cast: Cast, account: Connection, box: Sandbox) -> None:
    read(account)
    before = sum(day.get("sent", 0) for day in counted(MAYA).values())
    read(account)
    assert sum(day.get("sent", 0) for day in counted(MAYA).values()) == before

    worked(mail_of(cast.acme))
    read(account)
    assert counted(MAYA) == truth(box, MAYA)
    assert sum(day.get("sent", 0) for day in counted(MAYA).values()) == before + 1
    assert rollups.check(account) == 0


def test_a_page_that_comes_twice_is_counted_once(cast: Cast, account: Connection, box: Sandbox) -> None:
    """As after a worker that was killed, or a vendor that repeats itself."""
    read(account)
    found, feed = counted(MAYA), account.feeds.get(resource="streams")
    with open_vendor(account) as vendor:
        again = StreamPass(account, vendor, StreamPass.begin(feed, 1))
        again.at.phase = f"list@{MAYA}"
        again.store(vendor.stream(MAYA, 0).events)
    assert counted(MAYA) == found


@pytest.mark.parametrize("bounces", ["event", "mail"])
def test_each_mail_is_counted_at_its_recipients_mailbox_provider_too(account: Connection, box: Sandbox, bounces: str) -> None:
    """A bounce that comes as mail of the mail server names nobody: its conversation does."""
    box.inboxbase.switches.turn({"bounces": bounces})
    read(account)
    read(account)
    days = ActivityDay.objects.filter(connection=account).aggregate(sent=Sum("sent"), bounced=Sum("bounced"))
    told = EventDay.objects.filter(connection=account, client__isnull=False)
    assert told.filter(what="sent").aggregate(n=Sum("count"))["n"] == days["sent"]
    assert told.filter(what__startswith="bounced").aggregate(n=Sum("count"))["n"] == days["bounced"] > 0


def test_one_identity_that_is_gone_costs_the_others_nothing(cast: Cast, account: Connection, box: Sandbox) -> None:
    account.scopes.create(client=cast.acme, kind="handle", value="a.gone@inboxbase.ai")
    assert read(account).state == "ok"
    assert set(Position.objects.values_list("identity", flat=True)) == {MAYA, JAN}


def test_bounces_that_come_as_mail_count_as_bounces(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.inboxbase.switches.turn({"bounces": "mail"})
    worked(mail_of(cast.birch, "bounce-1@there.example"))
    box.clock.forward(61)
    read(account)

    row = ActivityDay.objects.filter(sender_ref=JAN).latest("day")
    assert (row.sent, row.replied, row.bounced, row.bounced_hard) == (1, 0, 1, 0)


def test_probes_and_what_comes_back_to_them_are_no_outreach(cast: Cast, account: Connection, box: Sandbox) -> None:
    read(account)
    before = counted(JAN)
    probe = worked(mail_of(cast.birch, "bounce-2@seeds.example", purpose=Purpose.PROBE))
    assert probe.conversation
    box.clock.forward(61)
    read(account)
    assert counted(JAN) == before


def test_a_probe_whose_answer_is_not_known_yet_is_known_by_its_recipient(cast: Cast, account: Connection, box: Sandbox) -> None:
    read(account)
    before = counted(MAYA)
    probe, letter = worked(mail_of(cast.acme, "Seed@seeds.example", purpose=Purpose.PROBE)), worked(mail_of(cast.acme))
    assert (probe.state, letter.state) == (MailState.ACCEPTED, MailState.ACCEPTED)
    Mail.objects.filter(pk=probe.pk).update(state=MailState.SENDING, conversation="", message="")
    read(account)
    assert sum(day.get("sent", 0) for day in counted(MAYA).values()) == sum(day.get("sent", 0) for day in before.values()) + 1
