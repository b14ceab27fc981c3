"""What a test's rows say, where no sandbox goes: runs over midnight, rows that change their mind, addresses without end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace

import msgspec
import pytest

from clients import derived, placement_tests, verdicts
from clients.models import Broadcast, Connection, Placement, PlacementTest
from clients.scoping import Resolver
from clients.vendors.records import MailRecord, PlacementTestRecord
from tests.cast import Cast, connect
from tests.clients.sync.syncing import assert_sums_hold

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANN, BOB = "ann@acme.example", "bob@acme.example"
_numbers = count(1)


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return connect(cast.north, key="k" * 20, vendor="instantly", client=cast.acme)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The product's; `at` is what it shows."""
    shown = SimpleNamespace(at=NOW)
    for module in (derived, placement_tests, verdicts):
        monkeypatch.setattr(module, "timezone", SimpleNamespace(now=lambda: shown.at))
    return shown


def a_test(connection: Connection, kind: str = "once", status: str = "active", **fields: object) -> PlacementTest:
    record = PlacementTestRecord(
        **{
            "external_id": "t1", "name": "A test", "subject": "Hello", "kind": kind, "status": status, "not_sending": "",
            "senders": (ANN, BOB), "seeds": 4, "created_at": NOW - timedelta(hours=3), "next_run_at": None, "raw": {},
            **fields,
        }
    )  # fmt: skip
    placement_tests.store_tests(connection, [record], 1, Resolver(connection))
    return PlacementTest.objects.get(external_id=record.external_id)


def mail(
    at: datetime, sender: str = ANN, seed: str = "s1", *, landed: str = "", provider: str = "gmail", id_: str = ""
) -> MailRecord:
    """As sent; `landed` in 'primary', 'promotions', 'spam' or 'undecided' as received."""
    spam = None if landed in ("", "undecided") else landed == "spam"
    category = landed == "promotions" if spam is not None else None
    record = "received" if landed else "sent"
    return MailRecord(
        id_ or str(next(_numbers)), record, at, sender, seed, provider, "", "", spam, category, None, None, None, None
    )


def read(connection: Connection, test: PlacementTest, *rows: MailRecord) -> PlacementTest:
    stored = placement_tests.store_mails(test.pk, rows) if rows else None
    derived.end(connection, test, 1, Resolver(connection), changed=bool(stored and stored.new + stored.changed))
    assert_sums_hold(connection)
    return PlacementTest.objects.get(pk=test.pk)


def told() -> list[tuple[str, str, int, int, int, int, int | None]]:
    rows = Broadcast.objects.filter(gone_at=None).order_by("day", "from_email")
    names = ("from_email", "received", "primary", "promotions", "spam", "missing")
    return [(day.isoformat(), *rest) for day, *rest in rows.values_list("day", *names)]


def test_each_sender_has_its_own_counts_and_an_undecided_mail_waits(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    landed = ["primary", "promotions", "spam", "undecided"]
    rows = [mail(at, seed=f"s{i}") for i in range(5)]
    rows += [mail(at, seed=f"s{i}", landed=one) for i, one in enumerate(landed)]
    read(connection, a_test(connection), *rows)
    assert told() == [("2026-11-20", ANN, 3, 1, 1, 1, None)]
    read(connection, a_test(connection, status="completed"))
    assert told() == [("2026-11-20", ANN, 3, 1, 1, 1, 1)], "one never received; the undecided one came"


def test_a_run_over_midnight_is_of_the_day_it_began(connection: Connection) -> None:
    evening, night = datetime(2026, 11, 18, 23, 40, tzinfo=UTC), datetime(2026, 11, 19, 1, 10, tzinfo=UTC)
    week_before = evening - timedelta(days=7)
    test = a_test(connection, "automated", next_run_at=NOW + timedelta(days=5))
    rows = [mail(week_before, seed="s1"), mail(week_before, seed="s1", landed="primary")]
    rows += [mail(evening, seed="s1"), mail(evening, seed="s2"), mail(night, seed="s1", landed="spam")]
    read(connection, test, *rows)
    assert told() == [("2026-11-11", ANN, 1, 1, 0, 0, 0), ("2026-11-18", ANN, 1, 0, 0, 1, 1)]
    late = mail(night + timedelta(minutes=50), seed="s2", landed="primary")
    read(connection, PlacementTest.objects.get(pk=test.pk), late)
    assert told()[1] == ("2026-11-18", ANN, 2, 1, 0, 1, 0)


def test_a_row_that_changes_its_mind_changes_the_sums(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    test = a_test(connection)
    read(connection, test, mail(at, landed="undecided", id_="a"), mail(at, seed="s2", landed="primary", id_="b"))
    assert told()[0][2:6] == (1, 1, 0, 0)
    read(connection, test, mail(at, landed="spam", id_="a"), mail(at, seed="s2", landed="primary", id_="b"))
    assert told()[0][2:6] == (2, 1, 0, 1)


def test_a_sender_that_leaves_the_test_takes_its_broadcast_along(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    read(connection, a_test(connection), mail(at, landed="primary"), mail(at, BOB, landed="spam"))
    assert [row[1] for row in told()] == [ANN, BOB]
    test = read(connection, a_test(connection, senders=(ANN,)))
    assert [row[1] for row in told()] == [ANN]
    assert (test.foreign, list(test.parts.values_list("email", "rows"))) == (1, [(ANN, 1)])


def test_a_stranger_counts_nowhere_and_a_silent_sender_has_no_broadcast(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    test = read(connection, a_test(connection), mail(at, landed="spam"), mail(at, "relay@acme.example", landed="primary"))
    assert told() == [("2026-11-20", ANN, 1, 0, 0, 1, None)]
    assert (test.rows, test.foreign) == (2, 1)
    assert dict(test.parts.values_list("email", "rows")) == {ANN: 1, BOB: 0}


def test_a_mailbox_provider_that_is_corrected_leaves_no_trace(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    test = a_test(connection)
    read(connection, test, mail(at, landed="primary", provider="other", id_="a"))
    test.mails.update(mailbox_provider="outlook")
    read(connection, test)
    assert list(Placement.objects.values_list("mailbox_provider", "received")) == [("outlook", 1)]


def test_addresses_without_end_stay_apart(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    long = [f"{'a' * 240}{end}@{'b' * 60}.example" for end in ("x", "y")]
    read(connection, a_test(connection, senders=tuple(long)), *(mail(at, one, landed="primary") for one in long))
    ids = list(Broadcast.objects.values_list("external_id", flat=True))
    assert len(set(ids)) == 2
    assert max(map(len, ids)) <= 255


@pytest.mark.parametrize(
    ("kind", "status", "age", "settled"),
    [
        ("once", "active", timedelta(hours=2), [False, False]),
        ("once", "completed", timedelta(hours=2), [False, True]),
        ("once", "completed", timedelta(days=20), [True, True]),
        ("once", "paused", timedelta(hours=2), [False, False]),
        ("automated", "active", timedelta(hours=2), [False, False]),
    ],
)
def test_when_a_test_is_settled(connection: Connection, kind: str, status: str, age: timedelta, settled: list[bool]) -> None:
    test = a_test(connection, kind, status, seeds=1, created_at=NOW - age, next_run_at=NOW + timedelta(days=2))
    rows = [mail(NOW - age, id_="a"), mail(NOW - age, landed="primary", id_="b")]
    assert [read(connection, PlacementTest.objects.get(pk=test.pk), *rows).settled for _ in range(2)] == settled


@pytest.mark.parametrize(("kind", "seeds"), [("once", 2), ("once", 0), ("automated", 2)])
def test_a_reading_that_looks_cut_off_is_believed_when_the_second_says_the_same(
    connection: Connection, kind: str, seeds: int
) -> None:
    """A seed has no row, or nobody knows how many there are; and the automated one is not read from that day on."""
    at = NOW - timedelta(days=20)
    fields = {"seeds": seeds, "created_at": at, "next_run_at": NOW + timedelta(days=2)}
    test = a_test(connection, kind, "paused" if kind == "automated" else "completed", **fields)
    rows = [mail(at, id_="a"), mail(at, landed="primary", id_="b")]
    first = read(connection, test, *rows)
    assert (first.settled, first.read_to) == (False, None)
    second = read(connection, PlacementTest.objects.get(pk=test.pk), *rows)
    assert second.read_to == at.date()


def test_a_settled_one_is_read_again_when_the_list_says_that_something_happened(
    connection: Connection, clock: SimpleNamespace
) -> None:
    test = a_test(connection, "automated", seeds=1, next_run_at=NOW + timedelta(days=2))
    clock.at = NOW + timedelta(days=1, hours=1)
    assert read(connection, test, mail(NOW, landed="primary")).settled
    assert a_test(connection, "automated", seeds=1, next_run_at=NOW + timedelta(days=2), name="Another name").settled
    clock.at = NOW + timedelta(days=2, minutes=1)
    assert not a_test(connection, "automated", next_run_at=NOW + timedelta(days=2)).settled, "its next run has begun"
    clock.at = NOW + timedelta(days=4)
    assert read(connection, PlacementTest.objects.get(pk=test.pk)).settled
    assert not a_test(connection, "automated", status="paused").settled


def test_what_came_without_a_verdict_is_kept_apart_from_what_is_missing(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    rows = [mail(at, seed=f"s{i}") for i in range(4)] + [mail(at, seed=f"s{i}", landed="undecided") for i in range(3)]
    read(connection, a_test(connection, status="completed"), *rows)
    assert told() == [("2026-11-20", ANN, 0, 0, 0, 0, 1)]
    assert list(Broadcast.objects.values_list("undecided", flat=True)) == [3]
    assert list(Placement.objects.values_list("missing", "undecided")) == [(1, 3)]
    now = [mail(at, seed=f"s{i}", landed="primary", id_=rows[4 + i].external_id) for i in range(3)]
    read(connection, PlacementTest.objects.get(), *now)
    assert list(Broadcast.objects.values_list("received", "undecided")) == [(3, None)]


@pytest.mark.parametrize("age", [timedelta(hours=30), timedelta(days=20)])
def test_a_test_with_verdicts_to_come_stays_open_for_a_while(
    connection: Connection, clock: SimpleNamespace, age: timedelta
) -> None:
    at = NOW - age
    test = a_test(connection, status="completed", seeds=1, senders=(ANN,), created_at=at)
    rows = [mail(at, id_="a"), mail(at, landed="undecided", id_="b")]

    def settled() -> bool:
        return read(connection, PlacementTest.objects.get(pk=test.pk), *rows).settled

    assert not settled(), "its rows are all there, and no verdict is"
    assert settled() == (age > verdicts.PATIENCE), "of an old one the second reading is believed"
    clock.at = NOW + verdicts.PATIENCE
    assert settled(), "they come no more"


def test_a_verdict_ends_the_waiting(connection: Connection) -> None:
    at = NOW - timedelta(hours=30)
    test = a_test(connection, status="completed", seeds=1, senders=(ANN,), created_at=at)
    assert not read(connection, test, mail(at, id_="a"), mail(at, landed="undecided", id_="b")).settled
    test = PlacementTest.objects.get(pk=test.pk)
    assert read(connection, test, mail(at, id_="a"), mail(at, landed="spam", id_="b")).settled


def test_an_automated_test_is_read_from_the_run_whose_verdicts_are_to_come(
    connection: Connection, clock: SimpleNamespace
) -> None:
    before, at = NOW - timedelta(days=2), NOW - timedelta(hours=1)
    test = a_test(connection, "automated", seeds=1, senders=(ANN,), next_run_at=NOW + timedelta(days=1))
    stranger = mail(before - timedelta(days=1), "relay@acme.example", landed="undecided")
    rows = [mail(before, landed="undecided", id_="a"), mail(at, landed="primary", id_="b"), stranger]
    test = read(connection, test, *rows)
    assert (test.read_to, verdicts.since(test)) == (at.date(), before.date())
    verdict = mail(before, landed="spam", id_="a")
    placement_tests.store_mails(test.pk, [verdict])
    derived.end(connection, test, 1, Resolver(connection), changed=True, since=before.date())
    assert [(row[0], row[2], row[5]) for row in told()] == [("2026-11-18", 1, 1), ("2026-11-20", 1, 0)]
    assert verdicts.since(test) == at.date()
    test.mails.update(is_spam=None)
    clock.at = NOW + timedelta(days=2)
    assert verdicts.since(test) == at.date(), "those of the other came too long ago"


def test_a_second_reading_corrects_every_field(connection: Connection) -> None:
    at = NOW - timedelta(hours=1)
    test = a_test(connection)
    headers = {"received_spf": "fail"}
    lies = msgspec.structs.replace(mail(at - timedelta(days=9), landed="spam", id_="a", provider="other"), headers={"lie": "x"})
    truth = MailRecord("a", "received", at, BOB, "s2", "gmail", "Google", "Italy", False, False, True, None, False, headers)
    read(connection, test, lies)
    stored = placement_tests.store_mails(test.pk, [truth])
    assert stored.changed == 1
    kept = test.mails.get()
    assert [getattr(kept, name) for name in placement_tests.MAIL] == [getattr(truth, name) for name in placement_tests.MAIL]
    assert kept.day == at.date()
    assert placement_tests.store_mails(test.pk, [truth]).changed == 0
    assert placement_tests.store_mails(test.pk, [msgspec.structs.replace(truth, headers=lies.headers)]).changed == 1
