"""The Overview’s strip of tiles, and what its rows say of accounts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import ClientTag, Connection, Feed, Health, SyncRun
from tests.cast import Cast
from tests.factories import SenderFactory, roll_up
from tests.reports.board import account, landed, overview, row
from tests.reports.reading import words
from tests.reports.table import facts


def test_the_strip_sums_all_clients_and_counts_those_that_need_a_look(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    landed(one, cast.acme, 1, 90, 10)
    landed(one, cast.acme, 20, 90, 10)
    landed(two, cast.birch, 1, 400, 500)
    landed(two, cast.birch, 13, 900, 0)
    roll_up(one, two)
    strip = facts(overview(cast.ann))
    assert strip["inboxing, all clients ▼ 51.0 pp"] == "49.0 %"
    assert strip["client needs a look 1 below 70 % · 1 fell"] == "1"
    assert strip["feeds late"] == "0"
    assert strip["keys refused"] == "0"


def test_a_refused_key_is_named_with_a_way_to_it(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    Connection.objects.filter(pk=connection.pk).update(
        health=Health.REFUSED, health_reason="InboxAlly refuses this key: replace it."
    )
    page = overview(cast.ann)
    assert facts(page)["key refused Acme account · InboxAlly"] == "1"
    assert f'href="/connections/{connection.uuid}/"' in page
    assert "InboxAlly refuses this key: replace it." in row(page, "Acme")


def test_a_late_feed_is_counted_named_and_drawn_as_late(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    Feed.objects.filter(connection=connection, resource="broadcasts").update(last_ok_at=timezone.now() - timedelta(hours=3))
    page = overview(cast.ann)
    assert facts(page)["feed late Acme account · InboxAlly"] == "1"
    acme = row(page, "Acme")
    assert acme.cells[-2:] == ["3 h", "1 feed late"]
    assert 'class="nowrap is-look" data-head="Data">3 h' in acme


def test_a_feed_that_fails_and_is_not_late_yet_is_counted_once(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    Feed.objects.filter(connection=one, resource="broadcasts").update(failures=2, last_ok_at=None)
    page = overview(cast.ann)
    assert facts(page)["feed failing Acme account · InboxAlly"] == "1"
    assert "sync failing" in row(page, "Acme").html
    Feed.objects.filter(connection=two, resource="broadcasts").update(failures=2, last_ok_at=timezone.now() - timedelta(hours=3))
    assert facts(overview(cast.ann))["feeds late or failing Acme account · InboxAlly, Birch account · InboxAlly"] == "2"


def test_a_silent_client_says_for_how_long(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    landed(one, cast.acme, 10, 40, 0)
    landed(two, cast.birch, 60, 40, 0)
    roll_up(one, two)
    page = overview(cast.ann)
    assert row(page, "Acme").cells[-1] == "no mail for 10 days"
    assert row(page, "Birch").cells[-1] == "no mail for 28+ days"
    assert facts(page)["clients need a look 2 silent"] == "2"


def test_a_client_without_a_vendor_account_is_led_to_one(cast: Cast) -> None:
    assert 'href="/clients/acme/connections/"' in row(overview(cast.ann), "Acme").html


def test_a_vendor_that_is_down_is_named_and_the_rest_still_shown(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    landed(connection, cast.acme, 1, 90, 10)
    roll_up(connection)
    for feed in connection.feeds.all():
        run = SyncRun.objects.create(feed=feed, state="failed", outcome="InboxAlly gave no answer <13:10>.")
        Feed.objects.filter(pk=feed.pk).update(failures=3, last_run=run, last_ok_at=timezone.now() - timedelta(hours=2))
    page = overview(cast.ann)
    assert "InboxAlly brings nothing new: its account fails to sync, last good answer 2 h ago." in page
    assert "InboxAlly gave no answer &lt;13:10&gt;. What was read before is still shown." in page
    assert "Acme account: InboxAlly gave no answer <13:10>." in row(page, "Acme"), "late: why"
    Feed.objects.update(last_ok_at=timezone.now())
    assert 'title="Acme account: InboxAlly gave no answer <13:10>.">sync failing' in row(overview(cast.ann), "Acme")
    assert row(page, "Acme").cells[0].startswith("90.0 %")


def test_senders_that_nobody_claims_are_announced_to_those_who_see_all_clients(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    SenderFactory.create_batch(3, connection=connection, client=None)
    page = overview(cast.mo)
    assert "3 senders belong to no client yet" in page
    assert 'href="/unassigned/"' in page
    assert "belong to no client" not in overview(cast.cleo)


@pytest.mark.parametrize(
    ("unclaimed", "twice", "said"),
    [
        (2, 27, "29 senders belong to no client yet: 27 are claimed for two clients, 2 by no scope of an account. Assign"),
        (1, 1, "2 senders belong to no client yet: 1 is claimed for two clients, 1 by no scope of an account. Assign"),
        (0, 1, "1 sender belongs to no client yet: it is claimed for two clients. Settle it"),
        (0, 2, "2 senders belong to no client yet: they are claimed for two clients. Settle it"),
        (1, 0, "1 sender belongs to no client yet: no scope of an account claims it. Assign"),
    ],
)
def test_senders_that_are_claimed_twice_are_told_from_those_nobody_claims(
    cast: Cast, unclaimed: int, twice: int, said: str
) -> None:
    connection = account(cast, cast.acme)
    SenderFactory.create_batch(unclaimed, connection=connection, client=None)
    SenderFactory.create_batch(twice, connection=connection, client=None, conflict=True)
    assert said in words(overview(cast.mo))


def test_the_strip_counts_the_accounts_of_the_clients_shown(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    ClientTag.objects.create(client=cast.acme, name="vip")
    Connection.objects.filter(pk=two.pk).update(health=Health.REFUSED)
    Feed.objects.filter(connection=one, resource="broadcasts").update(last_ok_at=timezone.now() - timedelta(hours=3))
    shown, other = facts(overview(cast.ann, "?tag=vip")), facts(overview(cast.ann, "?tag=unheard-of"))
    assert (shown["feed late Acme account · InboxAlly"], shown["keys refused"]) == ("1", "0")
    assert (other["feeds late"], other["keys refused"]) == ("0", "0")
