"""One workspace: its mailboxes, tests, campaigns, tags and jobs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sandbox.answers import Json
from sandbox.instantly import ids
from sandbox.instantly.ids import Place, stamp
from sandbox.instantly.mailboxes import Mailbox, Mailboxes
from sandbox.instantly.placement import PlacementTest, Run, Seed, Sender
from sandbox.instantly.vocabulary import AUTOMATED, GOOGLE, LABELS, SENDER_ESP, Label
from sandbox.stories import Curve

DAY = 86_400_000


@dataclass(slots=True)
class Tag:
    number: int
    id: str
    label: str
    created: int
    updated: int
    description: str | None = None


@dataclass(slots=True)
class Campaign:
    number: int
    id: str
    name: str
    created: int
    status: int
    emails: tuple[str, ...]
    tags: list[int]
    updated: int = 0
    schedule: dict[str, Json] = field(default_factory=dict)
    daily_limit: int = 120
    sender_tags: list[int] = field(default_factory=list)
    """Whoever carries one of these sends too."""
    tracks: bool = False
    """Whether opens and clicks are seen."""
    not_sending: int | None = None


@dataclass(slots=True)
class Job:
    id: str
    created: int
    data: dict[str, Json]
    done: bool = False
    status: str = "pending"
    progress: int = 0
    updated: int = 0


@dataclass
class Workspace:
    name: str
    number: int
    id: str
    title: str
    created: int
    plan: str | None
    placement_plan: str | None
    mailboxes: Mailboxes
    curve: Curve
    anchor: date
    """The day that the stories end on."""
    luck: int
    dkim_fails: dict[str, int] = field(default_factory=dict)
    """Domain -> since when."""
    listed: dict[str, int] = field(default_factory=dict)
    tests: dict[str, PlacementTest] = field(default_factory=dict)
    """By id, oldest first."""
    tags: dict[str, Tag] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    serial: int = 40_000

    def id_of(self, kind: int, ms: int, owner: int = 0, run: int = 0, index: int = 0) -> str:
        return ids.written(Place(ms, self.number, kind, owner, run, index))

    def next_serial(self) -> int:
        self.serial += 1
        return self.serial

    @property
    def labels(self) -> tuple[Label, ...]:
        """The seed groups of the plan."""
        return LABELS.get(self.placement_plan or "", ())

    def add_test(
        self, ms: int, name: str, kind: int, emails: tuple[str, ...], labels: tuple[Label, ...], number: int | None = None
    ) -> PlacementTest:
        """`number` is below 40,000, where the workspace's own begin."""
        number = number or self.next_serial()
        # Two tests of one second must differ in time, by which they are sorted, and none may lie ahead.
        ms = ms - 1000 + number % 1000 if ms % 1000 == 0 else ms
        test = PlacementTest(number, self.id_of(ids.TEST, ms, number), ms, name, kind, emails, labels)
        if number % 2 and emails:
            test.foreign = "relay@" + emails[0].rpartition("@")[2]
        self.tests[test.id] = test
        return test

    def test_numbered(self, number: int) -> PlacementTest | None:
        return next((test for test in self.tests.values() if test.number == number), None)

    def visible_tests(self, now: int) -> list[PlacementTest]:
        """Newest first, their runs worked out."""
        found = [test for test in self.tests.values() if test.created <= now]
        for test in found:
            self.work_out(test, now)
        return sorted(found, key=lambda test: test.created, reverse=True)

    def work_out(self, test: PlacementTest, now: int) -> None:
        """Adds the runs that have begun by now."""
        if test.runs_until >= now:
            return
        if not test.runs_until and test.sending_method == 1 and test.run_at_once:
            self._run(test, test.created)
        if test.type == AUTOMATED and test.schedule:
            for start in scheduled(test.schedule, max(test.runs_until, test.created), now):
                if not test.paused_at(start):
                    self._run(test, start)
        test.runs_until = now

    def next_run(self, test: PlacementTest, now: int) -> int | None:
        if test.type != AUTOMATED or not test.schedule or test.status(now) != 1:
            return None
        return next(iter(scheduled(test.schedule, now, now + 8 * DAY)), None)

    def sender(self, email: str, at: int) -> Sender:
        found, domain = self.mailboxes.find(email), email.rpartition("@")[2]
        esp = SENDER_ESP.get(found.provider_code, GOOGLE) if found else GOOGLE
        dkim, listed = self.dkim_fails.get(domain, at + 1) > at, self.listed.get(domain, at + 1) <= at
        return Sender(email, esp, dkim, listed)

    def _run(self, test: PlacementTest, start: int) -> None:
        """Mailboxes that are paused or failing at the start never send."""
        sending = [email for email in test.emails if _sends(self.mailboxes.find(email), start)]
        if test.foreign and sending:
            sending.append(test.foreign)
        day = (datetime.fromtimestamp(start // 1000, UTC).date() - self.anchor).days
        senders = tuple(self.sender(email, start) for email in sending)
        lands = tuple(self.curve(label.provider, day) for label in test.labels)
        luck = ids.mixed(self.luck ^ test.number << 20 ^ len(test.runs))
        test.runs.append(Run(len(test.runs), start, senders, seeds_of(test.labels), test.labels, lands, luck))


def _sends(mailbox: Mailbox | None, at: int) -> bool:
    return mailbox is not None and mailbox.status_at(at) == 1


def seeds_of(labels: tuple[Label, ...]) -> tuple[Seed, ...]:
    """The seed addresses of the groups: the same for every workspace."""
    return tuple(
        Seed(f"seed{number:02}.{label.sub_region.lower()}.{label.code}{label.recipient_type}@{label.domain}", place)
        for place, label in enumerate(labels)
        for number in range(1, label.seeds + 1)
    )


def scheduled(schedule: dict[str, Json], after: int, until: int) -> list[int]:
    """Starts after the one time and up to the other."""
    zone: tzinfo = UTC
    with suppress(KeyError, OSError):  # a machine without time zones
        zone = ZoneInfo(schedule["timezone"])
    clock = time.fromisoformat(schedule["timing"]["from"])
    day = datetime.fromtimestamp(after / 1000, zone).date()
    found: list[int] = []
    while True:
        start = int(datetime.combine(day, clock, tzinfo=zone).timestamp() * 1000)
        if start > until:
            return found
        # Their week begins with Sunday.
        if start > after and schedule["days"].get(str(day.isoweekday() % 7)):
            found.append(start)
        day += timedelta(days=1)


def workspace_values(workspace: Workspace) -> dict[str, Json]:
    return {
        "id": workspace.id,
        "timestamp_created": stamp(workspace.created),
        "timestamp_updated": stamp(workspace.created + DAY),
        "owner": workspace.id_of(ids.USER, workspace.created),
        "name": workspace.title,
        "plan_id": workspace.plan,
        "plan_id_inbox_placement": workspace.placement_plan,
        "org_logo_url": None,
        "org_client_domain": None,
    }
