"""Holding placement tests that came home against what the vendor has."""

from __future__ import annotations

from collections import Counter
from typing import Any

from agency.models import Agency
from clients.models import Broadcast, Client, Connection, Placement, PlacementDay, PlacementTest, TestMail
from clients.vendors.instantly_tests_wire import mailbox_provider
from sandbox.server import Sandbox
from tests.cast import connect as _connect
from tests.clients.sync.syncing import assert_sums_hold

#: (test, day, sender, mailbox provider) → (received, primary, promotions, spam, missing)
type Cells = dict[tuple[str, str, str, str], tuple[int | None, ...]]

LIST, MAILS, REPORTS, MEMBERS, ACCOUNTS = (
    f"/api/v2/{name}"
    for name in (
        "inbox-placement-tests", "inbox-placement-analytics", "inbox-placement-reports", "workspace-group-members", "accounts",
    )
)  # fmt: skip


def connect(agency: Agency, box: Sandbox, key: str, client: Client | None = None, **more: Any) -> Connection:
    return _connect(agency, key=box.instantly.key(key), vendor="instantly", client=client, **more)


def truth(box: Sandbox, workspace: str) -> dict[str, Any]:
    return box.instantly.truth(workspace)


def true_cells(box: Sandbox, workspace: str) -> Cells:
    """Days are those on which a test was made, or on which its run began; missing is known of what is over."""
    cells: dict[Any, Counter[str]] = {}
    known: dict[Any, bool] = {}
    for test in truth(box, workspace)["tests"]:
        over = {run["start"]: run["done"] for run in test["runs"]}
        for row in test["rows"]:
            provider, _ = mailbox_provider(row["recipient_esp"], row["recipient_type"])
            key = (test["test_id"], row["date"], row["sender"], provider)
            cells.setdefault(key, Counter()).update(
                {name: row[name] for name in ("seeds", "received", "inbox", "category", "spam", "undecided")}
            )
            known[key] = (test["status"] == 3) if test["type"] == 1 else over[row["run"]]
    return {key: _counts(cell, over=known[key]) for key, cell in cells.items()}


def _counts(cell: Counter[str], *, over: bool) -> tuple[int | None, ...]:
    landed = cell["received"] - cell["undecided"]
    return landed, cell["inbox"], cell["category"], cell["spam"], cell["seeds"] - landed if over else None


def kept_cells(connection: Connection, workspace: str = "") -> Cells:
    rows = Placement.objects.filter(
        broadcast__connection=connection, broadcast__gone_at=None, broadcast__test__workspace=workspace
    )
    names = ("broadcast__test__external_id", "broadcast__day", "broadcast__from_email", "mailbox_provider")
    counts = ("received", "primary", "promotions", "spam", "missing")
    return {(row[0], row[1].isoformat(), row[2], row[3]): row[4:] for row in rows.values_list(*names, *counts)}


def assert_true(box: Sandbox, name: str, connection: Connection, workspace: str = "") -> None:
    """Nothing lost, nothing doubled: mails, broadcasts, their split and the roll-ups are what the vendor has."""
    told = truth(box, name)["tests"]
    tests = PlacementTest.objects.filter(connection=connection, workspace=workspace, gone_at=None)
    assert {test.external_id for test in tests} == {test["test_id"] for test in told}
    for test in told:
        kept = tests.get(external_id=test["test_id"])
        mails = TestMail.objects.filter(test=kept)
        assert (mails.filter(record="sent").count(), mails.filter(record="received").count()) == (
            test["sent_rows"],
            test["received_rows"],
        ), test["name"]
        assert (kept.rows, kept.foreign) == (test["sent_rows"] + test["received_rows"], sum(test["foreign"].values()))
        assert set(kept.parts.filter(rows=0).values_list("email", flat=True)) == set(test["silent"])
    kept_, true = kept_cells(connection, workspace), true_cells(box, name)
    odd = [(key, kept_.get(key), true.get(key)) for key in sorted({*kept_, *true}) if kept_.get(key) != true.get(key)]
    assert not odd, f"{len(odd)} of {len(true)}: {odd[:3]}"
    broadcasts = Broadcast.objects.filter(connection=connection, gone_at=None)
    for broadcast in broadcasts.prefetch_related("placements"):
        parts = list(broadcast.placements.all())
        for count in ("received", "primary", "promotions", "spam"):
            assert getattr(broadcast, count) == sum(getattr(part, count) for part in parts)
        assert not broadcast.split_stale
    assert_sums_hold(connection)
    assert PlacementDay.objects.filter(connection=connection).exists() == broadcasts.exists()


def asked(box: Sandbox, path: str, **query: str) -> int:
    """How often; with the query's fields that are named."""
    return sum(all(one.query.get(name) == value for name, value in query.items()) for one in box.requests.to(path))
