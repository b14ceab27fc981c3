"""What the rows of a workspace really say, for comparing a page with them."""

from __future__ import annotations

from collections import Counter, defaultdict

from sandbox.answers import Json
from sandbox.instantly import rows
from sandbox.instantly.ids import day_of, stamp
from sandbox.instantly.outside import OUTSIDE
from sandbox.instantly.placement import PlacementTest, Run
from sandbox.instantly.switches import Switches
from sandbox.instantly.workspace import Workspace

COUNTS = ("seeds", "received", "inbox", "category", "spam", "undecided", "missing")


def truth(workspace: Workspace, now: int, switches: Switches, test: str | None = None) -> dict[str, Json]:
    """Counts by test × run × sender × ESP × recipient type, of the rows there are by now and without foreign senders;
    a test from outside has none: whoever writes its code is its sender.

    seeds = addresses that a mail was sent to; missing = seeds − received; received = inbox + category + spam + undecided.
    Raises KeyError for a test that is not there.
    """
    tests = workspace.visible_tests(now)
    if test is not None:
        tests = [{one.id: one for one in tests}[test]]
    told = [_of(one, now, switches) for one in tests]
    whole: Counter[str] = Counter()
    for one in told:
        for row in one["rows"]:
            whole.update({name: row[name] for name in COUNTS})
    return {
        "workspace": workspace.name,
        "workspace_id": workspace.id,
        "as_of": stamp(now),
        "mailboxes": sum(1 for _ in workspace.mailboxes.newest_first()),
        "campaigns": len(workspace.campaigns),
        "tags": len(workspace.tags),
        "tests": told,
        "total": {name: whole[name] for name in COUNTS},
    }


def _of(test: PlacementTest, now: int, switches: Switches) -> dict[str, Json]:
    cells: defaultdict[tuple[int, str, int, int], Counter[str]] = defaultdict(Counter)
    foreign: Counter[str] = Counter()
    sent = received = 0
    for run, place in test.places(now, newest_first=False):
        pair = run.pair(place)
        sender, label = run.sender(pair).email, run.labels[run.seed(pair).label]
        sent, received = sent + run.is_sent(place), received + (not run.is_sent(place))
        if sender not in test.emails and test.sending_method != OUTSIDE:
            foreign[sender] += 1
            continue
        cell = cells[run.number, sender, rows.esp_of(run, label, switches.unknown_codes), label.recipient_type]
        if run.is_sent(place):
            cell["seeds"] += 1
            continue
        spam, category = rows.verdict(run, place, now)
        cell["received"] += 1
        cell["undecided" if spam is None else "spam" if spam else "category" if category else "inbox"] += 1
    for cell in cells.values():
        cell["missing"] = cell["seeds"] - cell["received"]
    runs = {run.number: run for run in test.runs}
    heard = {sender for _, sender, _, _ in cells}
    return {
        "test_id": test.id,
        "name": test.name,
        "type": test.type,
        "status": test.status(now),
        "sent_rows": sent,
        "received_rows": received,
        "silent": [email for email in test.emails if email not in heard],
        "foreign": dict(foreign),
        "runs": [
            {"start": stamp(run.start), "finish": stamp(run.finish), "done": test.until(now) >= run.finish} for run in test.runs
        ],
        "rows": [_row(runs[number], sender, esp, kind, cell) for (number, sender, esp, kind), cell in sorted(cells.items())],
    }


def _row(run: Run, sender: str, esp: int, kind: int, cell: Counter[str]) -> dict[str, Json]:
    return {
        "date": day_of(run.start),
        "run": stamp(run.start),
        "sender": sender,
        "recipient_esp": esp,
        "recipient_type": kind,
        **{name: cell[name] for name in COUNTS},
    }
