"""Why a client's row on the Overview deserves a look, and where each way leads."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils import timezone

from clients.models import Connection, Feed, Health
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.reports.reading import as_user, text
from tests.reports.table import lines

type Landed = dict[str, tuple[int, int, int]]


def filled(cast: Cast, now: Landed, before: Landed) -> Connection:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    mail(connection, cast.acme, days_ago(1), now)
    mail(connection, cast.acme, days_ago(13), before)
    roll_up(connection)
    return connection


def flags(cast: Cast, query: str = "") -> dict[str, str]:
    """Of Acme: text → where it leads."""
    (row,) = [line.html for line in lines(text(as_user(cast.ann).get(f"/{query}"))) if line.name == "Acme"]
    return {said: unescape(href) for href, said in re.findall(r'<a class="tag[^"]*" href="([^"]*)"[^>]*>([^<]*)</a>', row)}


def test_the_mailbox_provider_that_fell_most_is_named_and_led_to(cast: Cast) -> None:
    now: Landed = {"gmail": (400, 0, 100), "outlook": (250, 0, 250), "yahoo": (100, 0, 400)}
    before: Landed = {"gmail": (450, 0, 50), "outlook": (450, 0, 50), "yahoo": (100, 0, 400)}
    filled(cast, now, before)
    here = "/clients/acme/?window=7&mailbox_provider=outlook"
    assert flags(cast) == {"fell at Outlook": here}
    page = text(as_user(cast.ann).get(here))
    assert '<option value="outlook" selected>' in page
    assert '<option value="7" selected>' in page


def test_without_a_fall_the_lowest_below_70_percent_is_named(cast: Cast) -> None:
    steady: Landed = {"gmail": (450, 0, 50), "outlook": (300, 0, 200), "yahoo": (100, 0, 400)}
    filled(cast, steady, steady)
    assert flags(cast) == {"low at Yahoo": "/clients/acme/?window=7&mailbox_provider=yahoo"}


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"gmail": (450, 0, 50), "outlook": (3, 0, 12)}, {"gmail": (450, 0, 50), "outlook": (15, 0, 0)}),
        ({"gmail": (9300, 0, 700)}, {"gmail": (9500, 0, 500)}),
        ({"gmail": (450, 0, 50)}, {}),
    ],
    ids=["few mails", "two points among good ones", "nothing to compare with"],
)
def test_what_says_little_is_not_flagged(cast: Cast, now: Landed, before: Landed) -> None:
    filled(cast, now, before or {"gmail": (0, 0, 0)})
    assert flags(cast) == {}


def test_rows_carry_the_window_to_the_client(cast: Cast) -> None:
    filled(cast, {"gmail": (45, 0, 5)}, {"gmail": (45, 0, 5)})
    for window in (7, 90):
        page = text(as_user(cast.ann).get(f"/?window={window}"))
        assert f'<th scope="row"><a href="/clients/acme/?window={window}">Acme</a>' in page


def test_the_export_beside_the_table_is_that_table(cast: Cast) -> None:
    filled(cast, {"gmail": (45, 0, 5)}, {"gmail": (45, 0, 5)})
    page = text(as_user(cast.ann).get("/?window=30&sort=name"))
    found = re.findall(r'<a class="button" href="([^"]*)">(Export CSV|Placement rows, CSV)</a>', page)
    assert found == [
        ("/export/overview.csv?window=30&amp;sort=name", "Export CSV"),
        ("/export/placement.csv?window=30&amp;sort=name", "Placement rows, CSV"),
    ]
    for href, _ in found:
        assert as_user(cast.ann).get(unescape(href)).status_code == 200


def test_a_paused_account_is_flagged_and_no_silence_is_said_of_it(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    connection.feeds.update(last_ok_at=timezone.now())
    mail(connection, cast.acme, days_ago(5), {"gmail": (45, 0, 5)})
    roll_up(connection)
    page = text(as_user(cast.ann).get("/"))
    assert "no mail for 5 days" in page
    assert "Its accounts are read, but no mail" in page
    connection.feeds.filter(resource="broadcasts").update(failures=1)
    assert "As of the last complete sync no mail" in text(as_user(cast.ann).get("/"))
    connection.feeds.filter(resource="broadcasts").update(last_ok_at=None)
    assert "no mail for 5 days" not in text(as_user(cast.ann).get("/")), "its broadcasts have not been read yet"
    connection.feeds.update(last_ok_at=timezone.now(), failures=0)
    assert "paused" not in flags(cast)
    Connection.objects.filter(pk=connection.pk).update(health=Health.PAUSED, health_reason="Paused by Mo.")
    assert flags(cast)["paused"] == f"/connections/{connection.uuid}/"
    page = text(as_user(cast.ann).get("/"))
    assert "Paused by Mo. Nothing new is read." in page
    assert "no mail for 5 days" not in page


def test_the_refused_key_leads_to_its_connection(cast: Cast) -> None:
    connection = filled(cast, {"gmail": (45, 0, 5)}, {"gmail": (45, 0, 5)})
    Connection.objects.filter(pk=connection.pk).update(health=Health.REFUSED)
    page = text(as_user(cast.ann).get("/"))
    assert f'<dd class="is-bad"><a href="/connections/{connection.uuid}/">1</a></dd>' in page
    assert flags(cast)["key refused"] == f"/connections/{connection.uuid}/"


def test_the_headline_compares_without_those_whose_data_begin_within_the_days_before(cast: Cast) -> None:
    filled(cast, {"gmail": (45, 0, 5)}, {"gmail": (45, 0, 5)})
    new = connect(cast.north, key="another-key-long-enough", client=cast.birch)
    mail(new, cast.birch, days_ago(1), {"gmail": (40, 0, 10)})
    roll_up(new)
    Feed.objects.update(last_ok_at=timezone.now())
    page = text(as_user(cast.ann).get("/"))
    (said,) = re.findall(r"[^;]*; compared without 1 whose data begin since the window before did", page)
    assert "nothing to compare" not in said


def test_a_client_whose_data_begin_within_the_days_before_fell_nowhere_yet(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (400, 0, 100)})
    mail(connection, cast.acme, days_ago(9), {"gmail": (490, 0, 10)})
    roll_up(connection)
    Feed.objects.update(last_ok_at=timezone.now())
    page = text(as_user(cast.ann).get("/"))
    (row,) = [line for line in lines(page) if line.name == "Acme"]
    assert (row.cells[1], row.cells[-1]) == ("–", "")
    began = f"{days_ago(9).day} {days_ago(9):%b}"
    assert f"nothing to compare: data begin on {began}, so the window before is not whole" in row
    assert "nothing to compare: without 1 whose data begin since the window before did, there is no mail in one" in page
    (listed,) = re.findall(r"data begin on [^,]*", text(as_user(cast.ann).get("/clients/")))
    assert listed == f"data begin on {began}"
    tab = text(as_user(cast.ann).get("/clients/acme/?window=7"))
    assert f"data begin on {began}" in tab
    assert "▼" not in tab
