"""The Placement tab where there is no mail, or not all of it, or not of today."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from clients.models import Connection, Feed, Health, TestMail
from tests import placing
from tests.cast import Cast
from tests.factories import days_ago, mail, roll_up
from tests.reports.placement_tab import account, fill, placement
from tests.reports.reading import as_user, text
from tests.reports.table import facts


def test_filters_that_match_no_mail_show_the_way_out(cast: Cast) -> None:
    fill(cast)
    page = placement(cast, "?domain=nothing.example")
    assert "No mail matches these filters" in page
    assert ">Clear filters</a>" in page
    assert '<option value="nothing.example" selected>' in page
    assert "data-chart" not in page


def test_a_client_without_an_account_is_led_to_one(cast: Cast) -> None:
    page = placement(cast)
    assert "No vendor account yet" in page
    assert 'href="/clients/acme/connections/"' in page


def test_a_client_whose_account_was_never_read_is_not_called_silent(cast: Cast) -> None:
    Feed.objects.filter(connection=account(cast)).update(last_ok_at=None)
    page = placement(cast)
    assert "Nothing has been read yet" in page
    assert "No mail in this window" not in page


def test_a_client_whose_key_was_refused_is_led_to_its_connection_and_not_called_silent(cast: Cast) -> None:
    connection = account(cast)
    Feed.objects.filter(connection=connection).update(last_ok_at=None)
    Connection.objects.filter(pk=connection.pk).update(health=Health.REFUSED)
    page = placement(cast)
    assert "The key is refused" in page
    assert "Nothing has been read from it" in page
    assert f'<a class="button" href="/connections/{connection.uuid}/">To its connection</a>' in page
    assert "no mail reached the seeds" not in page
    assert "What came since then is not known" not in page
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now() - timedelta(days=40))
    assert "What came since then is not known" in placement(cast)
    viewer = text(as_user(cast.cleo).get("/clients/acme/"))
    assert "The key is refused" in viewer
    assert "To its connection" not in viewer


def test_a_silence_stands_over_the_figures_where_everything_was_read(cast: Cast) -> None:
    connection = account(cast)
    mail(connection, cast.acme, days_ago(10), {"gmail": (40, 0, 0)})
    roll_up(connection)
    said = "No mail for 10 days: the last reached the seeds on"
    assert said in placement(cast)
    assert said in placement(cast, "?mailbox_provider=outlook")
    assert "No mail for" not in placement(cast, "?domain=other.example")
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now() - timedelta(days=9))
    assert "No mail for" not in placement(cast)


def test_a_silence_is_not_said_to_be_read_without_trouble_where_a_sync_failed(cast: Cast) -> None:
    connection = account(cast)
    mail(connection, cast.acme, days_ago(10), {"gmail": (40, 0, 0)})
    roll_up(connection)
    assert "Its vendor accounts are read without trouble." in placement(cast)
    failing = connection.feeds.all()[0]
    Feed.objects.filter(pk=failing.pk).update(failures=1)
    page = placement(cast)
    assert "a sync failed" in page
    assert re.search(r"No mail for 10 days: the last reached the seeds on \d+ \w+, as of the last complete sync\.", page)
    assert "without trouble" not in page


def test_a_silent_client_is_not_drawn_as_zero(cast: Cast) -> None:
    connection = account(cast)
    mail(connection, cast.acme, days_ago(100), {"gmail": (40, 0, 0)})
    roll_up(connection)
    page = placement(cast)
    assert "No mail in this window" in page
    assert "0.0 %" not in page
    assert facts(placement(cast, "?window=120"))["mails received"] == "40"


def test_a_split_that_is_not_read_yet_is_said(cast: Cast) -> None:
    connection = account(cast)
    mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 0)})
    mail(connection, cast.acme, days_ago(1), {"gmail": (60, 0, 0)}).placements.all().delete()
    roll_up(connection)
    page = placement(cast)
    assert "The split is known for 40 of 100 mails so far." in page
    assert facts(page)["mails received"] == "100"


def test_a_paused_account_is_said_on_the_page(cast: Cast) -> None:
    connection = fill(cast, 3)
    assert "is paused" not in placement(cast)
    since = timezone.now().replace(2026, 11, 3, 8, 5)
    Connection.objects.filter(pk=connection.pk).update(health=Health.PAUSED, health_reason="Paused by Mo.", health_since=since)
    said = "Main account is paused since 3 Nov 2026, 08:05 UTC: nothing new is read. Paused by Mo."
    assert said in placement(cast)


def test_a_refused_key_and_a_late_feed_stand_over_the_figures(cast: Cast) -> None:
    connection = fill(cast, days=3)
    Feed.objects.filter(connection=connection).update(last_ok_at=timezone.now() - timedelta(hours=5))
    assert "is late, last good answer 5 h ago" in placement(cast)
    Connection.objects.filter(pk=connection.pk).update(health=Health.REFUSED, health_reason="Replace it.")
    page = placement(cast)
    assert "the key was refused just now." in page
    assert "Replace it." in page
    assert facts(page)["mails received"] == "180"


def test_what_stands_as_other_is_named_as_its_vendor_calls_it(cast: Cast) -> None:
    tested = placing.account(cast.north, cast.acme)
    test = placing.placement_test(tested, {"ann@acme.example": {"other": "PPP", "gmail": "PP"}})
    TestMail.objects.filter(test=test).update(provider_raw="ESP 77 Personal")
    roll_up(tested)
    assert "Other, as its vendor calls it: ESP 77 Personal." in placement(cast)
    TestMail.objects.filter(test=test).update(provider_raw="")
    assert "as its vendor calls it" not in placement(cast)
