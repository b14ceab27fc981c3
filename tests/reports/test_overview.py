"""The Overview in each of its states."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, ClientTag, Connection, Feed, Health
from reports.scope import Scope
from tests.cast import Cast
from tests.factories import ClientFactory, SenderFactory, roll_up
from tests.reports.board import account, landed, measured_twice, overview, row
from tests.reports.exports.reading import exported, fetched
from tests.reports.reading import as_user, text
from tests.reports.table import facts, heads, lines


def test_a_new_agency_is_told_what_to_do_next(cast: Cast) -> None:
    Client.objects.all().delete()
    page = overview(cast.ann)
    assert "No clients yet" in page
    assert 'href="/clients/new/"' in page
    assert "<table" not in page
    assert "Ask an owner or a manager" in overview(cast.ben)


def test_clients_stand_worst_first(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    few, none, silent = (ClientFactory(agency=cast.north, name=name) for name in ("Few", "None", "Silent"))
    landed(one, cast.acme, 1, 950, 50)
    landed(two, cast.birch, 1, 500, 500)
    landed(one, few, 1, 1, 4)
    landed(account(cast, silent), silent, 10, 30, 0)
    roll_up(*Connection.objects.all())
    page = overview(cast.ann)
    assert [line.name for line in lines(page)] == ["Birch", "Silent", "Acme", "Few", "None"]
    assert [line.name for line in lines(overview(cast.ann, "?sort=name"))] == ["Acme", "Birch", "Few", "None", "Silent"]
    assert row(page, "Birch").cells[0] == "50.0 % 46.9–53.1 %"
    assert row(page, "None").cells[:2] == ["–", "–"]
    assert none.slug in row(page, "None").html


def test_a_client_whose_key_is_refused_stands_right_after_the_bad_and_the_silent(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    one, two, other = (
        account(cast, cast.acme),
        account(cast, cast.birch),
        account(cast, ClientFactory(agency=cast.north, name="Refused")),
    )
    silent, few = (ClientFactory(agency=cast.north, name=name) for name in ("Silent", "Few"))
    landed(one, cast.acme, 1, 710, 290)
    landed(two, cast.birch, 1, 500, 500)
    landed(one, few, 1, 1, 4)
    landed(account(cast, silent), silent, 10, 30, 0)
    roll_up(*Connection.objects.all())
    Feed.objects.filter(connection=other).update(last_ok_at=None)
    client = as_user(cast.ann)
    client.get("/")
    with CaptureQueriesContext(database) as before:
        assert [line.name for line in lines(text(client.get("/")))] == ["Birch", "Silent", "Acme", "Few", "Refused"]
    Connection.objects.filter(pk=other.pk).update(health=Health.REFUSED)
    with django_assert_max_num_queries(len(before)):
        assert [line.name for line in lines(text(client.get("/")))] == ["Birch", "Silent", "Refused", "Acme", "Few"]
    assert [line["name"] for line in fetched(client, "/export/overview.csv")] == ["Birch", "Silent", "Refused", "Acme", "Few"]
    Connection.objects.filter(pk=other.pk).update(health=Health.REFUSED, removed_at=timezone.now())
    assert [line.name for line in lines(overview(cast.ann))][2] == "Acme"


def test_a_row_says_rate_change_mailbox_providers_senders_and_age(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    landed(connection, cast.acme, 1, 713, 287)
    landed(connection, cast.acme, 2, 90, 10, "outlook")
    landed(connection, cast.acme, 13, 950, 50)
    SenderFactory.create_batch(4, connection=connection, client=cast.acme)
    roll_up(connection)
    page = overview(cast.ann)
    providers = ["Gmail", "Workspace", "Yahoo", "Hotmail", "Outlook", "M365"]
    columns = ["Client worst first", "Inboxing", "Change", "28 days", *providers, "Senders", "Data", "Flags"]
    assert heads(page) == columns
    acme = row(page, "Acme")
    cells = dict(zip(columns[1:], acme.cells, strict=True))
    assert cells["Inboxing"] == "73.0 % 70.3–75.5 %"
    assert cells["Change"] == "▼ 22.0 pp"
    assert (cells["Gmail"], cells["Outlook"], cells["Yahoo"]) == ("71 1,000", "90 100", "–")
    assert (cells["Senders"], cells["Data"], cells["Flags"]) == ("4", "12 min", "fell at Gmail")
    assert "71.3 % of 1,000 mails, 95 % interval 68.4–74.0 %" in acme
    assert 'class="spark bad"' in acme
    assert "Updated 12 min ago" in page


def test_other_mailbox_providers_get_a_column_when_they_have_mail(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    landed(connection, cast.acme, 1, 40, 0, "web_de")
    roll_up(connection)
    assert heads(overview(cast.ann))[9:11] == ["M365", "Web.de"]


def test_a_difference_that_may_be_chance_is_no_change(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    landed(connection, cast.acme, 1, 90, 10)
    landed(connection, cast.acme, 13, 95, 5)
    roll_up(connection)
    assert row(overview(cast.ann), "Acme").cells[1] == "not clear"
    assert 'title="no clear change: 95.0 % of 100 before; difference −5.0 pp' in row(overview(cast.ann), "Acme").html


def test_few_mails_are_greyed_and_marked(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    landed(connection, cast.acme, 1, 1, 18)
    roll_up(connection)
    page = overview(cast.ann)
    assert "few mails" in row(page, "Acme").cells[-1]
    assert "band-few" in row(page, "Acme").html
    assert "band-bad" not in row(page, "Acme").html
    assert facts(page)["clients need a look"] == "0"


def test_a_viewer_sees_assigned_clients_and_no_trace_of_others(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    landed(one, cast.acme, 1, 90, 10)
    landed(two, cast.birch, 1, 10, 90)
    ClientTag.objects.create(client=cast.birch, name="secret")
    Connection.objects.filter(pk=two.pk).update(health=Health.REFUSED)
    roll_up(one, two)
    page = overview(cast.cleo)
    assert [line.name for line in lines(page)] == ["Acme"]
    assert facts(page)["inboxing, your clients"] == "90.0 %"
    assert "Birch" not in page
    assert "secret" not in page


def test_another_agency_sees_its_own(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    landed(connection, cast.acme, 1, 90, 10)
    roll_up(connection)
    page = overview(cast.zoe)
    assert [line.name for line in lines(page)] == ["Oak"]
    assert "Acme" not in page


def test_tags_and_managers_filter_the_rows_and_the_strip(cast: Cast) -> None:
    one, two = account(cast, cast.acme), account(cast, cast.birch)
    landed(one, cast.acme, 1, 90, 10)
    landed(two, cast.birch, 1, 10, 90)
    roll_up(one, two)
    ClientTag.objects.create(client=cast.acme, name="vip & co")
    Client.objects.filter(pk=cast.birch.pk).update(manager=cast.mo.memberships.get())
    tagged = overview(cast.ann, "?tag=vip+%26+co")
    assert [line.name for line in lines(tagged)] == ["Acme"]
    assert facts(tagged)["inboxing, these clients"] == "90.0 %"
    assert '<option value="vip &amp; co" selected>' in tagged
    assert "tag=vip+%26+co" in tagged
    managed = overview(cast.ann, f"?manager={cast.mo.memberships.get().uuid}")
    assert [line.name for line in lines(managed)] == ["Birch"]


@pytest.mark.parametrize("query", ["?tag=unheard-of", "?manager=not-a-uuid", "?tag=%20x&manager=%F0%9F%92%A9"])
def test_a_filter_that_finds_nothing_shows_the_way_out(cast: Cast, query: str) -> None:
    page = overview(cast.ann, query)
    assert "No client matches these filters" in page
    assert ">Show all clients</a>" in page


@pytest.mark.parametrize(
    "query", ["?window=8", "?window=-7", "?window=x", "?window=٧", "?page=0", "?page=99", "?page=x", "?sort=;--"]
)
def test_odd_questions_get_the_plain_page(cast: Cast, query: str) -> None:
    assert [line.name for line in lines(overview(cast.ann, query))] == ["Acme", "Birch"]


def test_a_window_is_as_long_as_asked(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    landed(connection, cast.acme, 25, 40, 0)
    roll_up(connection)
    assert row(overview(cast.ann), "Acme").cells[0] == "–"
    assert row(overview(cast.ann, "?window=30"), "Acme").cells[0].startswith("100.0 %")


def test_fifty_clients_a_page_and_the_order_goes_over_all(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    for at in range(60):
        landed(connection, ClientFactory(agency=cast.north, name=f"C{at:02}"), 1, 1000 - at, at)
    roll_up(connection)
    first, second = overview(cast.ann), overview(cast.ann, "?page=2")
    assert len(lines(first)) == 50
    assert [line.name for line in lines(first)][:2] == ["Acme", "C59"], "the silent first"
    assert [line.name for line in lines(second)][:2] == ["C10", "C09"]
    assert "51–62 of 62 clients" in second


def test_a_full_page_is_light_on_the_wire(cast: Cast) -> None:
    connection = account(cast, cast.acme)
    for at in range(50):
        landed(connection, ClientFactory(agency=cast.north, name=f"C{at:02}"), 1, 1000 - at, at)
    roll_up(connection)
    sent = as_user(cast.ann).get("/", headers={"Accept-Encoding": "gzip"})
    assert sent.headers["Content-Encoding"] == "gzip"
    assert len(sent.content) < 15_000


def test_archived_clients_are_left_out(cast: Cast) -> None:
    Client.objects.filter(pk=cast.acme.pk).update(archived_at=timezone.now())
    assert [line.name for line in lines(overview(cast.ann))] == ["Birch"]


def test_htmx_gets_the_board_alone_and_a_history_restore_the_whole_page(cast: Cast) -> None:
    browser = as_user(cast.ann)
    part = text(browser.get("/", headers={"HX-Request": "true"}))
    assert part.strip().startswith('<div id="board"')
    assert "<html" not in part
    assert [line.name for line in lines(part)] == ["Acme", "Birch"]
    assert "<html" in text(browser.get("/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}))


def test_names_are_text(cast: Cast) -> None:
    nasty = '<script>alert("x")</script>'
    Client.objects.filter(pk=cast.acme.pk).update(name=nasty)
    ClientTag.objects.create(client=cast.acme, name=nasty)
    connection = account(cast, cast.acme, label=nasty)
    Connection.objects.filter(pk=connection.pk).update(health=Health.REFUSED, health_reason=nasty)
    page = overview(cast.ann)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(&quot;x&quot;)") >= 3


def test_where_vendors_disagree_the_cell_says_so_and_leads_to_them(cast: Cast) -> None:
    measured_twice(cast, cast.acme)
    page = overview(cast.ann, "?window=14")
    assert page.count('class="disagree"') == 1
    said = "InboxAlly 41 % (38–44), Instantly 72 % (65–78): they disagree"
    assert f'<a class="disagree" href="/clients/acme/?window=14#vendors-heading" title="{said}">' in row(page, "Acme").html
    cells = dict(zip(heads(page)[1:], row(page, "Acme").cells, strict=True))
    assert (cells["Gmail"], cells["Outlook"]) == ("90 200", f"≠ {said} 46 1,200")
    assert 'id="vendors-heading"' in text(as_user(cast.ann).get("/clients/acme/?window=14"))
    files = exported("overview", Scope.of_member(cast.ann.memberships.get(), {}))
    assert [(line["client"], line["vendors_disagree"]) for line in files] == [("acme", "outlook"), ("birch", "")]
