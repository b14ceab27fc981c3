"""Where prospects stand, what they are worth, how they move, and who has them."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Connection, ConversationLabel, Feed, Sender, StatusMove
from reports.pipeline import Pipeline, Stage, pipeline
from reports.scope import Scope
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.talking import talk

PAGE = "/clients/acme/conversations/pipeline/"
LABELS = (
    ("status", "s1", "New"),
    ("status", "s2", "<b>Won</b>"),
    ("status", "s3", "Lost"),
    ("member", "m1", "=Mara"),
    ("currency", "EUR", "EUR"),
)


@pytest.fixture
def account(cast: Cast) -> Connection:
    made = connect(cast.north, key="inbox-token-0123456789", client=cast.acme, vendor="inbox", label="Talks")
    for kind, named, name in LABELS:
        ConversationLabel.objects.create(connection=made, kind=kind, external_id=named, name=name)
    Feed.objects.update(last_ok_at=timezone.now())
    return made


def moved(row: Any, before: str, after: str, ago: float, stayed: float | None, *, noticed: bool = False) -> None:
    at = timezone.now() - timedelta(days=ago)
    since = None if stayed is None else at - timedelta(days=stayed)
    told = {"before": before, "after": after, "since": since, "at": at, "noticed": noticed}
    StatusMove.objects.create(connection=row.connection, prospect=row.prospect, **told)


@pytest.fixture
def talks(cast: Cast, account: Connection) -> None:
    now = timezone.now()
    first = talk(account, cast.acme, "Dana", status="s2", valuation=Decimal(2500), assignee="m1")
    prospect = first.prospect
    again = talk(account, cast.acme, "Twice", handle="@acme2", last_inbound=False)
    again.prospect.delete()
    again.prospect = prospect
    again.save()
    other = talk(account, cast.acme, "Omar", status="s2", valuation=Decimal(500), archived=True)
    begun = {"created_at": now - timedelta(days=3), "told_from": now - timedelta(days=3), "wrote_at": now - timedelta(days=3)}
    talk(account, cast.acme, "Rosa", status="s1", **begun)
    talk(account, cast.acme, "Nils", **begun, replied_at=now - timedelta(days=2))
    talk(account, cast.acme, "Before us", **begun | {"told_from": None})
    talk(account, cast.acme, "Wrote first", **begun, replied_at=now - timedelta(days=4))
    talk(account, cast.birch, "Not ours", status="s2", valuation=Decimal(9000))
    talk(account, cast.acme, "Gone", status="s1", gone_at=now)
    moved(first, "s1", "s2", 5, 1)
    moved(other, "s1", "s2", 6, 3)
    moved(other, "s3", "s1", 9, None)
    moved(other, "", "s3", 12, 30, noticed=True)
    moved(other, "s2", "s3", 50, 1)


def made(cast: Cast, **query: str) -> Pipeline:
    return pipeline(Scope.of_client(cast.acme, query), timezone.now())


def by_name(found: Pipeline) -> dict[str, Stage]:
    return {stage.name: stage for stage in found.stages}


def test_each_status_has_its_conversations_and_each_prospect_its_value_once(cast: Cast, talks: None) -> None:
    found = made(cast)
    assert [stage.name for stage in found.stages] == ["New", "<b>Won</b>", "Lost", "No status"]
    told = {stage.name: (stage.held.conversations, stage.worth, stage.valued) for stage in found.stages}
    assert told == {
        "New": (1, "–", 0),
        "<b>Won</b>": (3, "3,000 EUR", 2),
        "Lost": (0, "–", 0),
        "No status": (3, "–", 0),
    }
    assert found.worth == ["3,000 EUR"]
    assert tuple(by_name(found)["<b>Won</b>"].share) == (3, 7)


def test_how_long_they_stay_is_of_moves_whose_time_is_known(cast: Cast, talks: None) -> None:
    stages = by_name(made(cast))
    assert (stages["New"].stayed.cell.text, stages["New"].stayed.n) == ("2.0 days", 2)
    assert (stages["New"].moved_in, stages["New"].moved_out) == (1, 2)
    assert stages["Lost"].stayed.cell.text == "–"
    assert stages["No status"].stayed.n == 0
    assert (made(cast).moves, made(cast).inexact, made(cast, window="7").moves, made(cast, window="60").moves) == (4, 1, 2, 5)


def test_replies_are_of_conversations_that_we_began_and_know_from_their_start(cast: Cast, talks: None) -> None:
    found = made(cast)
    assert (tuple(found.replied), found.answers.older) == ((1, 2), 1)
    assert found.first_reply.cell.text == "24.0 h"
    assert not made(cast, window="7").answers.replied[1:]
    Sender.objects.update(client=cast.birch)
    assert made(cast).replied.n == 0


def test_replies_are_looked_for_over_the_same_days_of_each_conversation(cast: Cast, account: Connection) -> None:
    now = timezone.now()

    def began(name: str, ago: int, **values: Any) -> None:
        at = now - timedelta(days=ago)
        talk(account, cast.acme, name, created_at=at, told_from=at, wrote_at=at, **values)

    began("In time", 8, replied_at=now - timedelta(days=6))
    began("Too late", 8, replied_at=now - timedelta(days=4))
    began("Never", 8)
    # Whoever writes at once is told sooner than whoever never does.
    began("Young, and replied", 1, replied_at=now)
    began("Young", 2)
    found = made(cast)
    assert (tuple(found.replied), found.answers.young) == ((1, 3), 2)
    assert "2 are younger, and not counted yet." in text_of(signed_in(cast.mo).get(PAGE))


def test_the_page_shows_it_with_n_and_an_account_that_is_down_in_red(cast: Cast, talks: None) -> None:
    Sender.objects.filter(email="@acme").update(status="active")
    Sender.objects.filter(email="@acme2").update(status="offline")
    shown = text_of(signed_in(cast.cleo).get(PAGE))
    for word in (
        "3,000 EUR",
        "1 of 2",
        "42.9 %",
        "few conversations",
        "1 more was there before",
        '<span class="tag bad">offline',
    ):
        assert word in shown
    assert re.search(r'is-bad">1 of 2</dd>', shown)
    assert "<b>Won" not in shown
    assert "Not ours" not in shown
    assert "9,000" not in shown
    [bars] = json.loads(re.search(r'<script id="charts"[^>]*>(.*?)</script>', shown)[1])["pipeline"]["data"]
    assert bars["x"] == [1, 3, 0]
    assert bars["text"][1] == "3 · 3,000 EUR"
    assert bars["hovertext"][1] == "&lt;b&gt;Won&lt;/b&gt;"


def test_the_files_have_the_same_figures_made_harmless(cast: Cast, talks: None) -> None:
    def rows(table: str) -> list[dict[str, Any]]:
        answer = signed_in(cast.ben).get(f"{PAGE}export/{table}.csv")
        return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))

    won = rows("pipeline")[1]
    assert (won["client"], won["conversations"], won["share"], won["valuation"]) == ("acme", "3", "0.4286", "3000.00")
    assert (won["currency"], won["moved_in"], won["stayed_hours"]) == ("EUR", "2", "")
    assert [(one["member"], one["conversations"], one["valuation"]) for one in rows("assignments")] == [
        ("'=Mara", "2", "2500.00"),
        ("Nobody", "5", "500.00"),
    ]
    moves = rows("status-moves")
    assert [(one["before"], one["after"], one["stayed_hours"], one["told_by"]) for one in moves] == [
        ("New", "<b>Won</b>", "24.00", "event"),
        ("New", "<b>Won</b>", "72.00", "event"),
        ("Lost", "New", "", "event"),
        ("", "Lost", "", "list"),
    ]


def test_two_accounts_keep_their_statuses_and_currencies_apart(cast: Cast, talks: None) -> None:
    other = connect(cast.north, key="inbox-token-9876543210", client=cast.acme, vendor="inbox", label="Second")
    ConversationLabel.objects.create(connection=other, kind="status", external_id="s2", name="Hot")
    ConversationLabel.objects.create(connection=other, kind="currency", external_id="USD", name="USD")
    talk(other, cast.acme, "Yara", status="s2", valuation=Decimal(100))
    found = made(cast)
    assert (found.accounts, found.worth) == (2, ["3,000 EUR", "100 USD"])
    assert [(stage.account, stage.name) for stage in found.stages if stage.place.status == "s2"] == [
        ("Second", "Hot"),
        ("Talks", "<b>Won</b>"),
    ]
    assert by_name(found)["Hot"].share == (1, 1)


def test_why_there_is_nothing_is_said(cast: Cast, account: Connection) -> None:
    browser = signed_in(cast.ben)
    assert "No conversations yet" in text_of(browser.get(PAGE))
    assert "No account with conversations" in text_of(browser.get("/clients/birch/conversations/pipeline/"))
    Feed.objects.filter(resource="conversations").update(last_ok_at=None)
    assert "are being read" in text_of(browser.get(PAGE))
    Connection.objects.update(health="refused", health_reason="No.")
    assert "The key is refused" in text_of(browser.get(PAGE))


def test_many_cost_no_more_queries_than_one(cast: Cast, account: Connection) -> None:
    def asked() -> int:
        with CaptureQueriesContext(database) as queries:
            signed_in(cast.ben).get(PAGE)
        return len(queries)

    moved(talk(account, cast.acme, "Dana", status="s1"), "s1", "s2", 1, 1)
    few = asked()
    for number in range(30):
        moved(talk(account, cast.acme, f"Dana {number}", status=f"s{number}"), "s1", f"s{number}", 1, 1)
    assert asked() == few


def test_vendors_are_told_apart_and_no_status_is_a_line_and_no_bar(cast: Cast, talks: None) -> None:
    mail = connect(cast.north, key="sk_mail_0123456789", client=cast.acme, vendor="inboxbase", label="Mail")
    for name in ("Ida", "Jon"):
        talk(mail, cast.acme, name, handle="acme.mail")
    browser = signed_in(cast.cleo)
    both = text_of(browser.get(PAGE))
    assert '<option value="inboxbase">InboxBase</option>' in both
    assert "<strong>No status</strong> · Mail: 100.0" in both
    ticks = re.search(r'"ticktext": ?(\[.*?\])', both)
    assert ticks
    assert "No status" not in ticks[1]

    alone = text_of(browser.get(PAGE, {"vendor": "inboxbase"}))
    assert "data-chart" not in alone
    assert "<b>Won</b>" not in alone.replace("&lt;", "<").replace("&gt;", ">")
    assert "/clients/acme/conversations/?vendor=inboxbase&amp;kind=waiting" in alone
    listed = text_of(browser.get("/clients/acme/conversations/", {"vendor": "inboxbase"}))
    assert ("Ida" in listed, "Dana" in listed) == (True, False)
    assert [stage.held.conversations for stage in made(cast, vendor="inboxbase").stages] == [2]
    assert "No conversations at this vendor" in text_of(browser.get(PAGE, {"vendor": "imail"}))
