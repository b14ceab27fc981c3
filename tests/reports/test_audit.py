"""The audit log: who did what, found by filters, taken along as CSV, and never edited."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from agency import audit
from agency.models import AuditEntry, User
from clients import connecting
from clients.claiming import claim
from clients.models import Change, ChangeItem, Connection, ItemState, Shuffle
from reports.queries import acts
from reports.report import report
from reports.scope import Scope
from tests.cast import Cast, connect
from tests.clients.changes.changing import CUSTOM
from tests.factories import SenderFactory, days_ago, mail, roll_up, written
from tests.reports.exports.reading import column, fetched
from tests.reports.reading import as_user, text


@pytest.fixture
def log(cast: Cast) -> None:
    def entry(user: User | None, action: str, target: str, subject: Any = None, **said: Any) -> None:
        audit.record(None, action, target, agency=cast.north, user=user, subject=subject, **said)

    entry(cast.ann, "client.created", "Acme", cast.acme.uuid, after={"name": "Acme"})
    entry(cast.mo, "change.apply_asked", "3 senders on acme.example", cast.acme.uuid, reason="It slides",
          before={"rules": ["default × 3"]}, after={"rules": ["repair × 3"]})  # fmt: skip
    entry(None, "change.apply_asked", "All senders tagged =vip", cast.birch.uuid)
    audit.record(None, "client.created", "Oak", agency=cast.south, user=cast.zoe, subject=cast.oak.uuid)
    written(AuditEntry.objects.filter(action="client.created", agency=cast.north), timezone.now() - timedelta(days=40))


def test_an_entry_says_who_what_before_after_and_why(cast: Cast, log: None) -> None:
    shown = text(as_user(cast.ann).get("/settings/audit/"))
    assert "Asked to apply a change" in shown
    assert "rules default × 3 → repair × 3" in shown
    assert "It slides" in shown
    assert "a command at the terminal" in shown
    assert "Oak" not in shown
    assert "Client created" not in shown, "it is older than the window"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["terminal", "Mo"]),
        ("window=60", ["terminal", "Mo", "Ann"]),
        ("who=Mo", ["Mo"]),
        ("status=client&window=60", ["Ann"]),
        ("client=birch", ["terminal"]),
        ("search=SLIDES", ["Mo"]),
        ("search=vip", ["terminal"]),
        ("client=oak", []),
        ("who=nobody", []),
    ],
)
def test_the_page_and_its_file_have_the_rows_of_the_filter(cast: Cast, log: None, query: str, found: list[str]) -> None:
    browser = as_user(cast.mo)
    shown = text(browser.get(f"/settings/audit/?{query}"))
    assert shown.count("<tr>") == (len(found) + 1 if found else 0)
    rows = fetched(browser, f"/settings/audit/export/audit.csv?{query}")
    assert column(rows, "who") == found


def test_the_file_carries_before_and_after(cast: Cast, log: None) -> None:
    (row,) = fetched(as_user(cast.mo), "/settings/audit/export/audit.csv?who=Mo")
    assert (json.loads(row["before"]), json.loads(row["after"])) == ({"rules": ["default × 3"]}, {"rules": ["repair × 3"]})
    assert (row["what"], row["client"], row["reason"], row["address"]) == ("change.apply_asked", "acme", "It slides", "")


def test_from_where_it_was_asked_is_kept(cast: Cast) -> None:
    as_user(cast.mo).post("/clients/new/", {"name": "Elm", "timezone": "UTC"})
    assert "127.0.0.1" in text(as_user(cast.mo).get("/settings/audit/"))


def test_an_entry_is_never_edited_nor_deleted(cast: Cast, log: None) -> None:
    entry = AuditEntry.objects.all()[0]
    entry.reason = "Another"
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()
    every = AuditEntry.objects.filter(agency=cast.north)
    acts: list[Callable[[], Any]] = [
        lambda: every.update(reason="Another"),
        lambda: AuditEntry.objects.bulk_update([entry], ["reason"]),
        every.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update_or_create({"reason": "Another"}, pk=entry.pk),
        cast.north.audit_entries.all().delete,
    ]
    for act in acts:
        with pytest.raises(TypeError):
            act()
    assert AuditEntry.objects.filter(reason="Another").count() == 0
    assert AuditEntry.objects.count() == 4


def test_who_did_it_may_leave_and_an_agency_goes_with_its_log(cast: Cast, log: None) -> None:
    cast.mo.delete()
    assert AuditEntry.objects.get(actor="Mo").user is None
    cast.south.delete()
    assert not AuditEntry.objects.filter(target="Oak").exists()


def test_the_admin_site_edits_none(client: Any, cast: Cast, log: None) -> None:
    client.force_login(User.objects.create_superuser("root@example.com", "correct horse battery"))
    entry = AuditEntry.objects.all()[0]
    path = f"/admin/agency/auditentry/{entry.pk}"
    assert client.get(f"{path}/change/").status_code == 200
    for act in ("change", "delete"):
        assert client.post(f"{path}/{act}/", {"reason": "Another", "post": "yes"}).status_code == 403
    assert client.post("/admin/agency/auditentry/add/", {}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    client.post("/admin/agency/auditentry/", chosen)
    assert AuditEntry.objects.filter(pk=entry.pk, reason=entry.reason).exists()


def done(cast: Cast, edit: dict[str, Any], senders: int, ago: int = 2, undoes: Change | None = None) -> Change:
    connection = connect(cast.north, key=f"key-{edit}-{senders}", client=cast.acme)
    change = Change.objects.create(agency=cast.north, edit={} if undoes else edit, state="done", undoes=undoes)
    for _ in range(senders):
        sender = SenderFactory(connection=connection, client=cast.acme)
        at = timezone.now() - timedelta(days=ago)
        named = {"sender": sender, "connection": connection, "client": cast.acme, "email": sender.email, "after": edit}
        ChangeItem.objects.create(change=change, state=ItemState.DONE, sent_at=at, **named)
    ChangeItem.objects.create(
        change=change, state=ItemState.FAILED, sender=SenderFactory(connection=connection), connection=connection,
        client=cast.acme, email="x@x.example", sent_at=timezone.now() - timedelta(days=ago),
    )  # fmt: skip
    return change


def test_changes_are_told_in_plain_words_by_what_was_done(cast: Cast) -> None:
    first = done(cast, {"preset": "repair"}, 3)
    done(cast, {"status": "inactive"}, 1, ago=1)
    undone = done(cast, {"preset": "default"}, 2, ago=0, undoes=first)
    done(cast, {"preset": "repair"}, 1, ago=0, undoes=undone)
    done(cast, {"preset": "boost"}, 1, ago=50)
    scope = Scope.of_client(cast.acme)
    assert acts.changes(scope, scope.window) == [
        (days_ago(2), "3 senders put on preset repair"),
        (days_ago(1), "1 sender set to inactive"),
        (days_ago(0), "2 senders put back on preset default"),
        (days_ago(0), "1 sender put back on preset repair"),
    ]
    assert acts.changes(Scope.of_client(cast.birch), scope.window) == []


def test_the_charts_and_the_clients_report_mark_them(cast: Cast) -> None:
    connection = connect(cast.north, key="mail-key-0123456789", client=cast.acme)
    for day in range(10):
        mail(connection, cast.acme, days_ago(day), {"gmail": (30, 0, 2)})
    roll_up(connection)
    done(cast, {"preset": "repair"}, 3)
    shown = text(as_user(cast.ben).get("/clients/acme/"))
    assert "3 senders put on preset repair" in shown
    assert report(Scope.of_client(cast.acme)).acts == [(days_ago(2), "3 senders put on preset repair")]


def test_a_clients_report_tells_what_each_day_came_to(cast: Cast) -> None:
    """There and back is nothing, and the last of several is what counts."""
    change = done(cast, {"preset": "repair"}, 3)
    done(cast, {"status": "inactive"}, 1)
    moved, back = change.items.filter(state=ItemState.DONE).order_by("pk")[:2]
    change.items.filter(state=ItemState.DONE).update(before={"preset": "default"})
    again = Change.objects.create(agency=cast.north, edit={}, state="done")
    for item, edit in ((moved, dict(CUSTOM)), (back, {"preset": "default"})):
        item.pk, item.uuid, item.change, item.before, item.after = None, uuid4(), again, item.after, edit
        item.save(force_insert=True)
    assert report(Scope.of_client(cast.acme)).acts == [
        (
            days_ago(2),
            "1 sender put on custom engagement settings; 1 sender put on preset repair; 1 sender set to inactive",
        )
    ]


def test_the_clients_activity_has_its_part(cast: Cast, log: None) -> None:
    shown = text(as_user(cast.ben).get("/clients/acme/activity/"))
    assert "Asked to apply a change" in shown
    assert "rules default × 3 → repair × 3; It slides" in shown
    assert "vip" not in shown


def test_what_was_done_to_an_account_is_found_by_each_client_it_serves(cast: Cast) -> None:
    shared = connect(cast.north, key="k", client=cast.acme)
    shared.scopes.create(client=cast.birch, kind="domain", value="birch.example")
    audit.record(None, "shuffle.confirmed", shared.label, agency=cast.north, user=cast.ann, subject=shared.uuid)
    for slug in ("acme", "birch"):
        lines = fetched(as_user(cast.ann), f"/settings/audit/export/audit.csv?client={slug}")
        assert column(lines, "what") == ["shuffle.confirmed"]
    assert column(lines, "client") == ["acme|birch"]


def test_a_clients_report_tells_of_a_shuffle_without_the_accounts_name(cast: Cast) -> None:
    shared = connect(cast.north, key="k", label="Acme and Birch", client=cast.acme)
    Shuffle.objects.create(
        connection=shared, state="done", method="in_place", percentage=50, happened_at=timezone.now() - timedelta(days=1)
    )
    assert report(Scope.of_client(cast.acme)).acts == [
        (days_ago(1), "Seeds that receive this mail were replaced: 50 % of all seeds")
    ]
    assert report(Scope.of_client(cast.birch)).acts == []


def test_a_row_leads_to_the_page_of_what_it_speaks_of_where_it_may_be_opened(cast: Cast) -> None:
    account = connect(cast.north, key="k", label="Main", client=cast.acme)
    change = Change.objects.create(agency=cast.north, state="done")
    shuffle = Shuffle.objects.create(connection=account, state="done", method="in_place", percentage=50)
    said: dict[str, Any] = {"agency": cast.north, "subject": cast.acme.uuid}
    audit.record(None, "change.ended", "12 senders on acme.example", page=("change", change.uuid), **said)
    audit.record(None, "change.ended", "Of another agency", page=("change", account.uuid), **said)
    audit.record(None, "shuffle.done", "Main", page=("shuffle", shuffle.uuid), **said)
    audit.record(None, "connection.tested", "Main", agency=cast.north, subject=account.uuid)
    shown = text(as_user(cast.mo).get("/settings/audit/"))
    for address in (f"/changes/{change.uuid}/", f"/shuffles/{shuffle.uuid}/", f"/connections/{account.uuid}/"):
        assert f'<a href="{address}">' in shown
    assert f"/changes/{account.uuid}/" not in shown
    analysts, viewers = (text(as_user(one).get("/clients/acme/activity/")) for one in (cast.ben, cast.cleo))
    assert (f"/changes/{change.uuid}/" in analysts, f"/shuffles/{shuffle.uuid}/" in analysts) == (False, True)
    assert f"/shuffles/{shuffle.uuid}/" not in viewers


def test_what_a_line_has_no_room_for_can_be_opened(cast: Cast) -> None:
    long = [f"Client number {number:02}" for number in range(20)]
    said: dict[str, Any] = {"agency": cast.north, "subject": cast.acme.uuid, "after": {"clients": long}}
    audit.record(None, "shuffle.confirmed", "Main", **said)
    for address in ("/settings/audit/", "/clients/acme/activity/"):
        shown = text(as_user(cast.mo).get(address))
        opened = shown.partition("…</summary>")[2].partition("</details>")[0]
        assert "<summary>touches Client number 00, Client" in shown
        assert ", ".join(long) in opened


def test_an_account_that_came_to_serve_several_stands_with_each_of_them(cast: Cast) -> None:
    draft = Connection(agency=cast.north, vendor="inboxally", label="Shared")
    draft.keep({"api_key": "key-of-the-shared-one"})
    made = connecting.add(draft, [connecting.Claim(cast.acme, "domain", "acme.example")], None, tested=False)
    claim(made, cast.birch, "domain", "birch.example", None)
    connecting.remove(made, None)
    for slug in ("acme", "birch"):
        shown = text(as_user(cast.ben).get(f"/clients/{slug}/activity/"))
        assert ("Connection added" in shown, "Connection removed" in shown) == (True, True)
        lines = fetched(as_user(cast.ann), f"/settings/audit/export/audit.csv?client={slug}")
        assert "connection.added" in column(lines, "what")
    rows = text(as_user(cast.ann).get("/settings/audit/")).partition("Connection added")[2].partition("</tr>")[0]
    assert [f'/clients/{slug}/activity/">' in rows for slug in ("acme", "birch")] == [True, True]


def test_times_within_before_and_after_are_written_as_those_of_the_columns(cast: Cast) -> None:
    then = {"expires": "2026-11-21T12:15:46.204964+00:00", "seen": ["2026-11-21T12:15:46+00:00", "2026-11-21"]}
    audit.record(None, "report_link.created", "Cleo", agency=cast.north, after=then)
    (said,) = column(fetched(as_user(cast.mo), "/settings/audit/export/audit.csv"), "after")
    assert json.loads(said) == {"expires": "2026-11-21T12:15:46Z", "seen": ["2026-11-21T12:15:46Z", "2026-11-21"]}


def test_the_file_is_read_without_escapes(cast: Cast, log: None) -> None:
    response = as_user(cast.mo).get("/settings/audit/export/audit.csv?who=Mo")
    assert '""default × 3""' in b"".join(response.streaming_content).decode()
