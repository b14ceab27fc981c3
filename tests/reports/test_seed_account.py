"""One account's seeds: what stands on its page for whom, and which clients have not followed a shuffle yet."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection as database
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency.models import AuditEntry
from clients.models import Connection, RotationDone, SeedBook, SeedFileDownload, Shuffle
from reports.listing.seed_account import iso
from tests.cast import Cast, connect
from tests.factories import days_ago, mail
from tests.reports.exports.reading import fetched
from tests.reports.reading import as_user, text
from tests.reports.seeds_page import page, take


def test_each_table_of_the_page_is_a_file(cast: Cast, seeded: Connection) -> None:
    browser, at = as_user(cast.cleo), f"/seeds/{seeded.uuid}/export"
    take(as_user(cast.mo), seeded, "added:klaviyo")
    take(as_user(cast.mo), seeded, "current:plain", client="birch")
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
    shown = page(browser, seeded)
    assert all(f"{at}/{name}.csv" in shown for name in ("mix", "rotations", "rotation_checks", "seed_files"))
    assert "/seeds/export/rotations.csv" in text(browser.get("/seeds/"))


def test_a_client_is_unfinished_until_a_person_says_done(cast: Cast, seeded: Connection) -> None:
    browser, shuffle = as_user(cast.mo), Shuffle.objects.get()
    assert unfinished(browser) == ["acme", "birch"]
    take(browser, seeded, "added:plain")
    take(browser, seeded, "removed:plain")
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


def test_files_of_before_the_shuffle_are_not_taken_for_those_after_it(cast: Cast, seeded: Connection) -> None:
    browser = as_user(cast.mo)
    SeedFileDownload.objects.create(
        connection=seeded, client=cast.acme, actor="Mo", which="current", layout="plain", rows=10,
        at=timezone.now() - timedelta(days=4),
    )  # fmt: skip
    assert page(browser, seeded).count("not taken yet") == 4
    take(browser, seeded, "removed:plain", since=iso(timezone.now() - timedelta(days=1)))
    assert page(browser, seeded).count("not taken yet") == 4, "counted from a point after the shuffle"
    take(browser, seeded, "current:plain")
    assert page(browser, seeded).count("not taken yet") == 3, "the list of all holds the new ones"


def test_a_shuffle_from_before_we_watched_asks_for_no_rotation(cast: Cast, seeded: Connection) -> None:
    SeedBook.objects.update(begun_at=timezone.now() - timedelta(days=1))
    assert unfinished(as_user(cast.mo)) == []


def test_an_archived_client_is_not_waited_for(cast: Cast, seeded: Connection) -> None:
    type(cast.birch).objects.filter(pk=cast.birch.pk).update(archived_at=timezone.now())
    assert unfinished(as_user(cast.mo)) == ["acme"]


def test_a_viewer_sees_the_own_clients_part_and_may_do_nothing(cast: Cast, seeded: Connection) -> None:
    take(as_user(cast.mo), seeded, "removed:plain", client="birch")
    own = page(as_user(cast.cleo), seeded)
    assert "Birch" not in own
    assert "and others" in own
    assert "Acme" in own
    for words in ("Plan a shuffle", "Download for", "Done at the ESP", "/shuffles/", "Connection</a>"):
        assert words not in own, words
    assert unfinished(as_user(cast.cleo)) == ["acme"]
    assert as_user(cast.zoe).get(f"/seeds/{seeded.uuid}/").status_code == 404
    other = connect(cast.north, key="c" * 12, label="Birch only", client=cast.birch)
    assert as_user(cast.cleo).get(f"/seeds/{other.uuid}/").status_code == 404


def test_the_next_broadcasts_are_held_against_the_seeds(cast: Cast, seeded: Connection) -> None:
    mail(seeded, cast.acme, days_ago(1), {"gmail": (5, 0, 0), "yahoo": (1, 0, 0)}, split_stale=False)
    shown = page(as_user(cast.ben), seeded)
    assert "One broadcast brought 5 mails, and only 4 of the seeds are older." in shown
    assert "these counts can't show" in shown


def test_the_countdown_and_the_history_are_shown(cast: Cast, seeded: Connection) -> None:
    now = timezone.now()
    until = now + timedelta(days=18, hours=12)
    SeedBook.objects.update(asked_at=now, allowed=False, last_shuffle_at=now - timedelta(days=12), next_allowed_at=until)
    Shuffle.objects.create(connection=seeded, state="refused", origin="schedule", method="in_place", percentage=50, outcome="No.")
    shown = page(as_user(cast.ben), seeded)
    assert f"in 19 days, {until.day} {until:%b}" in shown
    assert "the monthly schedule" in shown
    assert "Refused: in cooldown" in shown
    assert f"in 19 days, {until.day} {until:%b}" in text(as_user(cast.ben).get("/seeds/"))
    SeedBook.objects.update(allowed=True, next_allowed_at=now)
    assert "now</span>" in text(as_user(cast.ben).get("/seeds/"))


def test_the_page_costs_the_same_for_many_seeds_files_and_shuffles(cast: Cast, seeded: Connection) -> None:
    browser = as_user(cast.mo)
    take(browser, seeded, "current:plain")

    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page(browser, seeded)
        return len(queries)

    few = cost()
    Shuffle.objects.bulk_create(Shuffle(connection=seeded, state="failed", method="in_place", actor="Mo") for _ in range(15))
    for _ in range(5):
        take(browser, seeded, "current:plain")
    assert cost() == few


def unfinished(browser: Browser) -> list[str]:
    part = text(browser.get("/seeds/")).partition("Rotations that are not finished</h2>")[2].partition("</section>")[0]
    return [row.partition("/")[0] for row in part.split('<th scope="row"><a href="/clients/')[1:]]
