"""Figures of many clients against sums made by hand."""

from __future__ import annotations

from agency.models import User
from clients.models import Connection
from reports.queries import freshness, overview
from reports.scope import Scope
from reports.stats import Rate
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up


def seen_by(user: User, **query: str) -> Scope:
    return Scope.of_member(user.memberships.select_related("agency").get(), query)


def fill(cast: Cast) -> tuple[Connection, Connection]:
    acme = connect(cast.north, key="a" * 40, label="Acme account", client=cast.acme)
    birch = connect(cast.north, key="b" * 40, label="Birch account", client=cast.birch)
    mail(acme, cast.acme, days_ago(0), {"gmail": (70, 10, 20), "outlook": (5, 0, 5)})
    mail(acme, cast.acme, days_ago(6), {"gmail": (30, 0, 0)}, domain="other.example")
    mail(acme, cast.acme, days_ago(7), {"gmail": (1, 1, 2)})
    mail(acme, cast.acme, days_ago(13), {"yahoo": (8, 0, 0)})
    mail(acme, cast.acme, days_ago(14), {"yahoo": (0, 0, 999)})
    mail(birch, cast.birch, days_ago(1), {"gmail": (0, 1, 0)})
    mail(acme, cast.acme, days_ago(0), {"gmail": (0, 0, 500)}, gone_at="2026-01-01T00:00Z")
    mail(acme, None, days_ago(0), {"gmail": (0, 0, 700)})
    roll_up(acme, birch)
    return acme, birch


def test_inboxing_is_summed_over_the_window_and_the_one_before(cast: Cast) -> None:
    fill(cast)
    assert overview.inboxing(seen_by(cast.ann)) == {
        cast.acme.pk: (Rate(70 + 10 + 5 + 30, 140), Rate(2 + 8, 12), None, days_ago(0)),
        cast.birch.pk: (Rate(1, 1), Rate(0, 0), days_ago(1), days_ago(1)),
    }
    assert overview.inboxing(seen_by(cast.ann, window="14"))[cast.acme.pk] == (
        Rate(125, 152),
        Rate(0, 999),
        days_ago(14),
        days_ago(0),
    )


def test_a_quiet_first_day_is_covered_by_earlier_mail(cast: Cast) -> None:
    acme, _ = fill(cast)
    mail(acme, cast.acme, days_ago(60), {"yahoo": (8, 0, 0)})
    roll_up(acme)
    assert overview.inboxing(seen_by(cast.ann, window="14"))[cast.acme.pk].began is None


def test_details_split_the_window_and_keep_the_days_of_the_trend(cast: Cast) -> None:
    fill(cast)
    scope = seen_by(cast.ann)
    found = overview.details(scope, [cast.acme.pk])
    assert set(found) == {cast.acme.pk}
    assert found[cast.acme.pk].providers == {"gmail": Rate(110, 130), "outlook": Rate(5, 10)}
    assert found[cast.acme.pk].days == {
        days_ago(0): Rate(85, 110),
        days_ago(6): Rate(30, 30),
        days_ago(7): Rate(2, 4),
        days_ago(13): Rate(8, 8),
        days_ago(14): Rate(0, 999),
    }


def test_a_trend_reaches_back_four_weeks_or_as_far_as_the_window(cast: Cast) -> None:
    assert overview.trend_start(seen_by(cast.ann)) == days_ago(27)
    assert overview.trend_start(seen_by(cast.ann, window="60")) == days_ago(59)


def test_a_viewer_gets_figures_of_assigned_clients_and_of_nothing_else(cast: Cast) -> None:
    acme, _ = fill(cast)
    SenderFactory(connection=acme, client=None)
    scope = seen_by(cast.cleo)
    assert [line.slug for line in overview.clients(scope)] == ["acme"]
    assert set(overview.inboxing(scope)) == {cast.acme.pk}
    assert [account.label for account in freshness.accounts(scope)] == ["Acme account"]
    assert overview.sender_counts(scope, []) == ({}, 0, 0)
    assert overview.sender_counts(seen_by(cast.ben), []) == ({}, 1, 0)


def test_another_agency_gets_nothing(cast: Cast) -> None:
    fill(cast)
    scope = seen_by(cast.zoe)
    assert [line.slug for line in overview.clients(scope)] == ["oak"]
    assert overview.inboxing(scope) == {}
    assert freshness.accounts(scope) == []
    assert freshness.feeds_at_work(scope, freshness.accounts(scope)) == []


def test_clients_come_with_their_tags_and_their_manager(cast: Cast) -> None:
    cast.acme.manager = cast.mo.memberships.get()
    cast.acme.save()
    cast.acme.tags.create(name="vip")
    cast.acme.tags.create(name="Shop")
    acme, birch = overview.clients(seen_by(cast.ann))
    assert (acme.tags, acme.manager, acme.manager_name) == (("Shop", "vip"), str(cast.acme.manager.uuid), "Mo")
    assert (birch.tags, birch.manager) == ((), "")


def test_senders_are_counted_while_the_vendor_has_them(cast: Cast) -> None:
    acme, _ = fill(cast)
    SenderFactory.create_batch(3, connection=acme, client=cast.acme)
    SenderFactory(connection=acme, client=cast.acme, gone_at="2026-01-01T00:00Z")
    assert overview.sender_counts(seen_by(cast.ann), [cast.acme.pk, cast.birch.pk]) == ({cast.acme.pk: 3}, 0, 0)


def test_the_rows_of_all_mailbox_providers_never_meet_the_split(cast: Cast) -> None:
    """A broadcast whose split is not read yet counts in the headline and in no mailbox provider's cell."""
    acme, _ = fill(cast)
    broadcast = mail(acme, cast.acme, days_ago(0), {"gmail": (50, 0, 0)})
    broadcast.placements.all().delete()
    roll_up(acme)
    scope = seen_by(cast.ann)
    assert overview.inboxing(scope)[cast.acme.pk][0] == Rate(165, 190)
    assert overview.details(scope, [cast.acme.pk])[cast.acme.pk].providers["gmail"] == Rate(110, 130)
