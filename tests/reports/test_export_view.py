from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Campaign, Change, LeadUpload, Seed
from reports.views.export import OFFERED
from tests import placing, reaching
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.exports.reading import column, fetched
from tests.reports.reading import as_user, subjects, text


@pytest.mark.parametrize(
    "query",
    [
        "", "window=7", "sort=inboxing", "sort=-inboxing", "sort=-spam", "sort=received",
        "search=NEWS+3", "mailbox_provider=yahoo", "domain=b.example", "tag=vip",
    ],
)  # fmt: skip
def test_a_file_has_the_rows_of_the_screen_in_its_order(cast: Cast, query: str) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    SenderFactory(connection=connection, client=cast.acme, email="vip@a.example", tagged=["vip"])
    for number in range(12):
        domain, spam = "ab"[number % 2] + ".example", number * 7 % 11
        landed = {"gmail": (20 - spam, 0, spam)} | ({"yahoo": (number, 1, 2)} if number % 3 else {})
        sender = {"from_email": "vip@a.example"} if number == 4 else {}
        mail(connection, cast.acme, days_ago(number), landed, subject=f"News {number}", domain=domain, **sender)
    roll_up(connection)
    browser = as_user(cast.ben)
    shown = subjects(text(browser.get(f"/clients/acme/broadcasts/?{query}")))
    rows = fetched(browser, f"/clients/acme/broadcasts/export/broadcasts.csv?{query}")
    assert column(rows, "subject") == shown
    assert 0 < len(shown) <= 12
    assert (len(shown) < 12) == bool(re.search(r"window|search|provider|domain|tag", query))


def test_counts_of_one_mailbox_provider_are_the_ones_on_the_screen(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (90, 0, 0), "yahoo": (10, 5, 25)})
    browser = as_user(cast.ben)
    (row,) = fetched(browser, "/clients/acme/broadcasts/export/broadcasts.csv?mailbox_provider=yahoo")
    assert [row[name] for name in ("received", "primary", "promotions", "spam", "inboxing")] == ["40", "10", "5", "25", "0.3750"]
    page = browser.get("/clients/acme/broadcasts/?mailbox_provider=yahoo").content.decode()
    assert "Counts at Yahoo only" in page
    assert "37.5 %" in page


def test_a_viewer_gets_the_assigned_clients_rows_and_no_others(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    for client in (cast.acme, cast.birch, None):
        name = client.name if client else "Nobody"
        mail(connection, client, days_ago(1), {"gmail": (9, 0, 0)}, subject=name)
        SenderFactory(connection=connection, client=client, email=f"{name}@x.example")
    roll_up(connection)
    viewer, analyst = as_user(cast.cleo), as_user(cast.ben)
    for path, field, own, all_of in (
        ("/export/placement.csv", "subject", ["Acme"], ["Acme", "Birch", "Nobody"]),
        ("/export/broadcasts.csv", "subject", ["Acme"], ["Acme", "Birch", "Nobody"]),
        ("/senders/export/senders.csv", "email", ["Acme@x.example"], ["Acme@x.example", "Birch@x.example", "Nobody@x.example"]),
        ("/export/overview.csv", "client", ["acme"], ["acme", "birch"]),
        ("/clients/export/clients.csv", "client", ["acme"], ["acme", "birch"]),
    ):
        assert column(fetched(viewer, path), field) == own, path
        assert column(fetched(analyst, path), field) == all_of, path
    assert viewer.get("/clients/birch/export/placement.csv").status_code == 404
    assert fetched(viewer, "/export/placement.csv?client=birch") == []
    assert fetched(viewer, "/senders/export/senders.csv?client=(unassigned)") == []


def test_the_overviews_tag_and_manager_choose_clients(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    for client in (cast.acme, cast.birch, None):
        mail(connection, client, days_ago(1), {"gmail": (9, 0, 0)}, subject=client.name if client else "Nobody")
    cast.birch.tags.create(name="vip")
    cast.acme.manager = cast.mo.memberships.get()
    cast.acme.save()
    browser = as_user(cast.ben)
    assert column(fetched(browser, "/export/placement.csv?tag=vip"), "subject") == ["Birch"]
    assert column(fetched(browser, f"/export/overview.csv?manager={cast.acme.manager.uuid}"), "client") == ["acme"]
    assert fetched(browser, "/export/placement.csv?manager=nonsense") == []


def test_an_archived_clients_mail_is_its_own_pages_only(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (9, 0, 0)}, subject="Kept")
    cast.acme.archived_at = timezone.now()
    cast.acme.save()
    browser = as_user(cast.ben)
    assert fetched(browser, "/export/placement.csv") == []
    assert column(fetched(browser, "/clients/acme/export/placement.csv"), "subject") == ["Kept"]


def test_another_agencys_client_is_not_there_and_its_seeds_are_in_no_file(cast: Cast) -> None:
    Seed.objects.create(connection=connect(cast.north, key="a" * 12), email="north@seed.example", mailbox_provider="gmail")
    stranger = as_user(cast.zoe)
    assert fetched(stranger, "/seeds/export/seeds.csv") == []
    assert stranger.get("/clients/acme/seeds/export/seeds.csv").status_code == 404


def test_a_file_is_named_for_its_client_table_and_day(cast: Cast) -> None:
    browser = as_user(cast.ben)
    today = timezone.now().date().isoformat()
    for path, name in (
        ("/clients/acme/export/placement.csv", f"inboxdeck-acme-placement-{today}.csv"),
        ("/senders/export/senders.csv", f"inboxdeck-senders-{today}.csv"),
        ("/senders/export/senders.csv?client=acme", f"inboxdeck-acme-senders-{today}.csv"),
        ('/senders/export/senders.csv?client=x"%0d%0aSet-Cookie:%20a=b', f"inboxdeck-x-set-cookie-ab-senders-{today}.csv"),
    ):
        response = browser.get(path)
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response["Cache-Control"] == "private, no-store"


@pytest.mark.once  # six hundred addresses, nearly all refused before anything is read; each table is read on both lanes elsewhere
def test_a_page_offers_its_own_tables_only(cast: Cast) -> None:
    browser = as_user(cast.mo)
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    change = Change.objects.create(agency=cast.north, selector={}, edit={"status": "inactive"})
    ids = {"connection": connection.uuid, "seed-account": connection.uuid, "change": change.uuid}
    ids["broadcast"] = mail(connection, cast.acme, days_ago(1), {"gmail": (9, 0, 0)}).uuid
    tested = placing.account(cast.north, cast.acme)
    ids["test"] = placing.placement_test(tested, {"ann@acme.example": {"gmail": "P"}}).uuid
    ids["campaign"] = reaching.campaign(tested).uuid
    ids["sender"] = reaching.sender(tested).uuid
    letters = Campaign.objects.get(uuid=ids["campaign"])
    ids["lead-upload"] = LeadUpload.objects.create(connection=tested, campaign=letters, client=cast.acme).uuid
    every = {table for tables in OFFERED.values() for table in tables}
    for page, offered in OFFERED.items():
        of_client = page.startswith(("client", "broadcast", "test", "campaign")) or page == "sender"
        own = {"slug": "acme"} if of_client and page != "clients" else {}
        own |= {"uuid": str(ids[page])} if page in ids else {}
        for table in {*every, "nonsense"}:
            status = browser.head(reverse(f"{page}-export", kwargs={"table": table, **own})).status_code
            assert status == (200 if table in offered else 404), (page, table)


def test_the_first_bytes_come_before_the_first_query(cast: Cast, django_assert_num_queries: Any) -> None:
    response = as_user(cast.ben).get("/clients/acme/export/placement.csv")
    with django_assert_num_queries(0):
        assert next(iter(response.streaming_content)).startswith(b"client,vendor,")


def test_pages_link_to_the_file_of_what_they_show(cast: Cast) -> None:
    browser = as_user(cast.ben)
    page = browser.get("/clients/acme/broadcasts/?window=14&search=a%26b&sort=-spam").content.decode()
    (query,) = re.findall(r'href="/clients/acme/broadcasts/export/broadcasts\.csv\?([^"]*)"', page)
    assert query == "window=14&amp;search=a%26b&amp;sort=-spam"


def test_days_are_counted_as_the_page_counts_them(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(6), {"gmail": (9, 0, 0)})
    mail(connection, cast.acme, days_ago(7), {"gmail": (9, 0, 0)})
    (row,) = fetched(as_user(cast.ben), "/clients/acme/export/placement.csv?window=7")
    assert datetime.fromisoformat(row["day"]).date() == days_ago(6)
