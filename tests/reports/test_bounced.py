"""Where mail bounced, beside where it landed: by the mailbox provider that events tell."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from clients.models import Client, Connection, EventDay
from clients.vendors import VENDORS
from reports.bounced import by_provider
from reports.queries.event_days import told
from reports.scope import Window
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.reaching import campaign
from tests.reports.exports.reading import fetched
from tests.reports.placement_tab import charts, placement
from tests.reports.reading import as_user, text, words

WEEK = Window.of(7)
VENDOR = next(slug for slug, vendor in VENDORS.items() if vendor.tells_recipients and "campaigns" in vendor.feeds)


def account(cast: Cast, key: str = "imk_live_0123456789abcdef", label: str = "Outreach") -> Connection:
    return connect(cast.north, key=key, label=label, client=cast.acme, vendor=VENDOR)


def event_day(connection: Connection, client: Client | None, ago: int, at: str, **counts: int) -> None:
    for what, count in counts.items():
        known = {"connection": connection, "client": client, "sender_ref": "ann@acme.example", "day": days_ago(ago)}
        EventDay.objects.create(**known, mailbox_provider=at, what=what, count=count)


@pytest.fixture
def telling(cast: Cast) -> Connection:
    """A week of 1 % bounces at Outlook, then one of 6 %, while its placement halves; Gmail stays as it is."""
    made, seen = account(cast), connect(cast.north, key="s" * 20, label="Seen", client=cast.acme)
    for ago in range(14):
        event_day(
            made,
            cast.acme,
            ago,
            "outlook",
            sent=100,
            bounced_hard=5 if ago < 7 else 1,
            **({"bounced_soft": 1} if ago < 7 else {}),
        )
        event_day(made, cast.acme, ago, "gmail", sent=100, bounced_hard=1)
        mail(seen, cast.acme, days_ago(ago), {"gmail": (40, 0, 0), "outlook": (20, 0, 20) if ago < 7 else (40, 0, 0)})
    roll_up(seen)
    return made


def test_where_bounces_rose_and_placement_fell_stands_so_in_the_table_and_in_the_story(cast: Cast, telling: Connection) -> None:
    page = placement(cast, "?window=7")
    assert "Where mail bounced" in page
    assert page.count("fell, and bounces rose") == 1
    assert "of the mail sent to Outlook, 1.0 % bounced until then and 6.0 % since." in page
    found = told(cast.acme, WEEK)
    shown = by_provider(found, {}, WEEK)
    assert shown
    assert shown.heads == ["Sent", "Hard", "Soft"]
    assert [(line.slug, line.counts, line.cell.text) for line in shown.lines] == [
        ("gmail", ["700", "7", "0"], "1.0 %"),
        ("outlook", ["700", "35", "7"], "6.0 %"),
    ]
    assert [line.bounced.text for line in shown.lines] == ["no clear change", "▲ 5.0 pp"]


def test_bounces_are_compared_only_where_events_cover_the_days_before(cast: Cast, telling: Connection) -> None:
    EventDay.objects.filter(day__lt=days_ago(11)).delete()
    event_day(telling, cast.acme, 40, "outlook", bounced_hard=1)
    page = placement(cast, "?window=7")
    assert f"data begin on {days_ago(11).day} {days_ago(11):%b}" in page
    assert "fell, and bounces rose" not in page
    event_day(telling, cast.acme, 40, "outlook", sent=5)
    assert "fell, and bounces rose" in placement(cast, "?window=7")


def test_an_account_that_joined_within_the_days_before_keeps_bounces_from_being_compared(
    cast: Cast, telling: Connection, django_assert_num_queries: Any
) -> None:
    """As one that sends 340 a day beside one that had sent 22."""
    joined = account(cast, key="imk_live_fedcba9876543210", label="Joined")
    for ago in range(9):
        event_day(joined, cast.acme, ago, "outlook", sent=1000, bounced_hard=60)
    with django_assert_num_queries(2):
        found = told(cast.acme, WEEK)
    assert found
    assert found.began == days_ago(8)
    page = placement(cast, "?window=7")
    assert f"not before {days_ago(8).day} {days_ago(8):%b} did the events of every account tell what was sent" in page
    assert "fell, and bounces rose" not in page
    assert "bounced until then" not in page
    event_day(joined, cast.acme, 20, "gmail", sent=1000)
    assert "fell, and bounces rose" in placement(cast, "?window=7")


def test_at_one_mailbox_provider_the_mail_to_it_stands_beneath_its_trend(cast: Cast, telling: Connection) -> None:
    page = placement(cast, "?window=7&mailbox_provider=outlook")
    traces = {trace["name"]: trace for trace in charts(page)["trend"]["data"]}
    assert traces["Bounced"]["y"] == [6.0] * 7
    assert traces["Sent"]["y"] == [100] * 7
    assert "Sent and bounced are of the mail to Outlook" in page
    assert "export/bounces.csv" in page


@pytest.mark.parametrize("query", ["?window=7", "?window=7&mailbox_provider=outlook"])
def test_whose_days_bounces_and_inboxing_are_of_is_said_where_they_differ(cast: Cast, telling: Connection, query: str) -> None:
    assert "UTC" not in words(placement(cast, query))
    Client.objects.filter(pk=cast.acme.pk).update(timezone="America/New_York")
    page = words(placement(cast, query))
    assert "in the client’s days (America/New_York); inboxing is in the vendors’ days, mostly UTC." in page
    assert ("in the client’s days (America/New_York), inboxing in the vendors’, mostly UTC: see" in page) == ("outlook" in query)


def test_of_one_domains_mail_nothing_is_told(cast: Cast, telling: Connection) -> None:
    assert "Where mail bounced" not in placement(cast, "?window=7&domain=acme.example")


def test_bounces_without_what_was_sent_are_counts_and_no_rates(cast: Cast) -> None:
    event_day(account(cast), cast.acme, 1, "gmail", bounced_hard=30)
    shown = by_provider(told(cast.acme, WEEK), {}, WEEK)
    assert shown
    assert (shown.heads, shown.rated, shown.beside) == (["Hard", "Soft"], False, 0)
    assert [(line.counts, line.cell.text, line.bounced.points) for line in shown.lines] == [(["30", "0"], "30", None)]


def test_bounces_of_an_account_that_does_not_tell_what_was_sent_are_in_no_rate(cast: Cast) -> None:
    """As those before the events of sent mail were subscribed to."""
    whole, partly = account(cast), account(cast, key="imk_live_fedcba9876543210", label="Partly")
    event_day(whole, cast.acme, 2, "gmail", bounced_hard=4)
    event_day(whole, cast.acme, 1, "gmail", sent=50, bounced_hard=1)
    event_day(partly, cast.acme, 1, "gmail", bounced_hard=9, bounced_soft=2)
    shown = by_provider(told(cast.acme, WEEK), {}, WEEK)
    assert shown
    assert [(line.counts, line.cell.sub) for line in shown.lines] == [(["50", "1", "0"], "1 of 50")]
    assert shown.beside == 15


def test_more_bounces_than_mail_are_no_share(cast: Cast) -> None:
    connection = account(cast)
    event_day(connection, cast.acme, 1, "gmail", sent=1)
    event_day(connection, cast.acme, 0, "gmail", bounced=30)
    shown = by_provider(told(cast.acme, WEEK), {}, WEEK)
    assert shown
    assert [line.cell.text for line in shown.lines] == ["30"]


def test_the_file_beside_the_table_has_its_mailbox_providers_by_day_whatever_the_filter(cast: Cast, telling: Connection) -> None:
    page = placement(cast, "?window=14&mailbox_provider=outlook")
    assert '<a class="small" href="/clients/acme/export/bounces.csv?window=14">By day, CSV</a>' in page
    rows = fetched(as_user(cast.ben), "/clients/acme/export/bounces.csv?window=14")
    assert Counter(row["mailbox_provider"] for row in rows) == {"outlook": 14, "gmail": 14}


def test_the_days_come_as_csv(cast: Cast, telling: Connection) -> None:
    rows = fetched(as_user(cast.ben), "/clients/acme/export/bounces.csv?window=7&mailbox_provider=outlook")
    names = ("client", "day", "mailbox_provider", "sent", "delivered", "bounced", "bounced_hard", "bounced_soft")
    days = [("acme", days_ago(ago).isoformat(), "outlook", "100", "", "6", "5", "1") for ago in range(7)]
    assert rows == [dict(zip(names, day, strict=True)) for day in days]


def test_one_query_where_events_tell_recipients(cast: Cast, telling: Connection, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        told(cast.acme, WEEK)


def test_the_vendors_words_are_counted_on_the_campaigns_tab(cast: Cast) -> None:
    connection = account(cast)
    campaign(connection)
    told_of = {"connection": connection, "client": cast.acme, "sender_ref": "ann@acme.example", "day": days_ago(1)}
    for what, word, count in (
        ("bounced_soft", "mailbox_full", 30), ("bounced_soft", "", 10), ("answered", "not_interested", 7), ("answered", "<b>", 3),
    ):  # fmt: skip
        EventDay.objects.create(**told_of, mailbox_provider="gmail", what=what, word=word, count=count)
    page = text(as_user(cast.ben).get("/clients/acme/campaigns/"))
    for said in (
        "Why mail bounced softly",
        "Mailbox full",
        "75.0 %",
        "Not said",
        "How it was answered",
        "Not interested",
        "&lt;b&gt;",
    ):
        assert said in page
    EventDay.objects.update(day=days_ago(50))
    assert "Why mail bounced softly" not in text(as_user(cast.ben).get("/clients/acme/campaigns/"))
