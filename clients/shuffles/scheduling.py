"""A shuffle of an account each month. It looks at the cooldown first, and writes down what it did.

Months are shorter than the cooldown: a day that falls into its last days is put off until it ends; else the month is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency import audit
from clients.models import Connection, Origin, Shuffle, ShuffleSchedule, ShuffleState
from clients.shuffles import asking, hindering, history, seedbook, wording
from clients.shuffles.asking import By, NotNow
from clients.shuffles.mixing import NoSense, check
from clients.shuffles.wording import moment
from clients.vendors.shuffles import Order

HOUR = 7  # UTC: a working day begins with the new files at hand
PUT_OFF = timedelta(days=3)
#: What could not be asked is asked again, for a day.
AGAIN, PATIENCE = timedelta(hours=1), timedelta(days=1)
#: Whose worker died is taken up by the next.
AT_IT = timedelta(minutes=10)
WHO = "schedule"


def set_up(connection: Connection, day: int, order: Order, by: By) -> ShuffleSchedule:
    """Makes the account's schedule, or changes it. Raises NoSense."""
    check(order)
    due = following(day, timezone.now())
    values: dict[str, Any] = {"day": day, "method": order.method, "percentage": order.percentage, "shares": dict(order.shares)}
    with transaction.atomic():
        old = ShuffleSchedule.objects.filter(connection=connection).first()
        before = said(old) if old else {}
        who = {"user": by.user, "actor": str(by.user)} if by is not None else {"user": None, "actor": "terminal"}
        made, _ = ShuffleSchedule.objects.update_or_create(
            connection=connection, defaults={**values, **who, "next_at": due, "due_at": due}
        )
        _record(made, "shuffle.scheduled", by, before=before, after=said(made))
    return made


def stop(schedule: ShuffleSchedule, by: By) -> None:
    with transaction.atomic():
        if ShuffleSchedule.objects.filter(pk=schedule.pk).delete()[0]:
            _record(schedule, "shuffle.schedule_stopped", by, before=said(schedule))


def following(day: int, now: datetime) -> datetime:
    """The first such day of a month whose hour is still to come."""
    now = now.astimezone(UTC)
    here = datetime(now.year, now.month, day, HOUR, tzinfo=UTC)
    if here > now:
        return here
    return datetime(now.year + now.month // 12, now.month % 12 + 1, day, HOUR, tzinfo=UTC)


def outlook(connection: Connection, due: datetime) -> str:
    """What becomes of a shuffle that is due then, where it would meet the cooldown by what is known today; else empty."""
    until = hindering.cooldown_until(seedbook.book_of(connection))
    if until is None or until <= due:
        return ""
    short = until - due <= PUT_OFF
    then = "put off until then" if short else f"left out, and the next one is due on {moment(following(due.day, due))}"
    return f"On {moment(due)} this account is still in cooldown, until {moment(until)}: that shuffle will be {then}."


def due() -> list[int]:
    found = ShuffleSchedule.objects.filter(next_at__lte=timezone.now(), connection__removed_at=None)
    return list(found.order_by("next_at").values_list("pk", flat=True)[:200])


def carry_out(schedule_id: int) -> None:
    """Does what is due: shuffles, puts off, or leaves the month out. Of two that were told to, one does."""
    now = timezone.now()
    if not ShuffleSchedule.objects.filter(pk=schedule_id, next_at__lte=now).update(next_at=now + AT_IT):
        return None
    schedule = ShuffleSchedule.objects.select_related("connection__agency").get(pk=schedule_id)
    connection = schedule.connection
    if not seedbook.may_be_asked(connection):
        return _leave_out(schedule, ShuffleState.FAILED, f"Not sent: {hindering.unasked(connection)}")
    book = seedbook.ask(connection)
    if book.trouble:
        return _try_again(schedule, book.trouble)
    until = hindering.cooldown_until(book)
    if until and until - schedule.due_at <= PUT_OFF:
        return _put_off(schedule, until)
    if until:
        words = f"Left out this month: in cooldown until {moment(until)}."
        return _leave_out(schedule, ShuffleState.REFUSED, words, next_allowed_at=until)
    return _send(schedule)


def _send(schedule: ShuffleSchedule) -> None:
    try:
        with transaction.atomic():
            made = asking.plan(
                schedule.connection,
                schedule.order,
                None,
                origin=Origin.SCHEDULE,
                actor=WHO,
                reason=f"Each month on day {schedule.day}.",
            )
            asking.confirm(made, None, actor=WHO)
            _turn(schedule, "Sent.")
    except NoSense as error:
        _leave_out(schedule, ShuffleState.FAILED, f"Not sent: {error}")
    except NotNow as error:
        _try_again(schedule, str(error))


def _try_again(schedule: ShuffleSchedule, why: str) -> None:
    now = timezone.now()
    if now - schedule.due_at > PATIENCE:
        return _leave_out(schedule, ShuffleState.FAILED, f"Not sent: {why}")
    words = f"{why} Tried again at {moment(now + AGAIN)}."
    return _note(schedule, words, next_at=now + AGAIN)


def _put_off(schedule: ShuffleSchedule, until: datetime) -> None:
    words = f"Put off: in cooldown until {moment(until)}."
    with transaction.atomic():
        # A minute later: the vendor's clock need not be ours.
        _note(schedule, words, next_at=until + timedelta(minutes=1))
        _record(schedule, "shuffle.put_off", after={"result": words})


def _leave_out(schedule: ShuffleSchedule, state: ShuffleState, words: str, **values: Any) -> None:
    """In the history as what it is, and on to the next month."""
    now, connection = timezone.now(), schedule.connection
    with transaction.atomic():
        made = Shuffle.objects.create(
            connection=connection, state=state, origin=Origin.SCHEDULE, actor=WHO, method=schedule.method, finished_at=now,
            percentage=schedule.percentage, shares=schedule.shares, outcome=words[:300], **values,
        )  # fmt: skip
        made.clients.set(seedbook.served(connection))
        _turn(schedule, words)
        _record(schedule, f"shuffle.{state.value}", after={"result": words[:300]}, page=("shuffle", made.uuid))


def _turn(schedule: ShuffleSchedule, words: str) -> None:
    due = following(schedule.day, max(timezone.now(), schedule.due_at))
    _note(schedule, words, next_at=due, due_at=due)


def _note(schedule: ShuffleSchedule, words: str, **times: datetime) -> None:
    ShuffleSchedule.objects.filter(pk=schedule.pk).update(last_at=timezone.now(), last_outcome=words[:300], **times)


def said(schedule: ShuffleSchedule) -> dict[str, Any]:
    return {"day": schedule.day, "how": wording.how(schedule.order)}


def _record(schedule: ShuffleSchedule, action: str, by: By = None, **said: Any) -> None:
    connection = schedule.connection
    said.setdefault("page", ("seed-account", connection.uuid))
    about: dict[str, Any] = {"agency": connection.agency, "subject": history.subject_of(connection), "actor": WHO}
    audit.record(by, action, connection.label, **about, **said)
