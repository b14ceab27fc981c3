"""Asking for placement tests, and what the vendor saw of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from agency.models import User
from clients.models import Connection, PlacementTest, Sender, TestOrder
from clients.ordering import choosing, working
from sandbox.log import Asked
from sandbox.server import Sandbox
from tests.clients.doing import signed_in

#: The product's clock is the machine's, so the vendor's data end on the same day.
TODAY = datetime.now(UTC).date()
VENDOR, KEY = "instantly", "tidal"  # on the smaller plan: three seed groups, nothing automated
PATH = "/api/v2/inbox-placement-tests"
GOOGLE = "North America|US|Professional|Google"


def answers(connection: Connection, **other: Any) -> dict[str, Any]:
    """What somebody fills in: all senders, one group, one mail."""
    mine = Sender.objects.filter(connection=connection, client__slug="acme", status="active")
    return {
        "kind": "once",
        "name": "Autumn",
        "subject": "A question",
        "body": "Hello <you>,\n\nis it there?",
        "body_as": "plain",
        "text_only": "on",
        "senders": [str(uuid) for uuid in mine.values_list("uuid", flat=True)],
        "groups": [GOOGLE],
        "delivery": "one",
        "method": "vendor",
        **other,
    }


def planned(user: User, connection: Connection, **other: Any) -> TestOrder:
    answer = signed_in(user).post("/clients/acme/tests/new/", answers(connection, **other))
    assert answer.status_code == 302, answer.context["form"].errors
    return TestOrder.objects.latest("pk")


def confirmed(user: User, connection: Connection, **other: Any) -> TestOrder:
    order = planned(user, connection, **other)
    signed_in(user).post(f"/tests/{order.uuid}/confirm/")
    order.refresh_from_db()
    assert order.state == "ready"
    return order


def go_on(order: TestOrder) -> TestOrder:
    """What the next worker makes of it, however soon."""
    TestOrder.objects.filter(pk=order.pk).update(next_at=timezone.now())
    working.run(order.pk)
    order.refresh_from_db()
    return order


def died(order: TestOrder) -> None:
    """As if the lease of the worker that died had ended."""
    TestOrder.objects.filter(pk=order.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))


def sent(box: Sandbox) -> list[Asked]:
    return box.requests.to(PATH, "POST")


def at_the_vendor(box: Sandbox, name: str = "Autumn") -> list[Any]:
    return [test for test in box.instantly.workspace(KEY).tests.values() if test.name == name]


def place(connection: Connection) -> choosing.Place:
    return choosing.Place(connection, "", connection.label)


def theirs(box: Sandbox, monday: PlacementTest) -> Any:
    return box.instantly.workspace("northwind").tests.get(monday.external_id)
