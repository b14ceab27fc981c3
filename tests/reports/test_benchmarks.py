"""Campaigns whose vendor counts by day, has leads, and publishes what all its customers have in common."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Benchmark, Campaign, Connection, Event
from clients.vendors import VENDORS
from reports import campaign as campaign_page
from reports import sender_facts
from reports.benchmarks import INBOXING, SHARES
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.reaching import account, campaign, sender, sender_day, sent
from tests.reports.reading import as_user, text

TAB = "/clients/acme/campaigns/"
COUNTS = {"delivered": 90, "replied": 9, "bounced": 10, "bounced_hard": 6, "bounced_soft": 4, "positive": 3}


def seen(response: Any) -> str:
    """The words of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text(response))).split())


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return connect(cast.north, key="imk_live_0123456789abcdef", client=cast.acme, vendor="imail")


@pytest.fixture
def outbound(connection: Connection) -> Campaign:
    made = campaign(connection, name="Outbound", leads={"queued": 12, "in_sequence": 30}, totals={})
    sent(made, 1, 100, **COUNTS)
    sent(made, 40, 500, **COUNTS)
    return made


@pytest.fixture
def benchmark(db: None) -> Benchmark:
    return Benchmark.objects.create(vendor="imail", shares={"delivered": 0.981, "replied": 0.041, "inboxing": 0.93})


def test_a_client_stands_beside_all_customers(cast: Cast, outbound: Campaign, benchmark: Benchmark) -> None:
    shown = seen(as_user(cast.mo).get(TAB))
    assert "Beside all customers of imail" in shown
    assert "Delivered, of sent 90.0 % 90 of 100 98.1 %" in shown
    assert "Replied, of delivered 10.0 % 9 of 90 4.1 %" in shown


def test_without_mail_there_is_no_rate_of_ones_own(cast: Cast, connection: Connection, benchmark: Benchmark) -> None:
    campaign(connection)
    assert "Delivered, of sent – 98.1 %" in seen(as_user(cast.mo).get(TAB))


def test_nobody_is_compared_with_customers_of_another_vendor(cast: Cast, benchmark: Benchmark) -> None:
    other = account(cast.north, cast.acme)
    sent(campaign(other), 1, 100, delivered=90)
    assert "Beside all customers" not in seen(as_user(cast.mo).get(TAB))


def test_a_client_sees_its_own_alone(cast: Cast, outbound: Campaign, benchmark: Benchmark) -> None:
    birch = connect(cast.north, key="imk_live_fedcba9876543210", client=cast.birch, vendor="imail")
    sent(campaign(birch), 1, 1000, delivered=1000)
    assert "90 of 100" in seen(as_user(cast.cleo).get(TAB))


def test_vendors_are_named_where_there_are_several(cast: Cast, outbound: Campaign) -> None:
    assert "Outbound imail" not in seen(as_user(cast.mo).get(TAB))
    campaign(account(cast.north, cast.acme), name="Other")
    assert "Outbound imail" in seen(as_user(cast.mo).get(TAB))


def test_bounces_by_day_are_those_of_the_window(cast: Cast, outbound: Campaign) -> None:
    listed = seen(as_user(cast.mo).get(TAB))
    assert "10.0 % 10 of 100" in listed
    shown = seen(as_user(cast.mo).get(f"{TAB}{outbound.uuid}/"))
    assert "bounced 10 of 100: 6 hard, 4 soft 10.0 %" in shown
    assert "delivered 90 of 100 90.0 %" in shown
    assert "Leads 42: 30 in sequence, 12 queued" in shown


def test_leads_that_are_not_counted_are_not_shown(cast: Cast, connection: Connection) -> None:
    assert "Leads" not in seen(as_user(cast.mo).get(f"{TAB}{campaign(connection).uuid}/"))
    assert campaign_page.leads({}) == ""


def test_the_file_has_what_the_page_has(cast: Cast, outbound: Campaign) -> None:
    head, row = as_user(cast.mo).get(f"{TAB}export/campaigns.csv").getvalue().decode().strip().splitlines()
    told = dict(zip(head.lstrip("\ufeff").split(","), row.split(","), strict=True))
    assert (told["delivered"], told["bounced"], told["bounced_hard"], told["bounced_soft"]) == ("90", "10", "6", "4")
    assert set(told["leads"].split("|")) == {"queued=12", "in_sequence=30"}


def test_a_lost_inbox_says_why(cast: Cast, connection: Connection) -> None:
    lost = sender(connection, status="disconnected", raw={"last_error": "IMAP: <b>authentication</b> failed"})
    page = as_user(cast.mo).get(f"/clients/acme/senders/{lost.uuid}/")
    assert "Last error IMAP: <b>authentication</b> failed" in seen(page)
    assert "<b>authentication" not in page.text


def test_a_warmup_is_told_apart_from_placement(cast: Cast, connection: Connection) -> None:
    one = sender(connection, raw={"warmup_state": "warming up", "warmup_inbox_rate_7d": 0.953})
    shown = seen(as_user(cast.mo).get(f"/clients/acme/senders/{one.uuid}/"))
    assert "Warmup warming up, 95.3 % of its own mail in the inbox; it says nothing about where real mail lands" in shown


def test_a_warmup_that_is_off_is_so_on_the_tile_in_the_text_and_in_the_list(cast: Cast, connection: Connection) -> None:
    told = {"warmup_status": "paused", "warmup_state": "ready", "warmup_inbox_rate_7d": 0.95, "warmup_score": None}
    one = sender(connection, raw=told)
    assert (sender_facts.warmup(one), sender_facts.state(one)) == ("off", "30 a day · warmup off, 95.0\u00a0% in the inbox")
    assert sender_facts.facts(one)[-1].value == "off"
    shown = seen(as_user(cast.mo).get(f"/clients/acme/senders/{one.uuid}/"))
    assert "Warmup off, 95.0 % of its own mail in the inbox" in shown
    assert "ready" not in shown


def test_what_a_vendor_does_not_say_of_a_sender_is_left_out(cast: Cast, connection: Connection) -> None:
    one = sender(connection, raw=dict.fromkeys(("daily_limit", "warmup_status", "warmup_score")), status="")
    assert (sender_facts.state(one), sender_facts.facts(one)) == ("", [])
    browser = as_user(cast.mo)
    for page in (f"/clients/acme/senders/{one.uuid}/", "/clients/acme/senders/"):
        assert not re.search(r'class="tag [^"]*">–?<', browser.get(page).content.decode())


def test_no_row_more_costs_a_query_more(cast: Cast, outbound: Campaign, benchmark: Benchmark) -> None:
    browser = as_user(cast.mo)
    browser.get(TAB)
    with CaptureQueriesContext(database) as one:
        browser.get(TAB)
    for number in range(20):
        sent(campaign(outbound.connection, name=f"More {number}"), 1, 100, **COUNTS)
    with CaptureQueriesContext(database) as many:
        browser.get(TAB)
    assert len(many) == len(one)


def figures(page: str) -> dict[str, Any]:
    (found,) = re.findall(r'<script id="charts" type="application/json">(.*?)</script>', page, re.DOTALL)
    return dict(json.loads(found))


def drawn(figure: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in figure["data"] if one["name"] == name]


def test_all_customers_are_a_dashed_line_beside_the_same_share(cast: Cast, outbound: Campaign, benchmark: Benchmark) -> None:
    page = text(as_user(cast.mo).get(TAB))
    figure = figures(page)["beside-imail"]
    delivered, replied = sorted(drawn(figure, "All customers of imail"), key=lambda one: -one["y"][0])
    assert {*delivered["y"]} == {98.1}
    assert {*replied["y"]} == {4.1}
    assert delivered["line"]["dash"] == "dash"
    assert delivered["x"] == [f"{days_ago(1)} 12:00:00", days_ago(0).isoformat(), f"{days_ago(0)} 12:00:00"], "24 hours"
    assert len(replied["x"]) == 9
    assert drawn(figure, "Delivered, of sent")[0]["y"] == [90.0]
    assert drawn(figure, "Delivered, of sent")[0]["yaxis"] == delivered["yaxis"] != replied["yaxis"]


def test_placement_of_all_customers_stands_beside_ones_own(cast: Cast, outbound: Campaign, benchmark: Benchmark) -> None:
    mail(outbound.connection, cast.acme, days_ago(1), {"gmail": (15, 3, 2)})
    sender_day(sender(outbound.connection), 1, 30, delivered=30)
    roll_up(outbound.connection)
    page = text(as_user(cast.mo).get("/clients/acme/"))
    (line,) = drawn(figures(page)["trend"], "All customers of imail")
    assert {*line["y"]} == {93.0}
    # Seven days of the thirty: from noon to noon, for a day's point stands at its midnight.
    assert line["x"] == [
        f"{days_ago(7)} 12:00:00",
        *(days_ago(n).isoformat() for n in range(6, -1, -1)),
        f"{days_ago(0)} 12:00:00",
    ]
    assert "All customers of imail: 93.0\u00a0%, last 7 days" in page
    (line,) = drawn(figures(text(as_user(cast.mo).get(TAB)))["together"], "All customers of imail")
    assert {*line["y"]} == {93.0}
    # It is of all mailbox providers, so it stands beside none of them.
    assert not drawn(
        figures(text(as_user(cast.mo).get("/clients/acme/?mailbox_provider=gmail")))["trend"], "All customers of imail"
    )


def test_placement_of_another_vendors_customers_is_no_measure(cast: Cast, benchmark: Benchmark) -> None:
    other = account(cast.north, cast.acme)
    mail(other, cast.acme, days_ago(1), {"gmail": (15, 3, 2)})
    roll_up(other)
    assert "All customers" not in text(as_user(cast.mo).get("/clients/acme/"))


def test_a_mailbox_shows_when_it_was_lost_and_reconnected(cast: Cast, connection: Connection) -> None:
    one = sender(connection, "lost@acme.example")
    now = timezone.now()
    for number, (kind, email) in enumerate(
        [("disconnected", one.email), ("reconnected", one.email), ("disconnected", "other@acme.example"), ("moved", one.email)]
    ):
        raw = json.dumps({"data": {"email": email, "error": "IMAP: <b>refused</b>" if kind == "disconnected" else ""}})
        Event.objects.create(
            connection=connection, external_id=str(number), type=f"inbox.{kind}", mark=number, raw=raw, occurred_at=now
        )
    page = as_user(cast.mo).get(f"/clients/acme/senders/{one.uuid}/")
    shown = seen(page)
    assert "lost IMAP: <b>refused</b>" in shown
    assert "<b>refused" not in page.text
    assert (page.text.count(">lost</span>"), page.text.count(">reconnected</span>")) == (1, 1)
    Event.objects.update(received_at=now - timedelta(days=60))
    assert ">lost</span>" not in as_user(cast.mo).get(f"/clients/acme/senders/{one.uuid}/").text


def test_whoever_publishes_figures_says_how_many_days_they_are_of() -> None:
    publishing = [vendor for vendor in VENDORS.values() if "benchmark" in vendor.feeds]
    assert publishing
    for vendor in publishing:
        assert set(vendor.published_days) == {*SHARES, INBOXING}
        assert all(days > 0 for days in vendor.published_days.values())
