from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from agency import audit
from clients.models import Placement, Seed, SyncRun
from reports.exports.tables import TABLES
from reports.scope import Scope
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.exports.filled import one_of_each
from tests.reports.exports.reading import column, exported, whole

_WHICH = "client,vendor,connection,day,broadcast_id,subject,from_email,domain"
_COUNTS = "received,primary,promotions,spam,missing,inboxing,low,high"
_RULES = "open,scroll_down,spam_to_inbox,promo_to_inbox,mark_important,reply,click_link"
PROMISED = {
    "placement": f"{_WHICH},mailbox_provider,{_COUNTS}",
    "broadcasts": f"{_WHICH},{_COUNTS}",
    "senders": f"client,vendor,connection,sender_id,email,domain,tags,status,preset,{_RULES}",
    "seeds": "client,vendor,connection,email,mailbox_provider,status,first_seen,gone",
    "runs": "vendor,connection,feed,state,trigger,started,finished,seconds,pages,rows,new,changed,gone,set_aside,outcome",
    "log": "client,at,kind,who,what,about,state,outcome",
    "activity": "client,vendor,connection,day,counted_by,campaign_id,campaign,sender_id,sender,domain,"
    "sent,delivered,opened,clicked,bounced,bounced_hard,bounced_soft,replied,replied_auto,positive,unsubscribed",
}


@pytest.mark.parametrize("table", PROMISED)
def test_the_columns_are_the_promised_ones(cast: Cast, table: str) -> None:
    first = next(iter(TABLES[table].stream(whole(cast.north))))
    assert first.decode() == PROMISED[table] + "\n"


def test_the_documentation_lists_each_address_once() -> None:
    text = (Path(__file__).parents[3] / "docs/csv.md").read_text()
    listed = re.findall(r"^\| `(/[^`]*/export/…)`", text, flags=re.M)
    assert listed
    assert sorted(set(listed)) == sorted(listed)


def test_the_documentation_names_every_column_of_every_table() -> None:
    text = (Path(__file__).parents[3] / "docs/csv.md").read_text()
    for name, table in TABLES.items():
        section = re.split(r"^## ", text.partition(f"## `{name}`")[2], maxsplit=1, flags=re.M)[0]
        assert re.findall(r"^\| `(\w+)` \|", section, flags=re.M) == list(table.columns), name


def test_placement_has_a_row_for_each_mailbox_provider_newest_first(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, label="Main", client=cast.acme)
    mail(connection, cast.acme, days_ago(3), {"yahoo": (3, 1, 0)}, subject="Older")
    mail(connection, cast.acme, days_ago(1), {"outlook": (10, 5, 15), "gmail": (40, 0, 0)}, subject="Newer")
    rows = exported("placement", whole(cast.north))
    assert [(row["subject"], row["mailbox_provider"], row["received"]) for row in rows] == [
        ("Newer", "gmail", "40"),
        ("Newer", "outlook", "30"),
        ("Older", "yahoo", "4"),
    ]
    assert {row["client"] for row in rows} == {"acme"}
    assert {(row["vendor"], row["connection"]) for row in rows} == {("inboxally", "Main")}
    assert rows[0]["day"] == days_ago(1).isoformat()


def test_a_broadcast_without_a_split_is_one_row_with_its_totals(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    split = mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 0), "yahoo": (2, 2, 2)})
    bare = mail(connection, cast.acme, days_ago(2), {"gmail": (20, 5, 5)})
    bare.missing = 3
    bare.save(update_fields=["missing"])
    Placement.objects.filter(broadcast=bare).delete()
    rows = exported("placement", whole(cast.north))
    assert [(row["broadcast_id"], row["mailbox_provider"], row["received"], row["missing"]) for row in rows] == [
        (split.external_id, "gmail", "40", ""),
        (split.external_id, "yahoo", "6", ""),
        (bare.external_id, "", "30", "3"),
    ]
    totals = exported("broadcasts", whole(cast.north))
    assert sum(int(row["received"]) for row in rows) == sum(int(row["received"]) for row in totals) == 76


def test_what_is_gone_or_outside_the_window_is_left_out_as_on_the_pages(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (1, 0, 0)}, subject="Here")
    mail(connection, cast.acme, days_ago(1), {"gmail": (1, 0, 0)}, subject="Gone", gone_at=timezone.now())
    mail(connection, cast.acme, days_ago(30), {"gmail": (1, 0, 0)}, subject="Long ago")
    for table in ("placement", "broadcasts"):
        assert column(exported(table, whole(cast.north)), "subject") == ["Here"]


def test_unassigned_rows_come_last_and_only_for_those_who_see_them(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12)
    mail(connection, None, days_ago(0), {"gmail": (1, 0, 0)}, subject="Nobody's")
    mail(connection, cast.birch, days_ago(1), {"gmail": (1, 0, 0)}, subject="Birch's")
    mail(connection, cast.acme, days_ago(2), {"gmail": (1, 0, 0)}, subject="Acme's")
    rows = exported("placement", whole(cast.north))
    assert [(row["client"], row["subject"]) for row in rows] == [("acme", "Acme's"), ("birch", "Birch's"), ("", "Nobody's")]
    of_viewer = Scope.of_member(cast.cleo.memberships.get(), {})
    assert column(exported("placement", of_viewer), "subject") == ["Acme's"]
    assert column(exported("broadcasts", Scope.of_client(cast.acme)), "subject") == ["Acme's"]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_nothing_of_another_agency_is_in_any_table(cast: Cast, table: str) -> None:
    for agency, client in ((cast.north, cast.acme), (cast.south, cast.oak)):
        one_of_each(agency, client)
    rows = exported(table, whole(cast.north))
    assert rows
    assert [row for row in rows if "oak" in "".join(row.values()).lower()] == []


def test_senders_carry_their_tags_rules_and_state(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, label="Main", client=cast.acme)
    fields = {"status": "active", "preset": "repair", "open": 95, "scroll_down": 70, "reply": 0}
    SenderFactory(
        connection=connection, client=cast.acme, external_id="snd_1", email="b@acme.example", tagged=["vip", "=news"], **fields
    )
    SenderFactory(connection=connection, client=cast.acme, email="a@acme.example", status="active", gone_at=timezone.now())
    gone, repaired = exported("senders", whole(cast.north))
    assert (gone["email"], gone["status"], gone["tags"], gone["open"]) == ("a@acme.example", "gone", "", "")
    assert repaired == {
        "client": "acme",
        "vendor": "inboxally",
        "connection": "Main",
        "sender_id": "snd_1",
        "email": "b@acme.example",
        "domain": "acme.example",
        "tags": "'=news|vip",
        "status": "active",
        "preset": "repair",
        "open": "95",
        "scroll_down": "70",
        "spam_to_inbox": "",
        "promo_to_inbox": "",
        "mark_important": "",
        "reply": "0",
        "click_link": "",
    }


def test_seeds_name_the_clients_that_share_them_as_far_as_the_reader_may_know(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    connection.scopes.create(client=cast.birch, kind="domain", value="birch.example")
    connection.scopes.create(client=cast.birch, kind="tag", value="birch")
    then = datetime(2026, 11, 1, 8, 30, 59, 999_900, tzinfo=UTC)
    Seed.objects.create(connection=connection, email="z@seed.example", mailbox_provider="gmail", status="active", first_seen=then)
    Seed.objects.create(connection=connection, email="a@seed.example", mailbox_provider="web_de", first_seen=then, gone_at=then)
    gone, here = exported("seeds", whole(cast.north))
    assert (gone["email"], gone["mailbox_provider"], gone["status"], gone["gone"]) == (
        "a@seed.example",
        "web_de",
        "gone",
        "2026-11-01T08:30:59Z",
    )
    assert (here["client"], here["status"], here["first_seen"], here["gone"]) == (
        "acme|birch",
        "active",
        "2026-11-01T08:30:59Z",
        "",
    )
    assert column(exported("seeds", Scope.of_member(cast.cleo.memberships.get(), {})), "client") == ["acme", "acme"]


def test_runs_and_the_log_say_what_was_fetched_and_what_was_done(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, label="Main", client=cast.acme)
    feed = connection.feeds.get(resource="broadcasts")
    began = timezone.now().replace(microsecond=0) - timedelta(seconds=10)
    ended = began.replace(microsecond=260_000)
    SyncRun.objects.create(
        feed=feed, state="ok", started_at=began, finished_at=ended, pages=2, rows=9, new=4, outcome="Complete."
    )
    SyncRun.objects.create(feed=feed, state="running", started_at=ended)
    audit.record(None, "client.created", cast.acme, agency=cast.north, subject=cast.acme.uuid)
    running, done = exported("runs", whole(cast.north))
    assert (running["state"], running["finished"], running["seconds"]) == ("running", "", "")
    assert (done["feed"], done["seconds"], done["pages"], done["new"], done["outcome"]) == (
        "broadcasts",
        "0.2",
        "2",
        "4",
        "Complete.",
    )
    assert done["started"] == f"{began:%Y-%m-%dT%H:%M:%SZ}"
    rows = exported("log", whole(cast.north))
    assert [(row["kind"], row["who"], row["what"], row["about"]) for row in rows] == [
        ("person", "terminal", "client.created", "Acme"),
        ("sync", "schedule", "broadcasts", "Main"),
        ("sync", "schedule", "broadcasts", "Main"),
    ]
    assert rows[2]["at"] == f"{began:%Y-%m-%dT%H:%M:%S}.000000Z"
    assert {row["client"] for row in rows} == {"acme"}


def test_the_overview_ranks_as_its_page_does(cast: Cast) -> None:
    for client, spam in ((cast.acme, 2), (cast.birch, 60)):
        connection = connect(cast.north, key=client.slug * 4, client=client)
        mail(connection, client, days_ago(1), {"gmail": (100 - spam, 0, spam)})
        roll_up(connection)
    rows = exported("overview", Scope.of_member(cast.ann.memberships.get(), {}))
    assert [(row["client"], row["received"], row["inboxing"], row["gmail"], row["gmail_received"]) for row in rows] == [
        ("birch", "100", "0.4000", "0.4000", "100"),
        ("acme", "100", "0.9800", "0.9800", "100"),
    ]
    assert {row["yahoo"] for row in rows} == {""}
    listed = exported("clients", Scope.of_member(cast.ann.memberships.get(), {}))
    assert [(row["client"], row["accounts"], row["archived"]) for row in listed] == [("acme", "1", ""), ("birch", "1", "")]
