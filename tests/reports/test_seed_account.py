"""One account's seeds: what stands on its page for whom, and its files for the ESPs, read back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency.models import AuditEntry
from clients.models import Connection, RotationDone, Seed, SeedBook, SeedFileDownload, SeedSpell, Shuffle
from reports.exports.esp import LAYOUTS
from reports.listing.seed_account import iso
from tests.cast import Cast, connect
from tests.factories import days_ago, mail
from tests.reports.exports.reading import Rows, fetched, read
from tests.reports.reading import as_user, text
from tests.rotating import rotated


@pytest.fixture
def account(cast: Cast) -> Connection:
    """It serves Acme and Birch; four of ten seeds were swapped three days ago."""
    connection = connect(cast.north, key="a" * 12, label="Shared", client=cast.acme)
    connection.scopes.create(client=cast.birch, kind="domain", value="birch.example")
    rotated(connection, {"gmail": (4, 3, 3), "yahoo": (2, 1, 1)})
    return connection


def page(browser: Browser, account: Connection, query: str = "") -> str:
    return text(browser.get(f"/seeds/{account.uuid}/{query}"))


def take(browser: Browser, account: Connection, file: str, since: str | None = None, client: str = "acme") -> Any:
    if since is None:
        since = iso(Shuffle.objects.happened()[0].sent_at)
    return browser.post(f"/seeds/{account.uuid}/file/", {"file": file, "since": since, "client": client})


def addresses(response: Any) -> list[str]:
    return str(response.content.decode()).splitlines()


def names(kind: str, *numbers: tuple[str, int]) -> list[str]:
    return sorted(f"{kind}{index}@{provider}.example" for provider, number in numbers for index in range(number))


GONE, NEW = names("went", ("gmail", 3), ("yahoo", 1)), names("came", ("gmail", 3), ("yahoo", 1))
STAYED = names("stayed", ("gmail", 4), ("yahoo", 2))


def test_plain_lists_hold_one_address_a_line(cast: Cast, account: Connection) -> None:
    browser = as_user(cast.mo)
    assert addresses(take(browser, account, "current:plain")) == sorted(NEW + STAYED)
    assert addresses(take(browser, account, "added:plain")) == NEW
    response = take(browser, account, "removed:plain")
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
def test_an_esps_columns_read_back(cast: Cast, account: Connection, layout: str, first: str, columns: list[str]) -> None:
    response = take(as_user(cast.mo), account, f"added:{layout}")
    rows: Rows = read(response.content)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert list(rows[0]) == columns
    assert [row[first] for row in rows] == NEW
    assert {row["Last Name"] for row in rows} == {"Gmail", "Yahoo"}
    assert all(row.get(columns[-1]) for row in rows)


def test_each_table_of_the_page_is_a_file(cast: Cast, account: Connection) -> None:
    browser, at = as_user(cast.cleo), f"/seeds/{account.uuid}/export"
    take(as_user(cast.mo), account, "added:klaviyo")
    take(as_user(cast.mo), account, "current:plain", client="birch")
    mix = {row["mailbox_provider"]: (row["seeds"], row["share"]) for row in fetched(browser, f"{at}/mix.csv")}
    assert mix == {"gmail": ("7", "0.7000"), "yahoo": ("3", "0.3000")}
    # Cleo sees Acme alone.
    (file,) = fetched(browser, f"{at}/seed_files.csv")
    assert (file["client"], file["file"], file["layout"], file["seeds"]) == ("acme", "added", "klaviyo", "4")
    (mile,) = fetched(browser, f"{at}/rotations.csv")
    assert (mile["client"], mile["added_taken_at"], mile["removed_taken_at"]) == ("acme", file["at"], "")
    assert fetched(browser, "/seeds/export/rotations.csv") == [mile]
    checks = {row["mailbox_provider"]: row for row in fetched(browser, f"{at}/rotation_checks.csv")}
    assert (checks["gmail"]["seeds_before"], checks["gmail"]["seeds_stayed"], checks["gmail"]["seeds_now"]) == ("7", "4", "7")
    assert {row["client"] for row in fetched(as_user(cast.mo), f"{at}/rotations.csv")} == {"acme", "birch"}
    shown = page(browser, account)
    assert all(f"{at}/{name}.csv" in shown for name in ("mix", "rotations", "rotation_checks", "seed_files"))
    assert "/seeds/export/rotations.csv" in text(browser.get("/seeds/"))


def test_every_layout_has_each_file(cast: Cast, account: Connection) -> None:
    for layout in LAYOUTS:
        for which, number in (("current", 10), ("added", 4), ("removed", 4)):
            body = take(as_user(cast.mo), account, f"{which}:{layout}").content
            assert len(body.splitlines()) == number + (layout != "plain")


def test_who_took_which_file_when_is_kept_and_shown(cast: Cast, account: Connection) -> None:
    browser = as_user(cast.mo)
    take(browser, account, "removed:klaviyo")
    taken = SeedFileDownload.objects.get()
    assert (taken.actor, taken.which, taken.layout, taken.rows, taken.client) == ("Mo", "removed", "klaviyo", 4, cast.acme)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == ("seeds.file_taken", cast.acme.uuid, "Mo")
    assert (entry.after["file"], entry.after["as"], entry.after["seeds"]) == ("Old seeds, to be removed", "Klaviyo", 4)
    assert "Files taken" in page(browser, account)


def test_what_no_import_could_take_is_left_out_and_formulas_are_made_harmless(cast: Cast, account: Connection) -> None:
    for email in ("two\nlines@x.example", "no-address", '"quoted"@x.example', "a@b,c.example", "=1+1@x.example"):
        Seed.objects.create(connection=account, email=email, mailbox_provider="gmail", status="active")
    browser = as_user(cast.mo)
    assert set(addresses(take(browser, account, "current:plain"))) - set(NEW + STAYED) == {"=1+1@x.example"}
    rows = read(take(browser, account, "current:mailchimp").content)
    assert {row["Email Address"] for row in rows} - set(NEW + STAYED) == {"'=1+1@x.example"}
    assert "left out of the files" in page(browser, account)


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
    cast: Cast, account: Connection, file: str, since: str | None, client: str
) -> None:
    assert take(as_user(cast.mo), account, file, since, client).status_code == 404
    assert not SeedFileDownload.objects.exists()


def test_roles_and_other_agencies_at_the_files(cast: Cast, account: Connection) -> None:
    got = [
        take(as_user(user), account, "current:plain").status_code for user in (cast.ann, cast.mo, cast.ben, cast.cleo, cast.zoe)
    ]
    assert got == [200, 200, 403, 403, 404]
    assert SeedFileDownload.objects.count() == 2


def test_changes_are_counted_since_the_last_shuffle_or_any_day_that_is_known(cast: Cast, account: Connection) -> None:
    browser = as_user(cast.mo)
    assert counts(page(browser, account)) == ["10", "4", "4"]
    assert counts(page(browser, account, f"?day={days_ago(1)}")) == ["10", "0", "0"]
    assert counts(page(browser, account, f"?day={days_ago(5)}")) == ["10", "4", "4"]
    long_ago = page(browser, account, f"?day={days_ago(50)}")
    assert "is not known: they are known since" in long_ago
    assert f'value="{days_ago(50)}"' in long_ago
    assert counts(long_ago) == ["10", "–", "–"]
    assert "Enter a valid date" in page(browser, account, "?day=soon")
    assert "Select a valid choice" in page(browser, account, "?since=soon")


def test_since_a_file_that_was_taken(cast: Cast, account: Connection) -> None:
    browser = as_user(cast.mo)
    take(browser, account, "current:plain")
    then = SeedFileDownload.objects.get().at
    said = f"{then:%-d %b %Y, %H:%M:%S}: a file for Acme (All seeds of now, Plain list), taken by Mo"
    assert f'<option value="{iso(then)}">{said}<' in page(browser, account)
    seed = Seed.objects.create(connection=account, email="late@x.example", mailbox_provider="gmail", status="active")
    SeedSpell.objects.create(connection=account, seed=seed, since=timezone.now())
    assert counts(page(browser, account, f"?since={iso(then)}")) == ["11", "1", "0"]
    take(browser, account, "current:klaviyo")
    offered = re.findall(r"<option [^>]*>([^<]*a file for[^<]*)</option>", page(browser, account))
    assert len(set(offered)) == len(offered) == 2
    SeedFileDownload.objects.update(at=then, layout="plain")
    assert page(browser, account).count("a file for Acme") == 1, "nothing would tell them apart"


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


def test_a_client_is_unfinished_until_a_person_says_done(cast: Cast, account: Connection) -> None:
    browser, shuffle = as_user(cast.mo), Shuffle.objects.get()
    assert unfinished(browser) == ["acme", "birch"]
    take(browser, account, "added:plain")
    take(browser, account, "removed:plain")
    assert unfinished(browser) == ["acme", "birch"], "files alone change nothing at an ESP"
    browser.post(f"/shuffles/{shuffle.uuid}/rotation/acme/", {"done": "yes"})
    browser.post(f"/shuffles/{shuffle.uuid}/rotation/acme/", {"done": "yes"})
    assert unfinished(browser) == ["birch"]
    assert RotationDone.objects.get().actor == "Mo"
    browser.post(f"/shuffles/{shuffle.uuid}/rotation/acme/", {"done": "no"})
    assert unfinished(browser) == ["acme", "birch"]
    assert list(AuditEntry.objects.filter(action__startswith="rotation").order_by("pk").values_list("action", "subject")) == [
        ("rotation.done", cast.acme.uuid),
        ("rotation.reopened", cast.acme.uuid),
    ]


def test_files_of_before_the_shuffle_are_not_taken_for_those_after_it(cast: Cast, account: Connection) -> None:
    browser = as_user(cast.mo)
    SeedFileDownload.objects.create(
        connection=account, client=cast.acme, actor="Mo", which="current", layout="plain", rows=10,
        at=timezone.now() - timedelta(days=4),
    )  # fmt: skip
    assert page(browser, account).count("not taken yet") == 4
    take(browser, account, "removed:plain", since=iso(timezone.now() - timedelta(days=1)))
    assert page(browser, account).count("not taken yet") == 4, "counted from a point after the shuffle"
    take(browser, account, "current:plain")
    assert page(browser, account).count("not taken yet") == 3, "the list of all holds the new ones"


def test_a_shuffle_from_before_we_watched_asks_for_no_rotation(cast: Cast, account: Connection) -> None:
    SeedBook.objects.update(begun_at=timezone.now() - timedelta(days=1))
    assert unfinished(as_user(cast.mo)) == []


def test_an_archived_client_is_not_waited_for(cast: Cast, account: Connection) -> None:
    type(cast.birch).objects.filter(pk=cast.birch.pk).update(archived_at=timezone.now())
    assert unfinished(as_user(cast.mo)) == ["acme"]


def test_a_viewer_sees_the_own_clients_part_and_may_do_nothing(cast: Cast, account: Connection) -> None:
    take(as_user(cast.mo), account, "removed:plain", client="birch")
    own = page(as_user(cast.cleo), account)
    assert "Birch" not in own
    assert "and others" in own
    assert "Acme" in own
    for words in ("Plan a shuffle", "Download for", "Done at the ESP", "/shuffles/", "Connection</a>"):
        assert words not in own, words
    assert unfinished(as_user(cast.cleo)) == ["acme"]
    assert as_user(cast.zoe).get(f"/seeds/{account.uuid}/").status_code == 404
    other = connect(cast.north, key="c" * 12, label="Birch only", client=cast.birch)
    assert as_user(cast.cleo).get(f"/seeds/{other.uuid}/").status_code == 404


def test_the_next_broadcasts_are_held_against_the_seeds(cast: Cast, account: Connection) -> None:
    mail(account, cast.acme, days_ago(1), {"gmail": (5, 0, 0), "yahoo": (1, 0, 0)}, split_stale=False)
    shown = page(as_user(cast.ben), account)
    assert "One broadcast brought 5 mails, and only 4 of the seeds are older." in shown
    assert "these counts can't show" in shown


def test_the_countdown_and_the_history_are_shown(cast: Cast, account: Connection) -> None:
    now = timezone.now()
    until = now + timedelta(days=18, hours=12)
    SeedBook.objects.update(asked_at=now, allowed=False, last_shuffle_at=now - timedelta(days=12), next_allowed_at=until)
    Shuffle.objects.create(
        connection=account, state="refused", origin="schedule", method="in_place", percentage=50, outcome="No."
    )
    shown = page(as_user(cast.ben), account)
    assert f"in 19 days, {until.day} {until:%b}" in shown
    assert "the monthly schedule" in shown
    assert "Refused: in cooldown" in shown
    assert f"in 19 days, {until.day} {until:%b}" in text(as_user(cast.ben).get("/seeds/"))
    SeedBook.objects.update(allowed=True, next_allowed_at=now)
    assert "now</span>" in text(as_user(cast.ben).get("/seeds/"))


def test_the_page_costs_the_same_for_many_seeds_files_and_shuffles(cast: Cast, account: Connection) -> None:
    browser = as_user(cast.mo)
    take(browser, account, "current:plain")

    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page(browser, account)
        return len(queries)

    few = cost()
    Shuffle.objects.bulk_create(Shuffle(connection=account, state="failed", method="in_place", actor="Mo") for _ in range(15))
    for _ in range(5):
        take(browser, account, "current:plain")
    assert cost() == few


def counts(shown: str) -> list[str]:
    """Of the three files."""
    part = shown.partition('id="files"')[2]
    return [row.partition("</td>")[0] for row in part.split('<td class="number">')[1:4]]


def unfinished(browser: Browser) -> list[str]:
    part = text(browser.get("/seeds/")).partition("Rotations that are not finished</h2>")[2].partition("</section>")[0]
    return [row.partition("/")[0] for row in part.split('<th scope="row"><a href="/clients/')[1:]]
