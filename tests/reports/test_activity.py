from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from agency import audit
from agency.models import AuditEntry
from clients.models import Scope, Shuffle, SyncRun
from clients.shuffles import history
from tests.cast import Cast, connect
from tests.factories import written
from tests.reports.reading import as_user, link, text


def test_the_timeline_mixes_what_people_did_with_what_syncs_brought(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, label="Main", client=cast.acme)
    feed = connection.feeds.get(resource="seeds")
    now = timezone.now()
    SyncRun.objects.create(
        feed=feed, state="ok", new=7, rows=7, pages=1, started_at=now - timedelta(hours=3), outcome="Complete."
    )
    SyncRun.objects.create(feed=feed, state="ok", rows=7, started_at=now - timedelta(hours=2), outcome="Quiet.")
    SyncRun.objects.create(feed=feed, state="failed", started_at=now - timedelta(hours=1), outcome="InboxAlly was down.")
    said = {"client": "Acme", "scope": "domain acme.example"}
    audit.record(None, "scope.added", "Main", agency=cast.north, subject=cast.acme.uuid, after=said)
    audit.record(None, "client.created", "Birch", agency=cast.north, subject=cast.birch.uuid)
    browser = as_user(cast.ben)
    page = text(browser.get("/clients/acme/activity/"))
    assert page.index("Scope added") < page.index("InboxAlly was down.") < page.index("7 new")
    assert "Quiet." not in page
    assert "Complete." not in page, "the tag beside it says so"
    assert '<span class="tag good">Complete</span>' in page
    assert "Birch" not in page
    assert "scope domain acme.example" in page
    assert "Quiet." in text(browser.get("/clients/acme/activity/?status=all"))
    assert "Scope added" not in text(browser.get("/clients/acme/activity/?status=trouble"))
    assert "7 new" not in text(browser.get("/clients/acme/activity/?status=trouble"))
    assert "Sync of" not in text(browser.get("/clients/acme/activity/?status=people"))
    viewer = text(as_user(cast.cleo).get("/clients/acme/activity/"))
    assert "Scope added" in viewer
    assert "scope domain acme.example" not in viewer
    assert "/runs/" not in viewer


def test_what_was_done_is_told_in_words_with_its_time_zone(cast: Cast) -> None:
    said = {"vendor": "inboxally", "key": "…0001", "tested": False, "scopes": ["Acme: all", "Birch: tag retail"]}
    audit.record(None, "connection.added", "Main", agency=cast.north, subject=cast.acme.uuid, after=said)
    link_said = {"for": "Cleo", "window": 30, "expires": "2027-02-19T04:30+01:00"}
    audit.record(None, "report_link.made", "Acme: Cleo", agency=cast.north, subject=cast.acme.uuid, after=link_said)
    then, now = {"tags": ["vip"], "window": 7, "manager": ""}, {"tags": ["vip", "new"], "window": 30, "manager": "Mo"}
    audit.record(None, "client.edited", "Acme", agency=cast.north, subject=cast.acme.uuid, before=then, after=now)
    page = text(as_user(cast.ben).get("/clients/acme/activity/"))
    assert "vendor InboxAlly; key …0001; not tested; serves Acme (all of it), Birch (tag retail)" in page
    assert "for Cleo; shows the last 30 days; closes 19 Feb 2027, 03:30 UTC" in page
    assert "tags vip → vip, new; shows the last 7 days → 30 days; account manager Mo" in page
    assert "by a command at the terminal" in page
    assert re.search(r"<time [^>]*>\d+ \w{3} \d{4}, \d\d:\d\d UTC</time>", page)


def test_what_happened_to_a_shared_account_stands_with_each_of_its_clients(cast: Cast) -> None:
    shared = connect(cast.north, key="a" * 12, label="Shared", client=cast.acme)
    Scope.objects.create(connection=shared, client=cast.birch, kind="domain", value="birch.example")
    connect(cast.north, key="b" * 12, label="Other", client=cast.birch)
    made = Shuffle(connection=shared, method="in_place", percentage=50, actor="schedule")
    after = {"how": "50 % of all seeds", "clients": ["Acme", "Birch"], "mix": {"gmail": 84, "yahoo": 1}}
    history.record(made, "shuffle.done", after={**after, "result": "120 of 240 seeds went, 120 came."})
    for slug in ("acme", "birch"):
        page = text(as_user(cast.ben).get(f"/clients/{slug}/activity/"))
        assert "Shuffle done" in page
        assert "by the monthly schedule" in page
        assert "50 % of all seeds; touches Acme, Birch; seeds 84 Gmail, 1 Yahoo; 120 of 240 seeds went, 120 came." in page
    viewer = as_user(cast.cleo)
    assert "Shuffle done" in text(viewer.get("/clients/acme/activity/"))
    assert "Birch" not in text(viewer.get("/clients/acme/activity/"))
    rows = b"".join(as_user(cast.ben).get("/clients/acme/activity/export/log.csv").streaming_content).decode().splitlines()
    assert rows[1].startswith("acme,")
    assert ",person,schedule,shuffle.done,Shared," in rows[1]


def test_the_timeline_is_walked_to_its_end_without_a_gap_or_a_repeat(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.listing.timeline.timeline.__kwdefaults__", {"size": 5})
    feed = connect(cast.north, key="a" * 12, client=cast.acme).feeds.get(resource="seeds")
    now = timezone.now()
    for number in range(8):  # in pairs of the same moment
        then = now - timedelta(minutes=number // 2)
        SyncRun.objects.create(feed=feed, state="ok", new=1, started_at=then, outcome=f"run {number}.")
        act = audit.record(None, "client.edited", f"act {number}.", agency=cast.north, subject=cast.acme.uuid)
        written(AuditEntry.objects.filter(pk=act.pk), then)
    browser, path, seen = as_user(cast.ben), "/clients/acme/activity/", []
    page = text(browser.get(path))
    while True:
        seen.append(re.findall(r"(?:run|act) \d", page))
        if 'rel="next"' not in page:
            break
        page = text(browser.get(path + link(page, "next")))
    assert [len(one) for one in seen] == [5, 5, 5, 1]
    assert len({entry for one in seen for entry in one}) == 16
