"""The tab of conversations: whom a client's accounts talk with, and where that stands."""

from __future__ import annotations

import csv
import io
import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Connection, ConversationLabel, Feed, Mail, Purpose
from reports.pipeline import pipeline
from reports.scope import Scope
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.talking import talk

TAB = "/clients/acme/conversations/"


@pytest.fixture
def account(cast: Cast) -> Connection:
    made = connect(cast.north, key="inbox-token-0123456789", client=cast.acme, vendor="inbox", label="Talks")
    for kind, named, name in (("tag", "t1", "Hot"), ("status", "s1", "Won"), ("member", "m1", "Mara Lind")):
        ConversationLabel.objects.create(connection=made, kind=kind, external_id=named, name=name)
    Feed.objects.update(last_ok_at=timezone.now())
    return made


@pytest.fixture
def talks(cast: Cast, account: Connection) -> None:
    now = timezone.now()
    talk(account, cast.acme, "Dana", at=now, tags=["t1"], status="s1", assignee="m1", valuation=Decimal(2500))
    talk(account, cast.acme, "Omar", at=now - timedelta(hours=1), last_inbound=False, last_text="Shall we?")
    talk(account, cast.acme, "Rosa", at=now - timedelta(hours=2), archived=True)
    talk(account, cast.acme, "<script>alert(1)</script>", at=now - timedelta(hours=3), is_request=True, last_text="=cmd")
    talk(account, cast.acme, "Gone", gone_at=now)
    talk(account, cast.birch, "Nils")


def listed(shown: str) -> list[str]:
    return re.findall(r'<th scope="row"><a[^>]+>([^<]+)', shown)


def test_what_each_says_stands_there_with_names(cast: Cast, talks: None) -> None:
    shown = text_of(signed_in(cast.cleo).get(TAB))
    assert listed(shown) == ["Dana", "Omar", "Rosa", "&lt;script&gt;alert(1)&lt;/script&gt;"]
    for word in ("Hot", "Won", "Mara Lind", "2,500", "Shall we?", "@acme"):
        assert word in shown
    assert "Nils" not in shown
    assert "Gone" not in shown
    facts = re.findall(r"<dd>(?:<a[^>]*>)?([\d,]+)", shown)
    assert facts == ["4", "1", "1", "1", "2,500"]


def test_values_have_their_account_s_currency_and_two_are_never_added_up(cast: Cast, account: Connection, talks: None) -> None:
    other = connect(cast.north, key="inbox-token-9876543210", client=cast.acme, vendor="inbox", label="Others")
    talk(other, cast.acme, "Ida", valuation=Decimal(40))
    talk(other, cast.acme, "Paul", valuation=Decimal(2))
    for which, currency in ((account, "EUR"), (other, "USD")):
        ConversationLabel.objects.create(connection=which, kind="currency", external_id=currency, name=currency)
    shown = text_of(signed_in(cast.cleo).get(TAB))
    assert re.findall(r"<dd>(?:<a[^>]*>)?([\d,]+ [A-Z]+)", shown) == ["2,500 EUR", "42 USD"]
    assert 'data-head="Value">40 USD<' in shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=waiting", ["Dana"]),
        ("kind=answered", ["Omar"]),
        ("kind=archived", ["Rosa"]),
        ("kind=odd", []),
        ("tag=t1", ["Dana"]),
        ("tag=t", []),
        ("status=s1", ["Dana"]),
        ("search=shall", ["Omar"]),
        ("search=@friend&kind=waiting", ["Dana"]),
        ("who=@acme&search=rosa", ["Rosa"]),
        ("who=@birch", []),
    ],
)
def test_filters_narrow_it(cast: Cast, talks: None, query: str, names: list[str]) -> None:
    shown = text_of(signed_in(cast.ben).get(f"{TAB}?{query}"))
    assert listed(shown) == names
    assert names or "Clear filters" in shown


def test_the_file_has_the_same_rows_made_harmless(cast: Cast, talks: None) -> None:
    def rows(query: str = "") -> list[dict[str, Any]]:
        answer = signed_in(cast.ben).get(f"{TAB}export/conversations.csv?{query}")
        return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))

    assert [row["place"] for row in rows()] == ["waiting", "answered", "archived", "request"]
    [dana] = rows("kind=waiting")
    assert next(iter(dana.items())) == ("client", "acme")
    assert (dana["prospect"], dana["account"], dana["tags"], dana["status"]) == ("Dana", "'@acme", "Hot", "Won")
    assert (dana["assignee"], dana["valuation"], dana["last_by"]) == ("Mara Lind", "2500.00", "prospect")
    assert rows("kind=requests")[0]["last_text"] == "'=cmd"


def test_the_tab_stands_only_where_there_is_an_account_for_it(cast: Cast, account: Connection) -> None:
    browser = signed_in(cast.ben)
    assert TAB in text_of(browser.get("/clients/acme/activity/"))
    assert "/clients/birch/conversations/" not in text_of(browser.get("/clients/birch/activity/"))
    assert "No account with conversations" in text_of(browser.get("/clients/birch/conversations/"))


def test_why_there_is_nothing_is_said(cast: Cast, account: Connection) -> None:
    browser = signed_in(cast.ben)
    assert "No conversations yet" in text_of(browser.get(TAB))
    Feed.objects.filter(resource="conversations").update(last_ok_at=None)
    assert "are being read" in text_of(browser.get(TAB))
    Feed.objects.update(last_ok_at=None)
    assert "Nothing has been read yet" in text_of(browser.get(TAB))
    Connection.objects.update(health="refused", health_reason="No.")
    assert "The key is refused" in text_of(browser.get(TAB))


def test_many_cost_no_more_queries_than_one(cast: Cast, account: Connection) -> None:
    def asked() -> int:
        with CaptureQueriesContext(database) as queries:
            signed_in(cast.ben).get(TAB)
        return len(queries)

    talk(account, cast.acme, "Dana", tags=["t1"])
    few = asked()
    for number in range(30):
        talk(account, cast.acme, f"Dana {number}", tags=["t1"], status="s1")
    assert asked() == few


def test_a_placement_probe_is_nobody_one_talks_with(cast: Cast, account: Connection, talks: None) -> None:
    then = timezone.now() - timedelta(days=5)  # long enough ago to have been answered
    probe = talk(account, cast.acme, "A seed", wrote_at=then, created_at=then, told_from=then)
    letter = talk(account, cast.acme, "A reader", at=timezone.now() - timedelta(days=1))

    def counted() -> tuple[int, int]:
        found = pipeline(Scope.of_client(cast.acme), timezone.now())
        return sum(stage.held.conversations for stage in found.stages), found.answers.unanswered

    before = counted()
    for row, purpose in ((probe, Purpose.PROBE), (letter, Purpose.LETTER)):
        Mail.objects.create(
            client=cast.acme, connection=account, batch=uuid.uuid4(), key=row.external_id, to="seed@seeds.example",
            purpose=purpose, conversation=row.external_id, state="accepted", finished_at=timezone.now(),
        )  # fmt: skip
    assert [was - now for was, now in zip(before, counted(), strict=True)] == [1, 1]
    shown = text_of(signed_in(cast.cleo).get(TAB))
    assert "A seed" not in listed(shown)
    assert "A reader" in listed(shown)
    assert "Placement probes" in shown
    assert listed(text_of(signed_in(cast.cleo).get(f"{TAB}?kind=probes"))) == ["A seed"]
