"""A shuffle a month, on an injected clock: done, put off or left out, and always written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from agency.models import AuditEntry
from clients import tasks
from clients.models import Connection, Health, Origin, SeedBook, Shuffle, ShuffleSchedule, ShuffleState
from clients.shuffles import scheduling, seedbook
from clients.vendors.shuffles import CUSTOM, IN_PLACE, Order
from sandbox.server import Sandbox
from tests.clients.shuffles.shuffling import HALF, read_seeds, sent, to_its_end

pytestmark = pytest.mark.django_db
FIRST = datetime(2031, 1, 10, scheduling.HOUR, tzinfo=UTC)  # ahead of the machine's clock, by which the seeds are read


@pytest.fixture
def clock(box: Sandbox, account: Connection) -> Iterator[time_machine.Traveller]:
    """Ours and the vendor's, the evening before the first of them."""
    with time_machine.travel(FIRST - timedelta(hours=12), tick=False) as traveller:
        box.clock.set(timezone.now())
        yield traveller


def go_to(clock: time_machine.Traveller, box: Sandbox, moment: datetime) -> None:
    clock.move_to(moment)
    box.clock.set(moment)
    for pk in scheduling.due():
        tasks.carry_out_schedule(pk)


def end_all() -> None:
    for shuffle in Shuffle.objects.under_way().select_related("connection"):
        to_its_end(shuffle)


@pytest.mark.parametrize(
    ("day", "now", "then"),
    [
        (10, datetime(2027, 1, 9, 23, tzinfo=UTC), datetime(2027, 1, 10, 7, tzinfo=UTC)),
        (10, datetime(2027, 1, 10, 7, tzinfo=UTC), datetime(2027, 2, 10, 7, tzinfo=UTC)),
        (28, datetime(2027, 2, 28, 8, tzinfo=UTC), datetime(2027, 3, 28, 7, tzinfo=UTC)),
        (1, datetime(2027, 12, 31, tzinfo=UTC), datetime(2028, 1, 1, 7, tzinfo=UTC)),
    ],
)
def test_the_next_one_is_the_first_such_day_to_come(day: int, now: datetime, then: datetime) -> None:
    assert scheduling.following(day, now) == then


def test_on_its_day_it_shuffles_and_is_due_again_next_month(
    account: Connection, box: Sandbox, clock: time_machine.Traveller
) -> None:
    scheduling.set_up(account, 10, HALF, None)
    go_to(clock, box, FIRST - timedelta(seconds=1))
    assert not Shuffle.objects.exists()
    go_to(clock, box, FIRST)
    end_all()
    made = Shuffle.objects.get()
    assert (made.state, made.origin, made.actor) == (ShuffleState.DONE, Origin.SCHEDULE, "schedule")
    assert len(sent(box)) == 1
    schedule = ShuffleSchedule.objects.get()
    assert (schedule.next_at, schedule.last_outcome) == (FIRST.replace(month=2), "Sent.")
    entries = list(AuditEntry.objects.order_by("pk").values_list("action", "actor"))
    assert entries[1:] == [("shuffle.confirmed", "schedule"), ("shuffle.done", "schedule")]


def test_a_day_within_the_last_of_the_cooldown_is_put_off_until_its_end(
    account: Connection, box: Sandbox, clock: time_machine.Traveller
) -> None:
    scheduling.set_up(account, 10, HALF, None)
    go_to(clock, box, FIRST)
    end_all()
    february, march = FIRST.replace(month=2), FIRST.replace(month=3)
    go_to(clock, box, february)  # 31 days later
    end_all()
    assert Shuffle.objects.count() == 2
    go_to(clock, box, march)  # 28 days later
    schedule = ShuffleSchedule.objects.get()
    assert schedule.last_outcome == "Put off: in cooldown until 12 Mar 2031, 07:00 UTC."
    assert AuditEntry.objects.filter(action="shuffle.put_off").count() == 1
    go_to(clock, box, february + timedelta(days=30, minutes=1))
    end_all()
    assert (Shuffle.objects.filter(state="done").count(), len(sent(box))) == (3, 3)
    assert ShuffleSchedule.objects.get().due_at == FIRST.replace(month=4)


def test_a_day_far_from_the_end_of_the_cooldown_leaves_the_month_out_and_says_so(
    account: Connection, box: Sandbox, clock: time_machine.Traveller
) -> None:
    scheduling.set_up(account, 10, HALF, None)
    clock.move_to(FIRST - timedelta(days=8))
    box.clock.set(timezone.now())
    with seedbook.open_vendor(account) as vendor:
        vendor.shuffle(HALF)
    go_to(clock, box, FIRST)
    made = Shuffle.objects.get(origin=Origin.SCHEDULE)
    until = FIRST + timedelta(days=22)
    assert (made.state, made.next_allowed_at) == (ShuffleState.REFUSED, until)
    assert made.outcome == "Left out this month: in cooldown until 1 Feb 2031, 07:00 UTC."
    assert ShuffleSchedule.objects.get().next_at == FIRST.replace(month=2)
    assert len(sent(box)) == 1


@pytest.mark.parametrize(
    ("ends", "then"),
    [
        (timedelta(hours=-1), ""),
        (timedelta(days=3), "until 13 Jan 2031, 07:00 UTC: that shuffle will be put off until then."),
        (
            timedelta(days=3, minutes=1),
            "until 13 Jan 2031, 07:01 UTC: that shuffle will be left out, and the next one is due on 10 Feb 2031, 07:00 UTC.",
        ),
    ],
)
def test_what_a_cooldown_will_do_to_it_is_known_beforehand(
    account: Connection, clock: time_machine.Traveller, ends: timedelta, then: str
) -> None:
    SeedBook.objects.update(next_allowed_at=FIRST + ends, allowed=False)
    said = scheduling.outlook(account, FIRST)
    assert said == (f"On 10 Jan 2031, 07:00 UTC this account is still in cooldown, {then}" if then else "")


def test_a_vendor_that_cannot_be_asked_is_asked_again_for_a_day(
    account: Connection, box: Sandbox, clock: time_machine.Traveller
) -> None:
    scheduling.set_up(account, 10, HALF, None)
    box.faults.add("error", times=None, status=503)
    go_to(clock, box, FIRST)
    schedule = ShuffleSchedule.objects.get()
    assert (schedule.next_at, schedule.due_at) == (FIRST + timedelta(hours=1), FIRST)
    assert "Tried again at" in schedule.last_outcome
    go_to(clock, box, FIRST + timedelta(hours=25))
    assert Shuffle.objects.get().state == ShuffleState.FAILED
    assert ShuffleSchedule.objects.get().next_at == FIRST.replace(month=2)
    assert not sent(box)


def test_an_account_whose_key_is_refused_is_left_out(account: Connection, box: Sandbox, clock: time_machine.Traveller) -> None:
    scheduling.set_up(account, 10, HALF, None)
    Connection.objects.update(health=Health.REFUSED)
    go_to(clock, box, FIRST)
    assert "key refused" in Shuffle.objects.get().outcome
    assert not box.requests


def test_an_order_that_the_seeds_no_longer_allow_is_left_out(
    account: Connection, box: Sandbox, clock: time_machine.Traveller
) -> None:
    scheduling.set_up(account, 10, Order("in_place_by_provider", shares={"web_de": 50}), None)
    go_to(clock, box, FIRST)
    assert "Not one seed" in Shuffle.objects.get().outcome


def test_handed_out_twice_it_is_carried_out_once(account: Connection, box: Sandbox, clock: time_machine.Traveller) -> None:
    schedule = scheduling.set_up(account, 10, HALF, None)
    clock.move_to(FIRST)
    box.clock.set(FIRST)
    for _ in range(2):
        tasks.carry_out_schedule(schedule.pk)
    assert Shuffle.objects.count() == 1
    assert ShuffleSchedule.objects.get().last_outcome == "Sent."


def test_changing_and_stopping_it_are_written_down(account: Connection) -> None:
    scheduling.set_up(account, 10, HALF, None)
    made = scheduling.set_up(account, 12, Order(CUSTOM, shares={"gmail": 100}), None)
    scheduling.stop(made, None)
    assert not ShuffleSchedule.objects.exists()
    first, second, third = AuditEntry.objects.order_by("pk")
    assert (first.action, first.after["how"]) == ("shuffle.scheduled", "50 % of all seeds")
    assert (second.before["day"], second.after["day"]) == (10, 12)
    assert (third.action, third.before["how"]) == ("shuffle.schedule_stopped", "new mix of 100 % Gmail")


def test_an_order_without_sense_is_not_scheduled(account: Connection) -> None:
    with pytest.raises(ValueError, match="add up to 100"):
        scheduling.set_up(account, 10, Order(CUSTOM, shares={"gmail": 99}), None)
    with pytest.raises(ValueError, match="1 to 100"):
        scheduling.set_up(account, 10, Order(IN_PLACE), None)


def test_the_seeds_are_those_of_the_day(account: Connection, box: Sandbox, clock: time_machine.Traveller) -> None:
    """The plan is made when it is due, not when it was scheduled."""
    scheduling.set_up(account, 10, HALF, None)
    with seedbook.open_vendor(account) as vendor:
        vendor.shuffle(Order(CUSTOM, shares={"gmail": 100}))
    read_seeds(account)
    go_to(clock, box, FIRST + timedelta(days=30))
    assert Shuffle.objects.get(origin=Origin.SCHEDULE).mix_before == {"gmail": 240}
