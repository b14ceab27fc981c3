"""One client's placement against sums made by hand, through each table that can answer."""

from __future__ import annotations

from datetime import date

import pytest

from clients.models import ALL_PROVIDERS, Client, Connection
from reports.queries import placement
from reports.queries.placement import Domain, Fall
from reports.scope import Scope, Window
from reports.stats import Counts
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up

SPAN = Window(days_ago(59), days_ago(0))


def fill(cast: Cast) -> Connection:
    one = connect(cast.north, key="a" * 40, client=cast.acme)
    two = connect(cast.north, key="b" * 40, label="Second", client=cast.acme)
    SenderFactory(connection=one, client=cast.acme, email="vip@acme.example", external_id="s1", tagged=["vip", "news"])
    SenderFactory(connection=one, client=cast.acme, email="other@acme.example", external_id="s2", tagged=["news"])
    SenderFactory(connection=two, client=cast.acme, email="second@acme.example", external_id="s3", tagged=["vip"])
    mail(one, cast.acme, days_ago(0), {"gmail": (7, 2, 1), "outlook": (3, 0, 7)}, from_email="vip@acme.example")
    mail(one, cast.acme, days_ago(0), {"gmail": (5, 0, 0)}, from_email="other@acme.example", domain="b.example", missing=4)
    mail(one, cast.acme, days_ago(40), {"gmail": (10, 0, 0)}, from_email="nobody@acme.example", sender_ref="s1")
    mail(two, cast.acme, days_ago(3), {"outlook": (1, 1, 1)}, from_email="vip@acme.example")
    mail(one, cast.acme, days_ago(80), {"gmail": (99, 0, 0)})
    mail(one, cast.birch, days_ago(0), {"gmail": (77, 0, 0)}, from_email="vip@acme.example")
    mail(one, cast.acme, days_ago(0), {"gmail": (66, 0, 0)}, from_email="vip@acme.example", gone_at="2026-01-01T00:00Z")
    roll_up(one, two)
    return one


def asked(client: Client, **query: str) -> placement.Days:
    return placement.by_day(Scope.of_client(client, query), SPAN)


def test_days_of_all_mailbox_providers_and_of_each(cast: Cast) -> None:
    fill(cast)
    assert asked(cast.acme) == {
        ALL_PROVIDERS: {
            days_ago(0): Counts(25, 15, 2, 8, 4),
            days_ago(3): Counts(3, 1, 1, 1),
            days_ago(40): Counts(10, 10, 0, 0),
        },
        "gmail": {days_ago(0): Counts(15, 12, 2, 1), days_ago(40): Counts(10, 10, 0, 0)},
        "outlook": {days_ago(0): Counts(10, 3, 0, 7), days_ago(3): Counts(3, 1, 1, 1)},
    }


def test_of_one_domain(cast: Cast) -> None:
    fill(cast)
    assert asked(cast.acme, domain="B.Example") == {
        ALL_PROVIDERS: {days_ago(0): Counts(5, 5, 0, 0, 4)},
        "gmail": {days_ago(0): Counts(5, 5, 0, 0)},
    }


def test_of_senders_with_a_tag_by_reference_or_address_and_through_their_own_account(cast: Cast) -> None:
    """'vip@' is tagged on the first account; on the second its address means nobody."""
    fill(cast)
    assert asked(cast.acme, tag="vip") == {
        ALL_PROVIDERS: {days_ago(0): Counts(20, 10, 2, 8), days_ago(40): Counts(10, 10, 0, 0)},
        "gmail": {days_ago(0): Counts(10, 7, 2, 1), days_ago(40): Counts(10, 10, 0, 0)},
        "outlook": {days_ago(0): Counts(10, 3, 0, 7)},
    }
    assert asked(cast.acme, tag="news")[ALL_PROVIDERS][days_ago(0)] == Counts(25, 15, 2, 8, 4)
    assert asked(cast.acme, tag="vip", domain="b.example") == {}


@pytest.mark.parametrize("query", [{"vendor": "instantly"}, {"domain": "x"}, {"tag": "x"}, {"tag": "vip", "vendor": "instantly"}])
def test_what_matches_nothing_is_nothing(cast: Cast, query: dict[str, str]) -> None:
    fill(cast)
    assert asked(cast.acme, **query) == {}


def test_a_filter_that_takes_everything_changes_nothing(cast: Cast) -> None:
    """The three tables agree: days of the client, days of its domains, the broadcasts themselves."""
    connection = fill(cast)
    plain = asked(cast.acme)
    assert asked(cast.acme, vendor="inboxally") == plain
    for at, address in enumerate(["vip@acme.example", "other@acme.example", "nobody@acme.example"]):
        SenderFactory(connection=connection, client=cast.acme, email=address, external_id=f"all-{at}", tagged=["all"])
    second = Connection.objects.get(label="Second")
    SenderFactory(connection=second, client=cast.acme, email="vip@acme.example", external_id="all-9", tagged=["all"])
    assert asked(cast.acme, tag="all") == plain


def test_domains_in_both_windows_and_around_a_fall(cast: Cast) -> None:
    fill(cast)
    scope = Scope.of_client(cast.acme)
    acme, b = placement.by_domain(scope, SPAN, Fall("outlook", days_ago(2)))
    assert acme == Domain(
        "acme.example",
        days_ago(40),
        now=Counts(23, 11, 3, 9),
        before=Counts(10, 10, 0, 0),
        until_fall=Counts(3, 1, 1, 1),
        since_fall=Counts(10, 3, 0, 7),
    )
    assert (b.name, b.first, b.now, b.since_fall) == ("b.example", days_ago(0), Counts(5, 5, 0, 0, 4), Counts())


def test_domains_at_one_mailbox_provider(cast: Cast) -> None:
    fill(cast)
    (acme,) = placement.by_domain(Scope.of_client(cast.acme, {"mailbox_provider": "outlook"}), SPAN)
    assert (acme.name, acme.now) == ("acme.example", Counts(13, 4, 1, 8))
    both = placement.by_domain(Scope.of_client(cast.acme, {"tag": "vip"}), SPAN, Fall("outlook", days_ago(2)))
    assert [(domain.name, domain.now.received, domain.since_fall.spam) for domain in both] == [("acme.example", 20, 7)]


def test_tags_of_the_client_s_senders_once_each(cast: Cast) -> None:
    fill(cast)
    assert placement.sender_tags(Scope.of_client(cast.acme)) == ["news", "vip"]
    assert placement.sender_tags(Scope.of_client(cast.birch)) == []


def test_days_are_dates_on_every_database(cast: Cast) -> None:
    fill(cast)
    for query in ({}, {"domain": "acme.example"}, {"tag": "vip"}):
        assert {type(day) for days in asked(cast.acme, **query).values() for day in days} == {date}
