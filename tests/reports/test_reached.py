"""Outreach beside placement on the pages that have a row for each client."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import Client, Connection, Feed
from reports.scope import Scope
from tests.cast import Cast, connect
from tests.factories import ClientFactory, days_ago, mail, roll_up
from tests.reaching import account, sender, sender_day
from tests.reports.board import overview, row
from tests.reports.exports.reading import exported
from tests.reports.reading import as_user, text
from tests.reports.table import heads, lines


@pytest.fixture
def connection(cast: Cast) -> Connection:
    """Acme sends; Birch is only watched."""
    made = account(cast.north, cast.acme)
    seen = connect(cast.north, key="s" * 20, label="Seen", client=cast.birch)
    mail(seen, cast.birch, days_ago(1), {"gmail": (40, 0, 0)})
    roll_up(seen)
    return made


def reach(cast: Cast, client: str = "Acme") -> list[str]:
    page = overview(cast.ann)
    first = heads(page).index("Sent")
    return row(page, client).cells[first - 1 : first + 2]


def test_sent_bounced_and_replied_stand_beside_and_who_is_only_watched_is_not_measured(
    cast: Cast, connection: Connection
) -> None:
    one = sender(connection)
    sender_day(one, 1, 1200, bounced=12, replied=60)
    sender_day(one, 2, 800)
    sender_day(one, 8, 9999, bounced=999)
    roll_up(connection)
    assert heads(overview(cast.ann))[-6:-3] == ["Sent", "Bounced", "Replied"]
    assert reach(cast) == ["2,000", "1.0 % 1,200", "5.0 % 1,200"]
    assert reach(cast, "Birch") == ["–", "–", "–"]
    assert "bounced: 12 of 1,200" in row(overview(cast.ann), "Acme")


def test_an_agency_without_outreach_has_no_columns_of_it(cast: Cast) -> None:
    made = connect(cast.north, key="s" * 20, client=cast.acme)
    mail(made, cast.acme, days_ago(1), {"gmail": (40, 0, 0)})
    roll_up(made)
    page = overview(cast.ann)
    assert "Sent" not in heads(page)
    assert "Daily activity" not in page
    assert "Bounced" not in text(as_user(cast.ann).get("/clients/"))


def test_few_mails_are_greyed_and_replies_to_older_mail_are_no_rate(cast: Cast, connection: Connection) -> None:
    sender_day(sender(connection), 1, 10, bounced=1, replied=12)
    roll_up(connection)
    assert reach(cast) == ["10", "10.0 % 10", "12"]
    assert 'class="rate reach band-few"' in row(overview(cast.ann), "Acme")


def test_nothing_sent_is_zero_once_it_was_read_and_not_known_before(cast: Cast, connection: Connection) -> None:
    assert reach(cast) == ["0", "–", "–"]
    Feed.objects.filter(connection=connection).update(last_ok_at=None)
    assert reach(cast) == ["–", "–", "–"]


def test_bounces_that_rose_are_marked_and_with_a_fall_of_placement_they_are_a_flag(cast: Cast, connection: Connection) -> None:
    one = sender(connection)
    for day in range(14):
        sender_day(one, day, 1000, bounced=50 if day < 7 else 10)
    roll_up(connection)
    assert reach(cast)[1] == "5.0 % ▲ 7,000"
    assert "bounces rose" not in row(overview(cast.ann), "Acme")
    seen = connect(cast.north, key="u" * 20, label="Eyes", client=cast.acme)
    for day in range(14):
        mail(seen, cast.acme, days_ago(day), {"outlook": (20, 0, 20) if day < 7 else (40, 0, 0)})
    roll_up(seen)
    assert "Bounces rose from 1.0 % to 5.0 % of the mail sent, while inboxing fell" in row(overview(cast.ann), "Acme")


def test_bounces_are_compared_only_where_outreach_covers_the_days_before(
    cast: Cast, connection: Connection, django_assert_max_num_queries: Any
) -> None:
    one = sender(connection)
    for day in range(12):
        sender_day(one, day, 1000, bounced=50 if day < 7 else 10)
    sender_day(one, 13, 0, bounced=0)
    roll_up(connection)
    assert reach(cast)[1] == "5.0 % 7,000"
    sender_day(one, 60, 5, bounced=0)
    roll_up(connection)
    assert reach(cast)[1] == "5.0 % ▲ 7,000", "two days before were quiet, and are covered"
    sender_day(sender(connection, "eve@acme.example"), 13, 5, bounced=0)
    roll_up(connection)
    browser = as_user(cast.ann)
    browser.get("/")
    with django_assert_max_num_queries(13) as covered:
        browser.get("/")
    assert sum("outreachday" in query["sql"] for query in covered) == 1, "nothing is left open"


def test_sixty_clients_cost_as_many_queries_as_one_and_read_the_sums_alone(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    Client.objects.filter(pk=cast.birch.pk).delete()
    browser = as_user(cast.ann)
    _fill(cast, [cast.acme])
    for path in ("/", "/clients/"):
        browser.get(path)
    with django_assert_max_num_queries(13) as one:
        browser.get("/")
    with django_assert_max_num_queries(13) as listed:
        browser.get("/clients/")
    _fill(cast, ClientFactory.create_batch(60, agency=cast.north))
    with django_assert_max_num_queries(13) as many:
        assert len(lines(text(browser.get("/")))) == 50
    with django_assert_max_num_queries(13) as all_listed:
        browser.get("/clients/")
    assert (len(one), len(listed)) == (len(many), len(all_listed))
    assert sum("outreachday" in query["sql"] for query in many) == 1
    assert not any("activityday" in query["sql"] for query in many), "never the days of senders"


def _fill(cast: Cast, clients: list[Client]) -> None:
    for client in clients:
        made = account(cast.north, client, key=f"a key of {client.slug}")
        sender_day(sender(made, f"ann@{client.slug}.example"), 1, 100, bounced=1)
        roll_up(made)


def test_the_client_list_and_both_files_have_it(cast: Cast, connection: Connection) -> None:
    sender_day(sender(connection), 1, 1000, bounced=10)
    roll_up(connection)
    page = text(as_user(cast.ann).get("/clients/"))
    assert '1.0 %<span class="sub">1,000</span>' in page
    for table in ("overview", "clients"):
        rows = {each["client"]: each for each in exported(table, Scope.of_member(cast.ann.memberships.get(), {}))}
        acme, birch = rows["acme"], rows["birch"]
        assert [acme[name] for name in ("sent", "bounced", "bounced_of", "bounce_rate", "replied", "reply_rate")] == [
            "1000", "10", "1000", "0.0100", "", "",
        ]  # fmt: skip
        assert float(acme["bounce_low"]) < 0.01 < float(acme["bounce_high"])
        assert {birch[name] for name in ("sent", "bounced", "replied", "reply_low")} == {""}
