"""Planning and applying as a worker does, and holding what came of it against what the vendor has."""

from __future__ import annotations

from collections import Counter
from typing import Any

from agency.models import User
from clients import sync
from clients.changes import asking, planning, selecting
from clients.changes.working import work
from clients.models import Change, ChangeItem, Connection, RunState, Sender
from sandbox.log import Asked
from sandbox.server import Sandbox

REPAIR = {"preset": "repair"}
INACTIVE = {"status": "inactive"}
CUSTOM = {
    "preset": "custom", "open": 1, "scroll_down": 2, "spam_to_inbox": 3, "promo_to_inbox": 4,
    "mark_important": 5, "reply": 6, "click_link": 7,
}  # fmt: skip


def bring_senders(connection: Connection) -> None:
    run = sync.run(connection.feeds.get(resource="senders").pk)
    assert run is not None
    assert run.state == RunState.OK, run.outcome


def planned(by: User | None, selector: dict[str, Any], edit: dict[str, Any], connection: Connection) -> Change:
    change = planning.ask(connection.agency, selector, edit, by)
    return worked(change)


def on(domain: str) -> dict[str, Any]:
    return selecting.by_filter({"domain": domain})


def tagged(tag: str) -> dict[str, Any]:
    return selecting.by_filter({"tag": tag})


def picked(connection: Connection, number: int, *, skip: int = 0) -> dict[str, Any]:
    """So many senders that make up no whole domain."""
    rows = Sender.objects.filter(connection=connection).order_by("email")[skip : skip + number]
    return selecting.by_senders([str(row.uuid) for row in rows])


def worked(change: Change) -> Change:
    """As a worker that comes by."""
    work(change.pk)
    change.refresh_from_db()
    return change


def applied(change: Change) -> Change:
    asking.apply(change, None)
    return worked(change)


def undone(change: Change) -> Change:
    return worked(asking.undo(change, None))


def resumed(change: Change) -> Change:
    """As if its time had come."""
    Change.objects.filter(pk=change.pk).update(resume_at=None, claimed_until=None)
    return worked(change)


def states(change: Change) -> dict[str, int]:
    return dict(Counter(change.items.values_list("state", flat=True)))


def whys(change: Change) -> set[str]:
    return set(change.items.exclude(why="").values_list("why", flat=True))


def writes(box: Sandbox) -> list[Asked]:
    """Requests that change something, whatever was answered."""
    return [asked for asked in box.requests if asked.method != "GET"]


def done_writes(box: Sandbox) -> Counter[str]:
    """How often each path was changed in earnest: answered with a yes, or carried out and not answered."""
    return Counter(asked.path for asked in writes(box) if asked.status == 200 or asked.fault == "lost")


def presets(box: Sandbox, account: str = "wide") -> Counter[str]:
    return Counter(str(sender.rules["preset"]) for sender in box.world.account(account).senders.values())


def items(change: Change) -> list[ChangeItem]:
    return list(change.items.select_related("sender").order_by("pk"))
