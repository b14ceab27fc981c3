"""What is asked of a vendor that can make placement tests, in our words."""

from __future__ import annotations

from clients.vendors.records import Record

ONCE, AUTOMATED = "once", "automated"  # the values of clients.models.TestKind
BELOW, ABOVE, LISTED, UNLISTED = "below", "above", "listed", "unlisted"  # conditions; the first two have a threshold
SUNDAY = 0  # the first of a schedule's days


class SeedGroup(Record, frozen=True):
    """Seeds that can only be chosen together, by the vendor's own words."""

    region: str
    sub_region: str
    type: str
    esp: str

    @property
    def label(self) -> str:
        """'Google, Professional, US'."""
        return ", ".join(filter(None, (self.esp, self.type, self.sub_region or self.region)))

    @property
    def key(self) -> str:
        return f"{self.region}|{self.sub_region}|{self.type}|{self.esp}"


class Schedule(Record, frozen=True):
    """`days` count from Sunday; times are HH:MM in `zone`, one of the vendor's names."""

    days: tuple[int, ...]
    start: str
    end: str
    zone: str


class Automation(Record, frozen=True):
    """What the vendor does by itself when a run's result meets the condition. `threshold` in percent."""

    condition: str
    threshold: float | None = None
    webhook: str = ""
    pause_days: int | None = None
    pause: bool = False
    slow_ramp: bool | None = None  # on, off, or left as it is
    add_tags: tuple[str, ...] = ()  # ids, as `Vendor.labels` has them
    remove_tags: tuple[str, ...] = ()


class NewTest(Record, frozen=True):
    """`code` marks mail that is sent from outside, to the `recipients` of a test that was made. `mark` comes back with the test,
    and tells ours from others'."""

    name: str
    subject: str
    body: str  # HTML
    kind: str
    senders: tuple[str, ...]
    groups: tuple[SeedGroup, ...]
    outside: bool = False
    one_by_one: bool = True
    text_only: bool = False
    schedule: Schedule | None = None
    automations: tuple[Automation, ...] = ()
    at_once: bool = True  # of an automated one: its first run is now
    code: str = ""
    recipients: tuple[str, ...] = ()
    mark: str = ""
    odd: bool = False  # its automations hold more than we know how to say: whoever replaced them would lose that


class TestEdit(Record, frozen=True):
    """What is None stays as it is. `status` is 'active' or 'paused'."""

    __test__ = False  # nothing that pytest should collect

    name: str | None = None
    schedule: Schedule | None = None
    automations: tuple[Automation, ...] | None = None  # all of them
    status: str | None = None
