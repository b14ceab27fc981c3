"""What a vendor no longer lists is marked, after a complete pass and not before; and comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from clients.models import Broadcast, Connection, Feed, RunState, Seed, Sender
from sandbox.server import Sandbox
from tests.clients.sync.syncing import TODAY, assert_sums_hold, assert_true, bring, feed, kept_cells, total, words


def _emails() -> list[str]:
    return list(Seed.objects.filter(gone_at=None).order_by("email").values_list("email", flat=True))


def test_failure_on_page_two_marks_nothing_gone(box: Sandbox, connection: Connection) -> None:
    bring(connection, "seeds")
    known = _emails()
    box.change("petit", remove_seeds=known[:5])
    box.switches.short_pages = 20
    box.faults.add("error", "/v3/seeds", after=1, times=5)
    assert bring(connection, "seeds").state == RunState.FAILED
    assert _emails() == known
    # The next run goes on at page two, and has then seen both.
    box.requests.clear()
    run = bring(connection, "seeds")
    assert (run.state, run.gone, box.requests[0].query["page_token"] != "") == (RunState.OK, 5, True)
    assert _emails() == known[5:]


@pytest.mark.parametrize("resource", ["seeds", "senders"])
def test_an_empty_list_where_there_were_rows_marks_nothing_and_says_so(
    box: Sandbox, connection: Connection, resource: str
) -> None:
    bring(connection, resource)
    if resource == "seeds":
        box.change("petit", remove_seeds=_emails())
    else:
        box.change("petit", remove_senders=list(Sender.objects.values_list("external_id", flat=True)))
    run = bring(connection, resource)
    assert (run.gone, run.rows) == (0, 0)
    assert "came back empty" in run.outcome
    assert "nothing is marked as gone" in words(run)
    assert not Seed.objects.exclude(gone_at=None).exists()
    assert not Sender.objects.exclude(gone_at=None).exists()


@pytest.mark.parametrize(
    ("resource", "kind", "what"),
    [
        ("broadcasts", "wrong_type", {"field": "date", "value": "9999-12-31"}),
        ("broadcasts", "wrong_type", {"field": "date", "value": "0001-01-01"}),
        ("seeds", "missing_key", {"field": "email"}),
    ],
)
def test_a_list_of_which_nothing_could_be_read_is_not_called_empty(
    box: Sandbox, connection: Connection, resource: str, kind: str, what: dict[str, str]
) -> None:
    _mail(box, 0)
    bring(connection, resource)
    box.switches.short_pages = 5  # ten such rows on one page would be our parser's fault
    box.faults.add(kind, f"/v3/{resource}", times=None, row=None, **what)
    run = bring(connection, resource)
    assert (run.state, run.gone) == (RunState.FAILED, 0)
    assert run.set_aside > 5
    assert f"None of its {run.set_aside} rows could be read, although there were some before" in run.outcome
    assert "empty" not in run.outcome
    Feed.objects.update(last_ok_at=timezone.now() - timedelta(hours=25))
    assert bring(connection, resource).state == RunState.PARTIAL
    box.change("petit", remove_seeds=_emails()[:1], remove_newest_broadcasts=1)
    run = bring(connection, resource)
    assert (run.state, run.gone) == (RunState.PARTIAL, 0), "one fewer that can't be read is no new doubt"


def test_an_empty_list_of_broadcasts_marks_nothing_and_says_so(box: Sandbox, connection: Connection) -> None:
    _mail(box, 0)
    bring(connection)
    box.change("petit", remove_newest_broadcasts=1000)
    run = bring(connection)
    assert run.gone == 0
    assert "came back empty" in run.outcome
    assert not Broadcast.objects.exclude(gone_at=None).exists()


def test_a_broadcast_that_is_gone_leaves_the_sums_and_comes_back_into_them(box: Sandbox, connection: Connection) -> None:
    ids = _mail(box, 0) + _mail(box, 1)
    bring(connection)
    assert_true(box, "petit", connection)
    whole = kept_cells(connection)
    box.change("petit", remove_broadcasts=ids[:1])
    assert bring(connection).gone == 1
    assert_true(box, "petit", connection)
    one = Broadcast.objects.exclude(gone_at=None).get()
    assert one.external_id == ids[0]
    # As when the vendor lists it again.
    Broadcast.objects.filter(pk=one.pk).update(external_id=_mail(box, 0)[0])
    run = bring(connection)
    assert (run.new, run.changed, run.gone) == (0, 1, 0)
    assert kept_cells(connection) == whole
    assert_true(box, "petit", connection)


def test_the_only_broadcast_of_the_window_can_be_gone(box: Sandbox, connection: Connection) -> None:
    box.change("petit", remove_newest_broadcasts=3)
    (only,) = _mail(box, 0)
    bring(connection)
    Broadcast.objects.exclude(external_id=only).filter(day__gte=TODAY - timedelta(days=8)).update(day=TODAY - timedelta(days=20))
    box.change("petit", remove_newest_broadcasts=1)
    run = bring(connection)
    assert Broadcast.objects.get(external_id=only).gone_at is not None
    assert "empty" not in run.outcome


def test_what_is_older_than_the_window_is_history(box: Sandbox, connection: Connection) -> None:
    bring(connection)
    before = total(connection)
    old = list(Broadcast.objects.filter(day__lt=TODAY - timedelta(days=30)).values_list("external_id", flat=True))
    box.change("petit", remove_broadcasts=old)
    assert bring(connection).gone == 0
    assert total(connection) == before


def test_what_the_vendor_keeps_no_longer_is_history(box: Sandbox, connection: Connection) -> None:
    bring(connection)
    before = total(connection)
    box.switches.retention_days = 14
    # Even where a pass reads everything, as when the last complete one is not known.
    one = feed(connection)
    one.watermark = None
    one.save()
    run = bring(connection)
    assert (run.state, run.gone) == (RunState.OK, 0)
    assert total(connection) == before
    assert_sums_hold(connection)


def test_a_row_that_could_not_be_read_is_not_taken_for_gone(box: Sandbox, connection: Connection) -> None:
    bring(connection, "senders")
    box.faults.add("null_id", "/v3/senders", times=1)
    run = bring(connection, "senders")
    assert (run.state, run.set_aside, run.gone) == (RunState.PARTIAL, 1, 0)
    assert not Sender.objects.exclude(gone_at=None).exists()
    assert "could not be read" in run.outcome
    assert bring(connection, "senders").outcome == "Complete."


def test_a_row_set_aside_before_a_kill_is_remembered_after_it(box: Sandbox, connection: Connection) -> None:
    bring(connection, "seeds")
    box.switches.short_pages = 20
    box.faults.add("null_id", "/v3/seeds")
    box.faults.add("error", "/v3/seeds", after=1, times=5)
    assert bring(connection, "seeds").state == RunState.FAILED
    run = bring(connection, "seeds")
    assert (run.state, run.gone) == (RunState.PARTIAL, 0)
    assert not Seed.objects.exclude(gone_at=None).exists()


def test_rows_that_come_and_go_between_pages_are_right_after_the_next_run(box: Sandbox, connection: Connection) -> None:
    bring(connection)
    box.switches.short_pages = 3
    sent = [TODAY - timedelta(days=day) for day in range(4)]
    for after, day in enumerate(sent):
        mail = {"subject": f"Late {day}", "from_email": "ventes@petit.example", "providers": {"yahoo": [3, 1, 1]}}
        mail["sent"] = f"{day}T03:00:00+00:00"
        box.faults.add(
            "change", "/v3/broadcasts", after=after, what={"add_broadcasts": [mail], "remove_newest_broadcasts": after % 2}
        )
    bring(connection)
    assert bring(connection).state == RunState.OK
    assert_true(box, "petit", connection)


def _mail(box: Sandbox, days_ago: int) -> list[str]:
    sent = f"{TODAY - timedelta(days=days_ago)}T02:00:00+00:00"
    mail = {
        "subject": "Bonjour",
        "from_email": "bonjour@petit.example",
        "sent": sent,
        "providers": {"gmail": [5, 2, 1], "yahoo": [4, 0, 2]},
    }
    found: list[str] = box.change("petit", add_broadcasts=[mail])["add_broadcasts"]
    return found
