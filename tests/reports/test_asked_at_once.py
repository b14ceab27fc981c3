"""An automated test whose first run was asked for at once: what its pages say until the first mail is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from clients.models import OrderState, PlacementTest, TestOrder
from tests.cast import Cast
from tests.factories import days_ago
from tests.placing import account, placement_test
from tests.reports.reading import as_user, text

ANN = "ann@acme.example"
AT = datetime(2026, 11, 20, 17, 5, tzinfo=UTC)


def make(cast: Cast, *, at_once: bool = True, **fields: Any) -> PlacementTest:
    known = {"kind": "automated", "status": "active", "settled": False, "on": days_ago(0), **fields}
    test = placement_test(account(cast.north, cast.acme), known.pop("landed", {ANN: {}}), **known)
    wanted = {"name": "Weekly", "kind": "automated", "at_once": at_once}
    order = {"client": cast.acme, "connection": test.connection, "state": OrderState.MADE, "finished_at": timezone.now()}
    TestOrder.objects.create(test=test, wanted=wanted, sent_at=AT, **order)
    return test


def test_it_says_when_it_was_asked_and_that_it_waits(cast: Cast) -> None:
    test, browser = make(cast), as_user(cast.ben)
    assert "asked to run 20 Nov 2026, 17:05 UTC, nothing in yet" in text(browser.get("/clients/acme/tests/"))
    page = text(browser.get(f"/clients/acme/tests/{test.uuid}/"))
    assert "asked to run at once on 20 Nov 2026, 17:05 UTC, and waits for its vendor" in page
    assert "has not run yet" not in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"at_once": False}, "has not run yet"),
        ({"status": "paused"}, "has not run yet"),
        ({"not_sending": "daily_limits_hit"}, "has not run yet"),
        ({"landed": {ANN: {"gmail": "P"}}}, "1 of 1 in"),
    ],
)
def test_it_says_otherwise_where_that_is_not_what_it_waits_for(cast: Cast, fields: Any, said: str) -> None:
    test = make(cast, **fields)
    test.broadcasts.update(missing=None)
    page = text(as_user(cast.ben).get("/clients/acme/tests/"))
    assert said in page
    assert "asked to run" not in page
