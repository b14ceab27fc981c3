"""Where a sender's mail landed, on its own page, and how it stands."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from clients.models import Broadcast, Connection, Sender
from tests.cast import Cast
from tests.factories import SenderFactory, days_ago
from tests.placing import account, placement_test
from tests.reports.exports.reading import fetched
from tests.reports.reading import as_user, text

ANN, BOB = "ann@acme.example", "bob@acme.example"


@pytest.fixture
def ann(cast: Cast) -> Sender:
    return of(account(cast.north, cast.acme), cast, ANN)


def of(connection: Connection, cast: Cast, email: str) -> Sender:
    return SenderFactory.create(connection=connection, client=cast.acme, email=email, external_id=email)


def page(cast: Cast, sender: Sender, query: str = "") -> str:
    return text(as_user(cast.ben).get(f"/clients/acme/senders/{sender.uuid}/{query}"))


def standing(shown: str) -> str:
    body = shown.partition('id="placement-heading"')[2]
    found = re.search(r"<strong>(.*?)\.</strong>", body)
    return found[1] if found else ""


def rows(shown: str) -> dict[str, list[str]]:
    body = re.search(r'aria-label="Placement by mailbox provider" tabindex="0">(.*?)</table>', shown, re.DOTALL)
    found = re.findall(r"<tr>(.*?)</tr>", body[1].partition("</thead>")[2], re.DOTALL) if body else []
    cells = [[unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row)] for row in found]
    return {row[0]: row[1:4] for row in cells}


def test_its_own_mail_at_each_mailbox_provider_with_n_and_interval(cast: Cast, ann: Sender) -> None:
    landed = {"gmail": "P" * 20 + "S" * 5, "outlook": "S" * 10 + "M"}
    placement_test(ann.connection, {ANN: landed, BOB: {"gmail": "S" * 30}})
    placement_test(ann.connection, {ANN: {"yahoo": "S" * 30}}, on=days_ago(50))
    shown = page(cast, ann)
    assert rows(shown) == {
        "Gmail": ["25", "80.0 %", "60.9–91.1"],
        "Outlook": ["10", "0.0 %", "0–27.8"],
        "All": ["35", "57.1 %", "40.9–72.0"],
    }
    assert standing(shown) == "Problem"
    assert list(rows(page(cast, ann, "?window=60"))) == ["Gmail", "Yahoo", "Outlook", "All"]


@pytest.mark.parametrize(
    ("landed", "fields", "word"),
    [
        ({"gmail": "P" * 16 + "S" * 4}, {}, "Healthy"),
        ({"gmail": "P" * 15 + "S" * 5}, {}, "Problem"),
        ({"gmail": "P" * 19}, {}, "Few mails"),
        ({"gmail": "M" * 9}, {}, "Problem"),
        ({"gmail": "U" * 9 + "M"}, {}, "No verdict"),
        ({}, {}, "Silent"),
        ({}, {"on": days_ago(50)}, "Untested"),
        ({}, {"status": "active", "settled": False}, "Untested"),
        ({}, {"status": "active", "settled": False, "kind": "automated"}, "Untested"),
    ],
)
def test_in_one_word_how_it_stands(cast: Cast, ann: Sender, landed: dict[str, str], fields: Any, word: str) -> None:
    placement_test(ann.connection, {ANN: landed}, **fields)
    shown = page(cast, ann)
    assert standing(shown) == word
    if not landed:
        assert rows(shown) == {}


def test_it_is_not_silent_while_the_others_come_in(cast: Cast, ann: Sender) -> None:
    placement_test(ann.connection, {ANN: {}, BOB: {"gmail": "P"}}, kind="automated", status="active", settled=False)
    assert standing(page(cast, ann)) == "Silent"
    Broadcast.objects.update(missing=None)
    shown = page(cast, ann)
    assert standing(shown) == "Untested"
    assert "have brought nothing yet" in shown


def test_its_placement_as_csv_is_what_its_page_shows(cast: Cast, ann: Sender) -> None:
    placement_test(ann.connection, {ANN: {"gmail": "P" * 20 + "S" * 5, "outlook": "SM"}, BOB: {"gmail": "S" * 30}})
    placement_test(ann.connection, {ANN: {"gmail": "C" * 5}}, on=days_ago(9))
    placement_test(ann.connection, {ANN: {"yahoo": "P"}}, on=days_ago(50))
    path = f"/clients/acme/senders/{ann.uuid}/"
    assert f'href="{path}export/sender-placement.csv?window=30"' in page(cast, ann)
    found = fetched(as_user(cast.ben), f"{path}export/sender-placement.csv?window=30")
    assert {(row["client"], row["sender_id"], row["email"]) for row in found} == {("acme", ANN, ANN)}
    figures = ("mailbox_provider", "received", "promotions", "spam", "missing", "inboxing", "low")
    assert [tuple(row[name] for name in figures) for row in found] == [
        ("gmail", "30", "5", "5", "0", "0.8333", "0.6644"),
        ("outlook", "1", "0", "1", "1", "0.0000", "0.0000"),
    ]
