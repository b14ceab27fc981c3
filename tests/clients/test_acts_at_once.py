"""Two who do the same in the same moment: each found it as it was, and it is written down once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from clients import archiving, claiming, connecting
from clients.models import Client, Connection, Health, Scope
from clients.shuffles import scheduling
from clients.vendors.shuffles import IN_PLACE, Order
from reports import sharing
from reports.models import ReportLink
from tests.cast import Cast, connect
from tests.clients.doing import actions


@pytest.fixture
def account(cast: Cast) -> Connection:
    return connect(cast.north, key="a-key-long-enough", client=cast.acme)


def twice(find: Callable[[], Any], act: Callable[[Any, None], object]) -> list[str]:
    """What is written down of it."""
    before, found = len(actions()), [find(), find()]
    for one in found:
        act(one, None)
    return actions()[before:]


def test_a_claim_taken_back_twice(account: Connection) -> None:
    assert twice(Scope.objects.get, claiming.release) == ["scope.removed"]


def test_an_account_paused_resumed_and_removed_twice(account: Connection) -> None:
    assert twice(Connection.objects.get, connecting.pause) == ["connection.paused"]
    assert twice(Connection.objects.get, connecting.resume) == ["connection.resumed"]
    assert twice(Connection.objects.get, connecting.remove) == ["connection.removed"]


def test_an_account_that_is_removed_meanwhile_is_not_resumed(account: Connection) -> None:
    connecting.pause(account, None)
    found = Connection.objects.get()
    connecting.remove(account, None)
    connecting.resume(found, None)
    assert Connection.objects.get().health == Health.PAUSED


def test_a_client_archived_and_restored_twice(account: Connection, cast: Cast) -> None:
    def acme() -> Client:
        return Client.objects.get(pk=cast.acme.pk)

    assert twice(acme, archiving.archive) == ["client.archived", "connection.paused"]
    assert twice(acme, archiving.restore) == ["client.restored", "connection.resumed"]
    assert Connection.objects.get().health == Health.OK


def test_a_schedule_stopped_twice(account: Connection) -> None:
    made = scheduling.set_up(account, 5, Order(IN_PLACE, 50), None)
    assert twice(lambda: type(made).objects.select_related("connection__agency").get(), scheduling.stop) == [
        "shuffle.schedule_stopped"
    ]


def test_a_report_link_revoked_twice(cast: Cast) -> None:
    sharing.make(cast.acme, "Ms Kay", 30, 30, None)
    assert twice(ReportLink.objects.get, sharing.revoke) == ["report_link.revoked"]
