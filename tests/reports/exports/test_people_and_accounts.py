"""Vendor accounts, report links, the team, changes and a page's figures as files: the rows of their pages and no secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import (
    Broadcast,
    Change,
    ChangeItem,
    Connection,
    Placement,
    Seed,
    SeedBook,
    Sender,
    Shuffle,
    SyncRun,
    Workspace,
)
from reports import sharing
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.exports.reading import column, exported, fetched, whole
from tests.reports.reading import as_user, text


@pytest.fixture
def shared(cast: Cast) -> Connection:
    """Serves Acme by a domain and Birch by a tag; a third domain is nobody's."""
    connection = connect(cast.north, key="ia-live-0123456789-9f3c", label="=Shared", client=None)
    connection.scopes.create(client=cast.acme, kind="domain", value="acme.example")
    connection.scopes.create(client=cast.birch, kind="tag", value="birch")
    mail(connection, None, days_ago(1), {"gmail": (30, 0, 10)}, domain="stray.example")
    mail(connection, cast.acme, days_ago(1), {"gmail": (30, 0, 10)}, domain="acme.example")
    SenderFactory(connection=connection, client=None, email="a@stray.example", tagged=["loose"])
    SenderFactory(connection=connection, client=None, email="b@acme.example", tagged=["birch"], conflict=True)
    roll_up(connection)
    return connection


def test_connections_show_no_more_of_a_key_than_its_page(cast: Cast, shared: Connection) -> None:
    now = timezone.now().replace(microsecond=0)
    Connection.objects.update(last_ok_at=now)
    shared.feeds.update(last_ok_at=now)
    (row,) = fetched(as_user(cast.ben), "/connections/export/connections.csv")
    assert row == {
        "client": "acme|birch",
        "vendor": "inboxally",
        "connection": "'=Shared",
        "key": "9f3c",
        "scopes": "domain acme.example|tag birch",
        "health": "working",
        "detail": "",
        "last_answer": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "oldest_pass": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "late_feeds": "0",
        "removed": "",
        "ledger": "",
    }
    # To a client's reader it is the client's part alone.
    (own,) = fetched(as_user(cast.cleo), "/clients/acme/connections/export/connections.csv")
    assert (own["client"], own["scopes"], own["key"]) == ("acme", "domain acme.example", "")


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("", ["Birch's", "Main"]),
        ("search=birch", ["Birch's"]),
        ("health=refused", ["Main"]),
        ("health=removed", ["Old"]),
        ("health=nonsense", []),
        (f"search={'x' * 300}", []),
    ],
)
def test_connections_are_narrowed_as_on_their_page(cast: Cast, query: str, labels: list[str]) -> None:
    connect(cast.north, key="a" * 12, label="Main", client=cast.acme)
    connect(cast.north, key="b" * 12, label="Birch's", client=cast.birch)
    connect(cast.north, key="c" * 12, label="Old", client=cast.acme)
    Connection.objects.filter(label="Main").update(health="refused")
    Connection.objects.filter(label="Old").update(removed_at=timezone.now())
    browser = as_user(cast.ben)
    assert column(fetched(browser, f"/connections/export/connections.csv?{query}"), "connection") == labels
    page = text(browser.get(f"/connections/?{query}"))
    assert [label for label in ("Birch's", "Main", "Old") if f">{label}<" in page.replace("&#x27;", "'")] == labels
    if labels:
        assert "/connections/export/connections.csv?" + query in page.replace("&amp;", "&")
    # A client's page tells of removed ones as well.
    theirs = fetched(browser, "/clients/acme/connections/export/connections.csv")
    assert [(row["connection"], bool(row["removed"])) for row in theirs] == [("Main", False), ("Old", True)]


def test_the_runs_of_one_account_are_all_of_its_and_no_others(cast: Cast, shared: Connection) -> None:
    other = connect(cast.north, key="b" * 12, client=cast.birch)
    long_ago = timezone.now() - timedelta(days=400)
    SyncRun.objects.create(feed=shared.feeds.all()[0], state="ok", outcome="Complete.", started_at=long_ago)
    SyncRun.objects.create(feed=shared.feeds.all()[0], state="failed", outcome="=cmd()")
    SyncRun.objects.create(feed=other.feeds.all()[0], state="failed", outcome="Another's")
    Connection.objects.filter(pk=shared.pk).update(removed_at=timezone.now())
    browser = as_user(cast.ben)
    path = f"/connections/{shared.uuid}/export/runs.csv"
    assert path in text(browser.get(f"/connections/{shared.uuid}/"))
    assert column(fetched(browser, path), "outcome") == ["'=cmd()", "Complete."]
    assert as_user(cast.zoe).get(path).status_code == 404


def test_report_links_hold_no_token(cast: Cast) -> None:
    browser = as_user(cast.mo)
    link, token = sharing.make(cast.acme, "=Ms Kay, 😀", 30, 30, None)
    sharing.make(cast.birch, "Birch's", None, 30, None)
    sharing.revoke(link, None)
    path = "/clients/acme/reports/export/report_links.csv"
    assert path in text(browser.get("/clients/acme/reports/"))
    (row,) = fetched(browser, path)
    link.refresh_from_db()
    assert [row[name] for name in ("client", "for_whom", "state", "days")] == ["acme", "'=Ms Kay, 😀", "revoked", "30"]
    assert row["revoked"] == f"{link.revoked_at:%Y-%m-%dT%H:%M:%SZ}"
    body = b"".join(browser.get(path).streaming_content).decode()
    assert token not in body
    assert link.token_hash not in body
    assert column(exported("report_links", whole(cast.north)), "for_whom") == ["'=Ms Kay, 😀", "Birch's"]


def test_the_team_stands_in_the_order_of_its_page(cast: Cast) -> None:
    rows = fetched(as_user(cast.mo), "/settings/team/export/team.csv")
    assert [(row["name"], row["role"]) for row in rows] == [
        ("Ann", "owner"),
        ("Mo", "manager"),
        ("Ben", "analyst"),
        ("Cleo", "viewer"),
    ]
    assert "/settings/team/export/team.csv" in text(as_user(cast.mo).get("/settings/team/"))


def test_unassigned_are_domains_tags_and_conflicts(cast: Cast, shared: Connection) -> None:
    browser = as_user(cast.ben)
    rows = fetched(browser, "/unassigned/export/unassigned.csv")
    assert [(row["kind"], row["value"], row["senders"], row["mails"], row["claimed_by"]) for row in rows] == [
        ("domain", "stray.example", "1", "40", ""),
        ("tag", "loose", "1", "", ""),
        ("conflict", "b@acme.example", "1", "", "acme: domain acme.example|birch: tag birch"),
    ]
    assert "/unassigned/export/unassigned.csv" in text(browser.get("/unassigned/"))


def test_an_unassigned_workspace_is_named_as_on_the_page(cast: Cast) -> None:
    group = connect(cast.north, key="g" * 20, label="Group", vendor="instantly")
    Workspace.objects.create(connection=group, external_id="018ce695-7c1f", name="=Harbour")
    SenderFactory(connection=group, workspace="018ce695-7c1f", email="a@harbour.example")
    rows = fetched(as_user(cast.ben), "/unassigned/export/unassigned.csv")
    assert [(row["kind"], row["value"]) for row in rows] == [("domain", "harbour.example"), ("workspace", "'=Harbour")]


@pytest.fixture
def change(cast: Cast, shared: Connection) -> Change:
    made = Change.objects.create(
        agency=cast.north, client=cast.acme, selector={"by": "filters", "filters": {"client": "acme"}}, made_by=cast.mo,
        edit={"status": "inactive"}, reason="=1+1", state="planned",
    )  # fmt: skip
    for sender, state in zip(Sender.objects.order_by("email"), ("noop", "planned"), strict=True):
        ChangeItem.objects.create(
            change=made, sender=sender, connection=shared, email=sender.email, client=cast.acme, state=state,
            before={"status": "active"}, after={"status": "inactive"},
        )  # fmt: skip
    return made


def test_the_senders_of_a_change(cast: Cast, change: Change) -> None:
    browser = as_user(cast.mo)
    path = f"/changes/{change.uuid}/export/change_senders.csv"
    rows = fetched(browser, path)
    assert [(one["email"], one["before"], one["after"], one["state"]) for one in rows] == [
        ("b@acme.example", "active", "inactive", "planned"),
        ("a@stray.example", "active", "inactive", "noop"),
    ]
    assert path in text(browser.get(f"/changes/{change.uuid}/"))


def test_one_broadcasts_split_is_a_file_of_its_page(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    one = mail(connection, cast.acme, days_ago(300), {"gmail": (40, 0, 0), "yahoo": (2, 2, 2)}, subject="This")
    mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 0)}, subject="Another")
    Broadcast.objects.filter(pk=one.pk).update(gone_at=timezone.now())
    browser = as_user(cast.cleo)
    path = f"/clients/acme/broadcasts/{one.uuid}/export/placement.csv"
    assert path in text(browser.get(f"/clients/acme/broadcasts/{one.uuid}/"))
    assert [(row["subject"], row["mailbox_provider"]) for row in fetched(browser, path)] == [("This", "gmail"), ("This", "yahoo")]
    for slug in ("birch", "oak"):
        assert as_user(cast.mo).get(path.replace("acme", slug)).status_code == 404


@pytest.mark.parametrize("query", ["window=30", "window=365", "window=30&mailbox_provider=yahoo", "window=7&domain=b.example"])
def test_the_figures_of_placement_are_the_ones_of_its_tables(cast: Cast, query: str) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    for number in range(60):
        spam = number * 7 % 20
        landed = {"gmail": (40 - spam, 5, spam), "yahoo": (number % 9 + 1, 1, 2)}
        mail(connection, cast.acme, days_ago(number), landed, domain="ab"[number % 2] + ".example")
    roll_up(connection)
    browser = as_user(cast.ben)
    response = browser.get(f"/clients/acme/?{query}")
    figures, page = response.context["figures"], text(response)

    def of(table: str) -> list[dict[str, str]]:
        path = f"/clients/acme/export/{table}.csv?"
        assert path in page.replace("&amp;", "&")
        return fetched(browser, path + query)

    def shown(row: dict[str, str]) -> tuple[str, Any]:
        return f"{int(row['received']):,}", pytest.approx(float(row["inboxing"]) * 100, abs=0.06)

    def lines(found: Any) -> list[tuple[str, float]]:
        return [(line.n, float(line.inboxing.removesuffix(" %"))) for line in found]

    assert [shown(row) for row in of("days")] == lines(figures.points.lines())
    assert [shown(row) for row in of("providers")] == lines(item.lines[0] for item in figures.multiples)
    assert [shown(row) for row in of("domains")] == lines(figures.domain_lines)
    assert [row["last_day"] > row["day"] for row in of("days")].count(True) == (len(of("days")) if "365" in query else 0)
    weeks = of("weeks")
    assert {row["mailbox_provider"] for row in weeks} == {"gmail", "yahoo"}
    sums = Placement.objects.filter(broadcast__day__gte=days_ago(0) - timedelta(days=days_ago(0).weekday()))
    if "domain" not in query:
        newest = [int(row["received"]) for row in weeks if row["week"] == max(one["week"] for one in weeks)]
        assert sum(newest) == sum(sums.values_list("received", flat=True))


def test_accounts_by_their_seeds_and_their_shuffles(cast: Cast, shared: Connection) -> None:
    then = timezone.now().replace(microsecond=0) - timedelta(days=3)
    for number, (provider, status, gone) in enumerate(
        [
            ("gmail", "active", None),
            ("gmail", "active", None),
            ("yahoo", "active", None),
            ("yahoo", "inactive", None),
            ("gmail", "active", then),
        ]
    ):
        Seed.objects.create(
            connection=shared, email=f"{number}@seed.example", mailbox_provider=provider, status=status, gone_at=gone
        )
    SeedBook.objects.create(connection=shared, last_shuffle_at=then)
    for state, outcome in (("done", "=Done."), ("planned", "Only planned")):
        Shuffle.objects.create(
            connection=shared,
            state=state,
            method="in_place",
            percentage=50,
            happened_at=then,
            actor="Mo",
            outcome=outcome,
            added=2,
        )
    browser = as_user(cast.cleo)
    (row,) = fetched(browser, "/seeds/export/seed_accounts.csv")
    counts = {name: row[name] for name in ("client", "seeds", "gmail", "yahoo", "outlook", "no_longer_in_use")}
    assert counts == {"client": "acme", "seeds": "3", "gmail": "2", "yahoo": "1", "outlook": "0", "no_longer_in_use": "2"}
    assert (row["last_shuffle"], row["next_shuffle"]) == (f"{then:%Y-%m-%dT%H:%M:%SZ}", "")
    assert "/seeds/export/seed_accounts.csv" in text(browser.get("/seeds/"))
    path = f"/seeds/{shared.uuid}/export/shuffles.csv"
    (past,) = fetched(browser, path)
    assert (past["connection"], past["by"], past["state"], past["added"], past["removed"]) == ("'=Shared", "Mo", "done", "2", "")
    assert past["outcome"] == "'=Done."
    assert path in text(browser.get(f"/seeds/{shared.uuid}/"))
    shared.scopes.filter(client=cast.acme).delete()
    assert browser.get(path).status_code == 404
