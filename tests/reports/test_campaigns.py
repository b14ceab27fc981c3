"""The Campaigns tab: which campaigns it lists, what it says of each, and what it says when there are none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from agency.models import User
from clients.models import Benchmark, Campaign, Connection, Feed
from tests.cast import Cast, connect
from tests.factories import SenderFactory, roll_up
from tests.reaching import account, campaign, sender_day, sent
from tests.reports.exports.reading import exported, fetched, whole
from tests.reports.reading import as_user, body, text

PATH = "/clients/acme/campaigns/"


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return account(cast.north, cast.acme)


def tab(cast: Cast, query: str = "", user: User | None = None) -> str:
    return text(as_user(user or cast.ben).get(PATH + query))


def rows(page: str) -> list[list[str]]:
    """Each line's cells as text: name, status, daily limit, senders, sent, opened, clicked, replied, bounced."""
    return body(page)


def test_a_campaign_s_line_has_each_rate_with_its_mails(cast: Cast, connection: Connection) -> None:
    one = campaign(
        connection,
        name="Autumn",
        tags=["vip"],
        daily_limit=1200,
        senders=["a@acme.example", "b@acme.example"],
        not_sending="its daily limit is reached",
        totals={"sent": 900, "bounced": 9},
    )
    sent(one, 1, 100, opened=40, replied=3)
    sent(one, 2, 100, opened=50, replied=2)
    sent(one, 40, 500, opened=500, replied=99)
    ((name, status, limit, senders, *figures),) = rows(tab(cast))
    assert (name, status, limit, senders) == ("Autumn vip", "Active its daily limit is reached", "1,200", "2")
    assert figures == ["200", "45.0 % 90 of 200", "–", "2.5 % 5 of 200", "1.0 % 9 of 900 since it began"]
    assert rows(tab(cast, "?window=60"))[0][4] == "700"


def test_not_measured_and_zero_and_more_than_sent_stay_apart(cast: Cast, connection: Connection) -> None:
    mixed = campaign(connection, name="Mixed")
    sent(mixed, 1, 100, opened=50)
    sent(mixed, 2, 300, opened=None, clicked=0, replied=0)
    late = campaign(connection, name="Late answers")
    sent(late, 1, 2, replied=5)
    campaign(connection, name="Not yet read", days_stale=True)
    campaign(connection, name="Idle")
    found = {line[0]: line[4:] for line in rows(tab(cast))}
    assert found["Mixed"] == ["400", "50.0 % 50 of 100", "0.0 % 0 of 300", "0.0 % 0 of 300", "–"]
    assert found["Late answers"] == ["2", "–", "–", "5", "–"], "a reply to last week's mail is no rate of today's"
    assert found["Idle"] == ["0", "–", "–", "–", "–"]
    assert found["Not yet read"][0] == "–"


def test_it_is_filtered_by_status_and_name_and_sorted(cast: Cast, connection: Connection) -> None:
    for name, status, number in (("Spring", "paused", 5), ("Summer", "active", 50), ("Odd", "-7", 1)):
        sent(campaign(connection, name=name, status=status), 1, number)
    campaign(connection, name="Old", gone_at=timezone.now())
    assert [line[0] for line in rows(tab(cast))] == ["Summer", "Spring", "Odd", "Old"]
    assert [line[0] for line in rows(tab(cast, "?sort=name"))] == ["Odd", "Old", "Spring", "Summer"]
    assert [line[:2] for line in rows(tab(cast, "?status=-7"))] == [["Odd", "Status -7"]]
    assert [line[:2] for line in rows(tab(cast, "?status=gone"))] == [["Old", "Gone"]]
    assert [line[0] for line in rows(tab(cast, "?search=SUM"))] == ["Summer"]
    assert "No campaign matches these filters" in tab(cast, "?search=nothing")
    files = fetched(as_user(cast.ben), f"{PATH}export/campaigns.csv?search=SUM")
    assert [row["campaign"] for row in files] == ["Summer"]


def test_others_campaigns_are_not_there_and_shared_ones_are_named_to_the_team(cast: Cast, connection: Connection) -> None:
    campaign(connection, name="Ours")
    campaign(connection, name="Birch's", client_id=cast.birch.pk)
    campaign(connection, name="Both's", client_id=None, conflict=True)
    assert [line[0] for line in rows(tab(cast))] == ["Ours"]
    assert "counted for none of them: Both&#x27;s." in tab(cast)
    assert "Both" not in tab(cast, user=cast.cleo)


@pytest.mark.parametrize("read", [True, False])
def test_without_campaigns_it_says_why(cast: Cast, read: bool) -> None:
    assert "No account with campaigns" in tab(cast)
    connection = account(cast.north, cast.acme, read=read)
    assert ("No campaigns yet" if read else "Nothing has been read yet") in tab(cast)
    Feed.objects.filter(connection=connection).exclude(resource="campaigns").update(last_ok_at=timezone.now())
    assert ("No campaigns yet" if read else "First sync: the campaigns are being read") in tab(cast)


def test_the_tab_is_only_where_a_vendor_has_campaigns(cast: Cast) -> None:
    connect(cast.north, key="a" * 12, client=cast.acme)
    assert "campaigns/" not in text(as_user(cast.ben).get("/clients/acme/"))
    account(cast.north, cast.acme)
    assert "/clients/acme/campaigns/" in text(as_user(cast.ben).get("/clients/acme/"))


def test_the_file_has_rates_and_sums_and_empty_cells_for_the_unmeasured(cast: Cast, connection: Connection) -> None:
    one = campaign(connection, name="=cmd()", tags=["a", "b"], totals={"sent": 900, "bounced": 9})
    sent(one, 1, 100, replied=5)
    sent(one, 2, 100, replied=0, opened=None)
    nobodys = campaign(connection, name="Nobody's", client_id=None)
    sent(nobodys, 1, 7)
    first, last = exported("campaigns", whole(cast.north))
    assert (first["client"], first["campaign"], first["tags"], first["sent"], first["replied"]) == (
        "acme",
        "'=cmd()",
        "a|b",
        "200",
        "5",
    )
    assert (first["opened"], first["reply_rate"], first["bounced_in_all"], first["opened_in_all"]) == ("", "0.0250", "9", "")
    assert float(first["low"]) < 0.025 < float(first["high"])
    assert (last["client"], last["reply_rate"]) == ("", "")


def test_senders_of_such_a_vendor_lead_to_their_page(cast: Cast, connection: Connection, rf: Any) -> None:
    SenderFactory(
        connection=connection, client=cast.acme, email="ann@acme.example", raw={"daily_limit": 30, "warmup_status": "paused"}
    )
    page = text(as_user(cast.mo).get("/clients/acme/senders/"))
    assert "Warmup score" in page
    assert "Preset" not in page, "none of them has rules"
    assert re.search(r'<a href="/clients/acme/senders/[0-9a-f-]{36}/">ann', page)
    connect(cast.north, key="a" * 12, client=cast.acme)
    SenderFactory(connection=connect(cast.north, key="b" * 12, client=cast.acme), client=cast.acme)
    both = text(as_user(cast.mo).get("/clients/acme/senders/"))
    # In the room of the other vendor's columns, which would else all say that there is nothing to say.
    assert re.search(r'colspan="9">30 a day · warmup off</td>', both)
    assert "Preset" in both


def test_it_is_filtered_by_vendor_where_there_are_two(cast: Cast, connection: Connection) -> None:
    campaign(connection, name="Ours")
    assert 'name="vendor"' not in tab(cast)
    other = connect(cast.north, key="imk_live_0123456789abcdef", label="Other", client=cast.acme, vendor="imail")
    campaign(other, name="Theirs")
    assert 'name="vendor"' in tab(cast)
    page = tab(cast, "?vendor=imail", user=cast.mo)
    assert [line[0] for line in rows(page)] == ["Theirs"]
    assert '<option value="imail" selected>imail</option>' in page
    assert re.search(r'href="/changes/new/\?[^"]*vendor=imail', page), "all that match"
    assert 'name="vendor"' in tab(cast, "?vendor=inboxally")
    files = fetched(as_user(cast.ben), f"{PATH}export/campaigns.csv?vendor=imail")
    assert [row["campaign"] for row in files] == ["Theirs"]


@pytest.mark.parametrize("query", ["", "?tag=vip&sort=name", "?domain=fresh.example"])
def test_five_hundred_cost_as_many_queries_as_one(
    cast: Cast, connection: Connection, query: str, django_assert_max_num_queries: Any
) -> None:
    """With everything that costs one: two vendors, one that publishes its customers' averages, senders by tag, shared ones."""
    Benchmark.objects.create(vendor="imail", shares={"delivered": 0.981, "replied": 0.041})
    other = connect(cast.north, key="imk_live_0123456789abcdef", label="Other", client=cast.acme, vendor="imail")
    sender = SenderFactory(connection=other, client=cast.acme, email="ann@fresh.example", tagged=["fresh"])
    sender_day(sender, 1, 100, bounced=1)
    roll_up(other)
    campaign(connection, name="Both's", client_id=None, conflict=True)
    sent(campaign(other, tags=["vip"], sender_tags=["fresh"]), 1, 9)
    browser = as_user(cast.mo)
    browser.get(PATH + query)
    with django_assert_max_num_queries(14) as one:
        assert len(rows(text(browser.get(PATH + query)))) == 1
    Campaign.objects.bulk_create(
        Campaign(connection=at, client=cast.acme, external_id=f"c{n}", name=f"{n}", tags=["vip"], sender_tags=["fresh"])
        for n in range(250)
        for at in (connection, other)
    )
    with django_assert_max_num_queries(14) as many:
        page = text(browser.get(PATH + query))
    assert "Both&#x27;s" in page
    assert "Beside all customers" in page
    assert len(many) == len(one)
