"""An account's files for the ESPs, read back: what is in them, who may take them, and since when they count."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from agency.models import AuditEntry
from clients.models import Connection, Seed, SeedFileDownload, SeedSpell
from reports.exports.esp import LAYOUTS
from reports.listing.seed_account import iso
from tests.cast import Cast, connect
from tests.factories import days_ago
from tests.reports.exports.reading import Rows, read
from tests.reports.reading import as_user
from tests.reports.seeds_page import page, take


def addresses(response: Any) -> list[str]:
    return str(response.content.decode()).splitlines()


def names(kind: str, *numbers: tuple[str, int]) -> list[str]:
    return sorted(f"{kind}{index}@{provider}.example" for provider, number in numbers for index in range(number))


GONE, NEW = names("went", ("gmail", 3), ("yahoo", 1)), names("came", ("gmail", 3), ("yahoo", 1))
STAYED = names("stayed", ("gmail", 4), ("yahoo", 2))


def test_plain_lists_hold_one_address_a_line(cast: Cast, seeded: Connection) -> None:
    browser = as_user(cast.mo)
    assert addresses(take(browser, seeded, "current:plain")) == sorted(NEW + STAYED)
    assert addresses(take(browser, seeded, "added:plain")) == NEW
    response = take(browser, seeded, "removed:plain")
    assert addresses(response) == GONE
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    name = f"seeds-acme-removed-plain-{timezone.now().date()}.txt"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("layout", "first", "columns"),
    [
        ("klaviyo", "Email Address", ["Email Address", "First Name", "Last Name", "Seed List"]),
        ("hubspot", "Email", ["Email", "First Name", "Last Name"]),
        ("mailchimp", "Email Address", ["Email Address", "First Name", "Last Name", "Tags"]),
    ],
)
def test_an_esps_columns_read_back(cast: Cast, seeded: Connection, layout: str, first: str, columns: list[str]) -> None:
    response = take(as_user(cast.mo), seeded, f"added:{layout}")
    rows: Rows = read(response.content)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert list(rows[0]) == columns
    assert [row[first] for row in rows] == NEW
    assert {row["Last Name"] for row in rows} == {"Gmail", "Yahoo"}
    assert all(row.get(columns[-1]) for row in rows)


def test_every_layout_has_each_file(cast: Cast, seeded: Connection) -> None:
    for layout in LAYOUTS:
        for which, number in (("current", 10), ("added", 4), ("removed", 4)):
            body = take(as_user(cast.mo), seeded, f"{which}:{layout}").content
            assert len(body.splitlines()) == number + (layout != "plain")


def test_who_took_which_file_when_is_kept_and_shown(cast: Cast, seeded: Connection) -> None:
    browser = as_user(cast.mo)
    take(browser, seeded, "removed:klaviyo")
    taken = SeedFileDownload.objects.get()
    assert (taken.actor, taken.which, taken.layout, taken.rows, taken.client) == ("Mo", "removed", "klaviyo", 4, cast.acme)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == ("seeds.file_taken", cast.acme.uuid, "Mo")
    assert (entry.after["file"], entry.after["as"], entry.after["seeds"]) == ("Old seeds, to be removed", "Klaviyo", 4)
    assert "Files taken" in page(browser, seeded)


def test_what_no_import_could_take_is_left_out_and_formulas_are_made_harmless(cast: Cast, seeded: Connection) -> None:
    for email in ("two\nlines@x.example", "no-address", '"quoted"@x.example', "a@b,c.example", "=1+1@x.example"):
        Seed.objects.create(connection=seeded, email=email, mailbox_provider="gmail", status="active")
    browser = as_user(cast.mo)
    assert set(addresses(take(browser, seeded, "current:plain"))) - set(NEW + STAYED) == {"=1+1@x.example"}
    rows = read(take(browser, seeded, "current:mailchimp").content)
    assert {row["Email Address"] for row in rows} - set(NEW + STAYED) == {"'=1+1@x.example"}
    assert "left out of the files" in page(browser, seeded)


@pytest.mark.parametrize(
    ("file", "since", "client"),
    [
        ("current:excel", None, "acme"),
        ("all:plain", None, "acme"),
        ("added:plain", "yesterday", "acme"),
        ("added:plain", "2001-01-01T00:00:00Z", "acme"),
        ("added:plain", "2999-01-01T00:00:00Z", "acme"),
        ("added:plain", None, "oak"),
        ("added:plain", None, ""),
    ],
)
def test_a_file_that_makes_no_sense_is_not_there(
    cast: Cast, seeded: Connection, file: str, since: str | None, client: str
) -> None:
    assert take(as_user(cast.mo), seeded, file, since, client).status_code == 404
    assert not SeedFileDownload.objects.exists()


def test_roles_and_other_agencies_at_the_files(cast: Cast, seeded: Connection) -> None:
    got = [
        take(as_user(user), seeded, "current:plain").status_code for user in (cast.ann, cast.mo, cast.ben, cast.cleo, cast.zoe)
    ]
    assert got == [200, 200, 403, 403, 404]
    assert SeedFileDownload.objects.count() == 2


def test_changes_are_counted_since_the_last_shuffle_or_any_day_that_is_known(cast: Cast, seeded: Connection) -> None:
    browser = as_user(cast.mo)
    assert counts(page(browser, seeded)) == ["10", "4", "4"]
    assert counts(page(browser, seeded, f"?day={days_ago(1)}")) == ["10", "0", "0"]
    assert counts(page(browser, seeded, f"?day={days_ago(5)}")) == ["10", "4", "4"]
    long_ago = page(browser, seeded, f"?day={days_ago(50)}")
    assert "is not known: they are known since" in long_ago
    assert f'value="{days_ago(50)}"' in long_ago
    assert counts(long_ago) == ["10", "–", "–"]
    assert "Enter a valid date" in page(browser, seeded, "?day=soon")
    assert "Select a valid choice" in page(browser, seeded, "?since=soon")


def test_since_a_file_that_was_taken(cast: Cast, seeded: Connection) -> None:
    browser = as_user(cast.mo)
    take(browser, seeded, "current:plain")
    then = SeedFileDownload.objects.get().at
    said = f"{then:%-d %b %Y, %H:%M:%S}: a file for Acme (All seeds of now, Plain list), taken by Mo"
    assert f'<option value="{iso(then)}">{said}<' in page(browser, seeded)
    seed = Seed.objects.create(connection=seeded, email="late@x.example", mailbox_provider="gmail", status="active")
    SeedSpell.objects.create(connection=seeded, seed=seed, since=timezone.now())
    assert counts(page(browser, seeded, f"?since={iso(then)}")) == ["11", "1", "0"]
    take(browser, seeded, "current:klaviyo")
    offered = re.findall(r"<option [^>]*>([^<]*a file for[^<]*)</option>", page(browser, seeded))
    assert len(set(offered)) == len(offered) == 2
    SeedFileDownload.objects.update(at=then, layout="plain")
    assert page(browser, seeded).count("a file for Acme") == 1, "nothing would tell them apart"


def test_an_account_that_was_never_shuffled_has_its_current_file(cast: Cast) -> None:
    connection = connect(cast.north, key="b" * 12, label="Calm", client=cast.acme)
    Seed.objects.create(connection=connection, email="a@x.example", mailbox_provider="gmail", status="active")
    browser = as_user(cast.mo)
    shown = page(browser, connection)
    assert "there is nothing to rotate" in shown
    assert counts(shown) == ["1", "–", "–"]
    assert addresses(take(browser, connection, "current:plain", since="")) == ["a@x.example"]


def test_an_account_without_a_client_gives_no_files(cast: Cast) -> None:
    connection = connect(cast.north, key="b" * 12, label="Nobody's")
    assert "say first whose this account is" in page(as_user(cast.mo), connection)


def counts(shown: str) -> list[str]:
    """Of the three files."""
    part = shown.partition('id="files"')[2]
    return [row.partition("</td>")[0] for row in part.split('<td class="number">')[1:4]]
