"""A query over a scope's clients gives the same for one client, for whom it is prepared, as for a scope of several."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client
from reports.queries import freshness, placement
from reports.queries.placement import Fall
from reports.queries.prepared import Prepared
from reports.queries.scoped import OfScope
from reports.scope import Scope, Window
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up

NAMES = OfScope(lambda clients: clients.order_by("name").values_list("name"))
SPAN = Window(days_ago(59), days_ago(0))


def of(*clients: Client) -> Scope:
    """Any number's, as a member's is."""
    scope = Scope.of_client(clients[0])
    return replace(scope, clients=Client.objects.filter(pk__in=[client.pk for client in clients]), client=None)


def test_each_scope_gets_its_own_clients(cast: Cast) -> None:
    for client in (cast.acme, cast.birch, cast.acme):
        assert NAMES(Scope.of_client(client)) == NAMES(of(client)) == [(client.name,)]
    assert NAMES(of(cast.acme, cast.birch)) == [(cast.acme.name,), (cast.birch.name,)]
    assert NAMES(replace(of(cast.acme), clients=Client.objects.none())) == []


def test_for_one_client_it_is_put_together_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    NAMES(Scope.of_client(cast.acme))
    monkeypatch.setattr(Prepared, "_compiled", None)
    with CaptureQueriesContext(connection) as captured:
        assert NAMES(Scope.of_client(cast.birch)) == [(cast.birch.name,)]
    assert len(captured) == 1


def test_a_member_s_scope_is_of_no_single_client(cast: Cast) -> None:
    assert Scope.of_member(cast.cleo.memberships.get(), {}).client is None, "though she sees one only"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"domain": "Acme.Example"},
        {"vendor": "inboxally"},
        {"tag": "vip"},
        {"tag": "vip", "domain": "acme.example", "vendor": "inboxally"},
        {"mailbox_provider": "outlook"},
        {"mailbox_provider": "outlook", "tag": "vip"},
    ],
)
def test_placement_is_the_same_for_one_client_and_for_a_scope_of_it(cast: Cast, query: dict[str, Any]) -> None:
    for client, inboxed in ((cast.acme, 7), (cast.birch, 70)):
        account = connect(cast.north, key=f"{client.slug:_<40}", client=client)
        SenderFactory(connection=account, client=client, email="vip@acme.example", external_id="s1", tagged=["vip"])
        for ago in (0, 3, 40):
            shares = {"gmail": (inboxed, 2, 1), "outlook": (inboxed, 0, 7)}
            mail(account, client, days_ago(ago), shares, from_email="vip@acme.example")
        roll_up(account)
    for client, inboxed in ((cast.acme, 7), (cast.birch, 70)):
        one = Scope.of_client(client, query)
        same = replace(one, clients=of(client).clients, client=None)
        days = placement.by_day(one, SPAN)
        assert days["outlook"][days_ago(3)].primary == inboxed
        assert days == placement.by_day(same, SPAN)
        assert placement.by_vendor_and_day(one, SPAN) == placement.by_vendor_and_day(same, SPAN) == {"inboxally": days}
        for fall in (None, Fall("outlook", days_ago(2)), Fall("gmail", days_ago(10))):
            (domain,) = found = placement.by_domain(one, SPAN, fall)
            assert found == placement.by_domain(same, SPAN, fall)
            assert (domain.first, domain.since_fall.received > 0) == (days_ago(40), fall is not None)
        assert placement.sender_tags(one) == placement.sender_tags(same) == ["vip"]
        assert freshness.accounts(one) == freshness.accounts(same) != []
