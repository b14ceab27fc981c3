"""A campaign's page and a sender's: what became of their mail, day by day."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Campaign, Connection, Sender, SenderTag
from clients.vendors import VENDORS
from reports.campaign import schedule
from tests.cast import Cast
from tests.factories import days_ago
from tests.reaching import account, campaign, sender, sender_day, sent, warmup
from tests.reports.exports.reading import fetched
from tests.reports.reading import as_user, text
from tests.reports.table import facts

MOST = 12


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return account(cast.north, cast.acme)


def page_of(cast: Cast, found: Campaign | Sender, query: str = "", user: Any = None) -> str:
    what = "campaigns" if isinstance(found, Campaign) else "senders"
    return text(as_user(user or cast.ben).get(f"/clients/acme/{what}/{found.uuid}/{query}"))


def figure(page: str) -> Any:
    found = re.search(r'<script id="charts" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])["outreach"]


def test_a_campaign_s_days_are_drawn_and_stand_in_a_table(cast: Cast, connection: Connection) -> None:
    one = campaign(connection, totals={"sent": 500, "bounced": 5})
    sent(one, 1, 60, opened=30, replied=2, replied_auto=1, positive=1)
    sent(one, 3, 40, opened=10, replied=0, replied_auto=0, positive=0)
    sent(one, 50, 900, opened=1)
    page = page_of(cast, one)
    found = facts(page)
    assert found["sent in 30 days"] == "100"
    assert found["opened (indicative) 40 of 100"] == "40.0 %"
    assert found["clicked not measured"] == "–"
    assert found["bounced 5 of 500 since it began"] == "1.0 %"
    bars, opens, replies = figure(page)["data"]
    assert (bars["name"], bars["x"], bars["y"]) == ("Sent", [days_ago(3).isoformat(), days_ago(1).isoformat()], [40, 60])
    assert (opens["y"], replies["y"]) == ([10, 30], [0, 2])
    assert "Clicked</th>" not in page.partition("</table>")[0], "a column that nobody measured is not there"


def test_a_long_window_is_drawn_by_weeks(cast: Cast, connection: Connection) -> None:
    one = campaign(connection)
    for ago in (0, 1, 200):
        sent(one, ago, 10, replied=1)
    page = page_of(cast, one, "?window=365")
    assert "Week by week" in page
    assert sum(figure(page)["data"][0]["y"]) == 30
    assert max(figure(page)["data"][0]["y"]) == 20


def test_its_senders_by_name_and_by_tag_with_their_own_figures(cast: Cast, connection: Connection) -> None:
    ann, bob = sender(connection), sender(connection, "bob@acme.example", status="connection error", raw={"warmup_score": None})
    SenderTag.objects.create(sender=bob, name="vip")
    sender(connection, "else@acme.example")
    sender_day(ann, 1, 50, bounced=1, replied=2)
    one = campaign(connection, senders=["ann@acme.example"], sender_tags=["vip"])
    page = page_of(cast, one)
    assert re.findall(r'title="(\w+@[\w.]+)"', page) == [ann.email, bob.email]
    assert "2.0 %" in page
    assert "connection error" in page
    assert f"/clients/acme/senders/{ann.uuid}/" in page


def test_whose_senders_cannot_send_let_nothing_through(cast: Cast, connection: Connection) -> None:
    ready = sorted(VENDORS[connection.vendor].sending_statuses)[0]
    for name, status, limit in (("ann", ready, 45), ("bob", "paused", 40), ("cat", "connection error", 30)):
        sender(connection, f"{name}@acme.example", status=status, raw={"daily_limit": limit})
    named = ["ann@acme.example", "bob@acme.example", "cat@acme.example"]
    page = html.unescape(page_of(cast, campaign(connection, daily_limit=100, senders=named)))
    assert "own limits let 45 mails a day through together: fewer than its limit." in page
    assert "2 of its 3 senders are paused or failing and left out of that." in page
    assert "a day through" not in page_of(cast, campaign(connection, daily_limit=45, senders=named))
    assert "left out" not in page_of(cast, campaign(connection, daily_limit=100, senders=named[:1]))
    assert "None of its senders can send now" in page_of(cast, campaign(connection, daily_limit=9, senders=named[1:]))


def test_nobodys_senders_are_shown_to_the_team_alone(cast: Cast, connection: Connection) -> None:
    sender(connection, "nobody@acme.example", client_id=None)
    sender(connection, "birch@birch.example", client_id=cast.birch.pk)
    one = campaign(connection, senders=["nobody@acme.example", "birch@birch.example"])
    assert "nobody@acme.example" in page_of(cast, one)
    assert "birch@birch.example" not in page_of(cast, one)
    assert "nobody@acme.example" not in page_of(cast, one, user=cast.cleo)


def test_why_it_sends_nothing_is_said(cast: Cast, connection: Connection) -> None:
    assert "does not send now: waiting for leads" in page_of(cast, campaign(connection, not_sending="waiting for leads"))
    assert "no longer lists this campaign" in page_of(cast, campaign(connection, gone_at=timezone.now()))
    assert "Not read yet" in page_of(cast, campaign(connection, days_stale=True))
    assert "Nothing sent in this window" in page_of(cast, campaign(connection))


def test_another_client_s_campaign_and_nobodys_have_no_page_here(cast: Cast, connection: Connection) -> None:
    browser = as_user(cast.mo)
    for owner in (cast.birch.pk, None):
        one = campaign(connection, client_id=owner)
        assert browser.get(f"/clients/acme/campaigns/{one.uuid}/").status_code == 404


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({}, []),
        (
            {"hours": [{"name": "", "weekdays": [1, 2, 3, 4, 5], "from": "09:00", "to": "17:00", "timezone": "Europe/Paris"}]},
            ["Monday to Friday, 09:00 to 17:00 (Europe/Paris)"],
        ),
        (
            {"hours": [{"name": "", "weekdays": [2, 7], "from": "", "to": "", "timezone": ""}], "last": "2026-12-01"},
            ["Tuesday, Sunday", "Until 2026-12-01"],
        ),
        ({"hours": [{"name": "", "weekdays": [1, 2, 3, 4, 5, 6, 7], "from": "", "to": "", "timezone": ""}]}, ["every day"]),
        ({"first": "2026-10-01", "last": "2026-12-01"}, ["From 2026-10-01 until 2026-12-01"]),
    ],
)
def test_a_schedule_in_words(kept: dict[str, Any], words: list[str]) -> None:
    assert schedule(kept) == words


def test_warmup_that_is_switched_off_has_no_score(cast: Cast, connection: Connection) -> None:
    found = facts(page_of(cast, sender(connection, raw={"warmup_status": "paused", "warmup_score": 0})))
    assert found["warmup"] == "off"


def test_a_sender_s_page_has_its_outreach_and_its_warmup_apart(cast: Cast, connection: Connection) -> None:
    ann = sender(connection)
    sender_day(ann, 1, 50, bounced=1, replied=2)
    warmup(ann, 1, sent=10, received=9, inbox=9, spam=1)
    page = page_of(cast, ann)
    found = facts(page)
    assert (found["sent in 30 days"], found["bounced 1 of 50"]) == ("50", "2.0 %")
    assert (found["daily limit"], found["warmup score active"]) == ("30", "97")
    assert "90.0 % of 10 warmup mails in the inbox" in page
    assert "says nothing about where real mail lands" in page
    own = f"/clients/acme/senders/{ann.uuid}/export/"
    assert [row["sent"] for row in fetched(as_user(cast.ben), f"{own}activity.csv")] == ["50"]
    (row,) = fetched(as_user(cast.ben), f"{own}warmup.csv")
    assert (row["client"], row["email"], row["inbox"], row["spam"]) == ("acme", "ann@acme.example", "9", "1")


def test_a_page_costs_the_same_for_many_senders_and_days(
    cast: Cast, connection: Connection, django_assert_max_num_queries: Any
) -> None:
    browser, emails = as_user(cast.mo), [f"box{n}@acme.example" for n in range(30)]
    one = campaign(connection, senders=emails, sender_tags=["vip"])
    path = f"/clients/acme/campaigns/{one.uuid}/"
    sender_day(sender(connection, emails[0]), 1, 9)
    sent(one, 1, 9)
    browser.get(path)
    with django_assert_max_num_queries(MOST) as few:
        text(browser.get(path))
    for email in emails[1:]:
        sender_day(sender(connection, email), 1, 9)
    for ago in range(2, 20):
        sent(one, ago, 9)
    with django_assert_max_num_queries(MOST) as many:
        text(browser.get(path))
    assert len(many) <= len(few)
