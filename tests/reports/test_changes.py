"""The list of changes: found by its filters, taken along as CSV, by those who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agency.models import User
from clients.models import Change, ChangeItem, Client, ItemState
from tests.cast import Cast, connect
from tests.clients.changes.changing import CUSTOM
from tests.factories import SenderFactory
from tests.reports.exports.reading import column, fetched
from tests.reports.reading import as_user, text


@pytest.fixture
def made(cast: Cast) -> None:
    """Seven, each told apart by its reason."""
    account = connect(cast.north, key="k", client=cast.acme)

    def change(
        reason: str, by: User | None, state: str, edit: dict[str, Any], client: Client | None = None, **more: Any
    ) -> Change:
        made = Change.objects.create(
            agency=cast.north, reason=reason, made_by=by, state=state, edit=edit, client=client, planned_at=timezone.now(), **more
        )
        if client:
            sender = SenderFactory(connection=account, client=client)
            named = {"connection": account, "client": client, "email": f"{reason.lower()}@acme.example"}
            ChangeItem.objects.create(change=made, sender=sender, state=ItemState.DONE, **named)
        return made

    first = change("One", cast.ann, "done", {"preset": "repair"}, cast.acme)
    change("Two", cast.mo, "planned", CUSTOM, cast.birch)
    old = change("Three", cast.mo, "planned", {"status": "inactive"})
    Change.objects.filter(pk=old.pk).update(planned_at=timezone.now() - timedelta(minutes=61))
    change("Four", None, "waiting", {"preset": "boost"}, stop_requested=True)
    change("Five", cast.ann, "done", {}, cast.acme, undoes=first, applied_by=cast.mo)
    change("Six", cast.ann, "waiting", {"preset": "boost"})
    Change.objects.create(agency=cast.south, reason="Theirs", state="done", edit={"preset": "repair"})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Six", "Five", "Four", "Three", "Two", "One"]),
        ("client=acme", ["Five", "One"]),
        ("client=oak", []),
        ("status=planned", ["Two"]),
        ("status=expired", ["Three"]),
        ("status=stopped", ["Four"]),
        ("status=waiting", ["Six"]),
        ("status=done&client=acme", ["Five", "One"]),
        ("who=mo@north.example", ["Five", "Three", "Two"]),
        ("who=command", ["Four"]),
        ("kind=preset", ["Six", "Four", "One"]),
        ("kind=custom", ["Two"]),
        ("kind=status", ["Three"]),
        ("kind=undo", ["Five"]),
        ("kind=wild", []),
        ("search=two@", ["Two"]),
    ],
)
def test_the_page_and_its_file_have_the_rows_of_the_filter(cast: Cast, made: None, query: str, found: list[str]) -> None:
    browser = as_user(cast.mo)
    shown = text(browser.get(f"/changes/?{query}"))
    assert [shown.count(f">{reason}<") for reason in found] == [1] * len(found)
    assert shown.count('<th scope="row"') == len(found)
    assert ("No change matches" in shown) == (not found)
    rows = fetched(browser, f"/changes/export/changes.csv?{query}")
    assert column(rows, "reason") == found


def test_the_file_says_what_the_page_says(cast: Cast, made: None) -> None:
    rows = {row["reason"]: row for row in fetched(as_user(cast.mo), "/changes/export/changes.csv")}
    assert [rows[name]["state"] for name in ("One", "Three", "Four", "Two")] == ["Done", "Expired", "Stopped", "Planned"]
    assert (rows["Five"]["what"], rows["Five"]["undoes"]) == ("Undo of preset repair", rows["One"]["change"])
    assert (rows["One"]["client"], rows["One"]["senders"], rows["One"]["done"]) == ("acme", "1", "1")
    assert (rows["Five"]["made_by"], rows["Five"]["applied_by"]) == ("Ann", "Mo")
    assert "replied to 6 %" in rows["Two"]["percentages"]


def test_the_choices_are_what_there_is(cast: Cast, made: None) -> None:
    shown = text(as_user(cast.mo).get("/changes/?status=expired"))
    assert '<option value="expired" selected>Expired</option>' in shown
    assert '<option value="ann@north.example">Ann</option>' in shown
    assert '<option value="command">a command</option>' in shown
    assert "oak" not in shown
    assert shown.count('export/changes.csv?status=expired"') == 1
    assert shown.count("Export CSV") == 1
    assert 'export/changes.csv"' in text(as_user(cast.mo).get("/changes/")), "no window is part of the question"
