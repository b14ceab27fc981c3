"""Outreach and placement of a client on one time axis."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import ClientDay, Connection, OutreachDay, Scope, Sender
from reports.charts.together import together as drawn
from reports.scope import Window
from reports.together import together
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.reaching import account, campaign, sender, sender_day, sent
from tests.reports.exports.reading import fetched
from tests.reports.placement_tab import charts, placement
from tests.reports.reading import as_user, text

WEEK = Window.of(7)


@pytest.fixture
def connection(cast: Cast) -> Connection:
    """A week of 1 % bounces, then one of 5 %; of mail at Outlook half as much in the inbox as before."""
    made = account(cast.north, cast.acme)
    one = sender(made)
    seen = connect(cast.north, key="s" * 20, label="Seen", client=cast.acme)
    for day in range(14):
        sender_day(one, day, 1000, bounced=50 if day < 7 else 10, replied=20)
        outlook = (20, 0, 20) if day < 7 else (40, 0, 0)
        mail(seen, cast.acme, days_ago(day), {"gmail": (40, 0, 0), "outlook": outlook})
    roll_up(seen, made)
    return made


def test_what_rose_and_what_fell_is_said_with_the_deepest_fall(cast: Cast, connection: Connection) -> None:
    found = together(cast.acme, WEEK)
    assert found
    assert found.said == (
        "Bounces rose from 1.0 % to 5.0 % of the mail sent, against the 7 days before, while inboxing fell from 100.0 % to "
        "75.0 %, most at Outlook: from 100.0 % to 50.0 %."
    )
    assert [rate.n for rate in found.landed.values()] == [80] * 7


def test_without_both_nothing_is_said(cast: Cast, connection: Connection) -> None:
    found = together(cast.acme, Window.of(14))
    assert found
    assert (len(found.course.days), found.said) == (14, "")
    assert together(cast.birch, WEEK) is None


@pytest.mark.parametrize("new", ["clientday", "outreachday"])
def test_nothing_is_said_where_either_does_not_cover_the_days_before(cast: Cast, connection: Connection, new: str) -> None:
    """The first of the days before is quiet in both: whether it is covered, what was earlier tells."""
    sender_day(Sender.objects.get(connection=connection), 30, 10, bounced=0)
    seen = Connection.objects.get(label="Seen")
    mail(seen, cast.acme, days_ago(30), {"gmail": (40, 0, 0)})
    roll_up(seen, connection)
    for table in (ClientDay, OutreachDay):
        table.objects.filter(day=days_ago(13)).delete()
    assert "Bounces rose" in said(cast)
    {"clientday": ClientDay, "outreachday": OutreachDay}[new].objects.filter(day=days_ago(30)).delete()
    assert said(cast) == ""


def said(cast: Cast) -> str:
    found = together(cast.acme, WEEK)
    assert found
    return found.said


def test_the_three_share_their_days(cast: Cast, connection: Connection) -> None:
    found = together(cast.acme, WEEK)
    assert found
    inboxing, bounced, sent = drawn(found)["data"]
    assert inboxing["x"] == bounced["x"] == sent["x"]
    assert (inboxing["y"][0], bounced["y"][0], sent["y"][0]) == (75.0, 5.0, 1000)


def test_what_not_every_vendor_tells_stands_beside_the_mail_it_is_of(cast: Cast) -> None:
    telling, other = account(cast.north, cast.acme), account(cast.north, cast.acme, key="o" * 12, label="Other")
    for day in (1, 2):
        sender_day(sender(telling, f"{day}@acme.example"), day, 100, delivered=90, bounced=2)
    sender_day(sender(other, "other@acme.example"), 1, 50, bounced=1)
    roll_up(telling, other)
    found = together(cast.acme, WEEK)
    assert found
    assert found.course.heads == ["Sent", "Delivered", "Bounced"]
    assert [counts for _, counts, _ in found.lines] == [["150", "90 of 100", "3"], ["100", "90", "2"]]
    weeks = together(cast.acme, Window.of(180))
    assert weeks
    assert weeks.lines[0][1] == ["250", "180 of 200", "5"]


def test_a_day_of_few_mails_is_a_grey_dot_that_moves_no_axis(cast: Cast, connection: Connection) -> None:
    one = sender(connection, "new@fresh.example")
    sender_day(one, 20, 19, bounced=10)
    sender_day(one, 19, 20, bounced=1)
    roll_up(connection)
    found = together(cast.acme, Window.of(30))
    assert found
    figure = drawn(found)
    _, line, few, _ = figure["data"]
    assert (line["x"][0], line["y"][:2]) == (days_ago(20).isoformat(), [None, 5.0])
    assert (few["x"], few["y"], few["mode"]) == ([days_ago(20).isoformat()], [52.63], "markers")
    assert few["marker"]["color"] == "var(--muted)"
    assert figure["layout"]["yaxis2"]["range"] == [0, pytest.approx(5.75)]


def test_a_day_without_mail_in_front_of_seeds_is_not_measured(cast: Cast, connection: Connection) -> None:
    sender_day(sender(connection, "late@acme.example"), 20, 10, bounced=0)
    roll_up(connection)
    rows = {row["day"]: row for row in fetched(as_user(cast.ben), "/clients/acme/campaigns/export/outreach.csv?window=30")}
    assert len(rows) == 15
    one = rows[days_ago(20).isoformat()]
    assert (one["received"], one["inboxing"], one["sent"], one["bounced"], one["delivered"]) == ("0", "", "10", "0", "")
    assert rows[days_ago(0).isoformat()]["inboxing"] == "0.7500"


def test_it_stands_on_the_campaigns_tab(cast: Cast, connection: Connection) -> None:
    campaign(connection)
    page = text(as_user(cast.ben).get("/clients/acme/campaigns/?window=7"))
    assert "Outreach beside placement" in page
    assert "Bounces rose from 1.0 % to 5.0 %" in page
    assert "export/outreach.csv?window=7" in page


def test_what_campaigns_and_what_all_senders_sent_are_told_apart(cast: Cast, connection: Connection) -> None:
    sent(campaign(connection), 1, 10)
    page = text(as_user(cast.ben).get("/clients/acme/campaigns/?window=7"))
    assert "Sent is the campaign’s own mail in the window; all that this client’s senders sent" in page
    assert "Sent by all its senders" in page
    sent(campaign(connection, client=cast.birch), 1, 10)
    alone = text(as_user(cast.ben).get("/clients/birch/campaigns/?window=7"))
    assert "Sent is the campaign’s own mail in the window. Rates" in alone  # no days of senders stand beneath


def test_it_stands_beneath_the_trend_on_the_same_days(cast: Cast, connection: Connection) -> None:
    page = placement(cast, "?window=7")
    trend = charts(page)["trend"]
    named = {trace["name"]: trace for trace in trend["data"] if trace["type"] in ("scatter", "bar")}
    assert named["Inboxing"]["x"] == named["Bounced"]["x"] == named["Sent"]["x"]
    assert (named["Bounced"]["y"][0], named["Sent"]["y"][0], named["Bounced"]["yaxis"]) == (5.0, 1000, "y3")
    assert trend["layout"]["xaxis"]["anchor"] == named["Sent"]["yaxis"] == "y4"
    assert "Bounces rose with it, from 1.0 % to 5.0 % of the mail sent" in page
    assert "export/outreach.csv?window=7" in page
    assert "whatever the filter" not in page
    assert "whatever the filter" in placement(cast, "?window=7&mailbox_provider=outlook")


def test_the_drop_s_story_says_nothing_of_bounces_where_outreach_does_not_cover_the_days_before(
    cast: Cast, connection: Connection
) -> None:
    OutreachDay.objects.filter(day__lt=days_ago(9)).delete()
    page = placement(cast, "?window=7")
    assert "What changed before the drop" in page
    assert "Bounces rose with it" not in page


def test_of_one_domain_s_mail_the_outreach_of_all_is_not_shown(cast: Cast, connection: Connection) -> None:
    page = placement(cast, "?domain=acme.example")
    assert [trace["name"] for trace in charts(page)["trend"]["data"]][-1] == "Mails"
    assert "Outreach beside it" not in page


def test_without_an_account_that_tells_there_is_no_word_of_it_and_no_query(
    cast: Cast, connection: Connection, django_assert_max_num_queries: Any
) -> None:
    browser = as_user(cast.ben)
    browser.get("/clients/acme/")
    with django_assert_max_num_queries(13) as told:
        browser.get("/clients/acme/")
    Scope.objects.filter(connection=connection).update(client=cast.birch)
    with django_assert_max_num_queries(12) as untold:
        page = text(browser.get("/clients/acme/"))
    assert "Outreach" not in page
    assert len(untold) == len(told) - 1
