"""What the product knows of a vendor. Pages ask `can` and `fields`, never the vendor's name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings

from clients.vendors.conversations import ConversationRecord, LabelRecord
from clients.vendors.hooks import EventRecord, HookScheme
from clients.vendors.http import Http
from clients.vendors.mails import Letter, Line, Receipt, Stream, Talk
from clients.vendors.records import (
    ActivityRecord,
    BenchmarkRecord,
    BroadcastRecord,
    CampaignRecord,
    Handed,
    JobRecord,
    MailRecord,
    NewSender,
    Page,
    PlacementRecord,
    PlacementTestRecord,
    ReportRecord,
    SeedRecord,
    SenderRecord,
    TotalsRecord,
    WarmupRecord,
    What,
    WorkspaceRecord,
)
from clients.vendors.shuffles import Cooldown, Order, ShuffleRecord
from clients.vendors.testing import NewTest, SeedGroup, TestEdit


@dataclass(frozen=True)
class CredentialField:
    """One field of the form that adds a connection. A secret one is never shown back."""

    name: str
    label: str
    help: str = ""
    secret: bool = True


class Vendor(ABC):
    """One account at one vendor. Every call goes through `http`, and raises only `clients.vendors.errors`."""

    do_not_call_in_templates: ClassVar[bool] = True
    slug: ClassVar[str]
    label: ClassVar[str]
    fields: ClassVar[tuple[CredentialField, ...]]
    key_field: ClassVar[str]  # the field whose last four are shown and whose fingerprint names the budget
    address: ClassVar[str]  # of its API, unless the setting <SLUG>_URL names another
    demo_keys: ClassVar[tuple[str, ...]] = ("sandbox-",)  # what the demo's keys begin with, and no real one
    #: One of those, that the demo leaves to be connected by hand, and what to type beside it where that is needed.
    free_demo_key: ClassVar[str] = ""
    free_demo_part: ClassVar[str] = ""
    test_keys: ClassVar[str] = ""  # what keys to a ledger of made-up mail begin with; '' where there are none
    calls_a_second: ClassVar[float]  # that one key may be asked, unless <SLUG>_RATE says otherwise
    feeds: ClassVar[tuple[str, ...]]  # what it has: names of `clients.passes`, in the order a first sync takes them
    can: ClassVar[frozenset[str]] = frozenset()  # 'engagement', 'shuffle', 'tests', …
    #: What of a sender, and of a campaign, may be changed from outside: part of its state → the values it can be given.
    sender_acts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    campaign_acts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    #: Where an act makes no sense: (part, value that is asked for, value as it is now) → why, as a sentence.
    sender_bars: ClassVar[Mapping[tuple[str, str, str], str]] = {}
    campaign_bars: ClassVar[Mapping[tuple[str, str, str], str]] = {}
    #: Of whom one call can be: all senders of a 'domain', or with a 'tag'.
    selects: ClassVar[frozenset[str]] = frozenset()
    scopes: ClassVar[tuple[str, ...]] = ("all", "domain", "tag")
    #: The mailbox providers that a list of broadcasts can be narrowed to; one pass each.
    split_providers: ClassVar[tuple[str, ...]] = ()
    #: The passes a complete list of senders takes (a vendor may list active and inactive ones apart).
    sender_passes: ClassVar[tuple[str, ...]] = ("",)
    shuffle_methods: ClassVar[tuple[str, ...]] = ()  # of a vendor that can 'shuffle': those of clients.vendors.shuffles
    #: Of a vendor that can make 'tests': the time zones and the conditions it takes, and the statuses of senders that then send.
    test_zones: ClassVar[tuple[str, ...]] = ()
    test_conditions: ClassVar[tuple[str, ...]] = ()
    sending_statuses: ClassVar[frozenset[str]] = frozenset()
    cursors_promise: ClassVar[bool] = True  # that there are more rows; else the last page may lead to an empty one
    hooks: ClassVar[HookScheme | None] = None  # of a vendor that sends events by itself
    #: The passes a complete list of conversations takes (a vendor may list archived ones apart).
    conversation_passes: ClassVar[tuple[str, ...]] = ("",)
    label_kinds: ClassVar[tuple[str, ...]] = ()  # of a vendor with conversations: the kinds of labels it lists
    trailing_days: ClassVar[int] = 7  # for so long after its day a broadcast's counts may grow
    #: Of outreach, beside its days: 'totals' since each campaign began, 'warmup' of each sender and day.
    tells: ClassVar[frozenset[str]] = frozenset({"totals", "warmup"})
    activity_range: ClassVar[int] = 31  # days that one question about daily activity may span
    activity_senders: ClassVar[int] = 100  # and senders that it may name

    def __init__(self, http: Http) -> None:
        self.http = http

    @classmethod
    def tells_days(cls) -> bool:
        """Whether it tells what each sender sent on a day, and what came of it."""
        return not {"outreach", "streams"}.isdisjoint(cls.feeds)

    @classmethod
    def base_url(cls) -> str:
        return str(getattr(settings, f"{cls.slug.upper()}_URL", cls.address))

    @classmethod
    def rate(cls) -> float:
        """Requests a second that one key may be asked; 0 for no limit."""
        return float(getattr(settings, f"{cls.slug.upper()}_RATE", cls.calls_a_second))

    @classmethod
    def ledger(cls, secrets: dict[str, str]) -> str:
        """'test' for a key whose mail is made up, 'live' for the others of such a vendor, '' where there is no telling."""
        if not cls.test_keys:
            return ""
        return "test" if secrets[cls.key_field].startswith(cls.test_keys) else "live"

    @classmethod
    @abstractmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        """The headers that carry the key."""

    @abstractmethod
    def check(self) -> WorkspaceRecord | None:
        """One cheap read. Returns for a good key, raises `AccessDenied` for a bad one, anything else for 'can't tell'. Where the
        answer says so: which workspace is the key's own."""

    # Of the lists that follow a vendor has those that its `feeds` name.

    def seeds(self, cursor: str | None) -> Page[SeedRecord]:
        raise NotImplementedError

    def senders(self, cursor: str | None, which: str = "") -> Page[SenderRecord]:
        """`which` is one of `sender_passes`."""
        raise NotImplementedError

    def broadcasts(self, cursor: str | None) -> Page[BroadcastRecord]:
        """Newest first."""
        raise NotImplementedError

    def placements(self, cursor: str | None, mailbox_provider: str) -> tuple[Page[PlacementRecord], date | None]:
        """The list narrowed to one of `split_providers`, and the newest day on the page: the walk ends when it is too old."""
        raise NotImplementedError

    def detail(self, external_id: str) -> Sequence[PlacementRecord]:
        """One broadcast's split. Empty when the vendor gives none in its detail; `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def workspaces(self, cursor: str | None) -> Page[WorkspaceRecord]:
        """Those that `acting_for` takes, and those that have not joined. Empty for a key that has none but its own."""
        raise NotImplementedError

    def acting_for(self, workspace: str) -> Self:
        """The same account's other workspace, over the same connection; the key's own for ''."""
        return self

    def tests(self, cursor: str | None) -> Page[PlacementTestRecord]:
        raise NotImplementedError

    def test_mails(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[MailRecord]:
        """Of one test, those of `since` and later days. `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def test_reports(self, external_id: str, cursor: str | None, since: date | None = None) -> Page[ReportRecord]:
        raise NotImplementedError

    # Days of outreach are asked for as a range, both ends included; a day without mail may be left out of the answer.

    def campaigns(self, cursor: str | None) -> Page[CampaignRecord]:
        raise NotImplementedError

    def campaign_totals(self) -> Page[TotalsRecord]:
        """Of all campaigns, since each began."""
        raise NotImplementedError

    def campaign_days(self, external_id: str, first: date, last: date) -> Page[ActivityRecord]:
        """`Rejected(404)` when it is gone."""
        raise NotImplementedError

    def sender_days(self, emails: Sequence[str], first: date, last: date) -> Page[ActivityRecord]:
        """Of at most `activity_senders` senders and `activity_range` days."""
        raise NotImplementedError

    def lead_statuses(self, campaign: str, cursor: str | None) -> tuple[list[str], str | None]:
        """One page of a campaign's leads, of each only its status, and the next cursor. `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def benchmark(self) -> BenchmarkRecord:
        """What all customers of the vendor have in common, to compare with."""
        raise NotImplementedError

    def warmup_days(self, emails: Sequence[str]) -> Page[WarmupRecord]:
        """Of the last days; which ones is the vendor's to say."""
        raise NotImplementedError

    def events(self, cursor: str | None) -> Page[EventRecord]:
        """Those after `cursor`, oldest first; all that are still kept for None. A cursor is an event's `seq`."""
        raise NotImplementedError

    def conversations(self, cursor: str | None, which: str = "") -> Page[ConversationRecord]:
        """`which` is one of `conversation_passes`."""
        raise NotImplementedError

    def labels(self, kind: str, cursor: str | None) -> Page[LabelRecord]:
        """`kind` is one of `label_kinds`."""
        raise NotImplementedError

    # Those that have `sender_acts` have the following. Each call that changes something is sent once; after `VendorDown` and
    # `UnexpectedAnswer` nobody knows whether it was carried out, until the sender is read.

    def sender(self, external_id: str) -> SenderRecord:
        """Raises `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def selected(self, kind: str, value: str, cursor: str | None) -> Page[SenderRecord]:
        """What a call to all senders of a domain or with a tag (`kind`) would touch, by the vendor's own word."""
        raise NotImplementedError

    def edit(self, external_id: str, what: What) -> None:
        raise NotImplementedError

    def edit_all(self, kind: str, value: str, what: What) -> None:
        """The same of all senders of a domain or with a tag (one of `selects`), in one call."""
        raise NotImplementedError

    @classmethod
    def at_once(cls, what: What) -> int:
        """How many senders one call by their names may be of. Where it is more than one, `edit_several` makes it."""
        return 1

    @classmethod
    def in_background(cls, what: What) -> bool:
        """Whether such a call only begins a job."""
        return False

    def edit_several(self, external_ids: Sequence[str], what: What) -> Handed:
        raise NotImplementedError

    def job(self, external_id: str) -> JobRecord:
        """Raises `ScopeLacks` where the key may not see jobs, `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def jobs_since(self, moment: datetime) -> Sequence[JobRecord]:
        """Those that were begun then or later, whoever began them: what became of a call whose answer was lost."""
        raise NotImplementedError

    # Those that have `campaign_acts` have these two.

    def campaign_status(self, external_id: str) -> str:
        """A value of clients.models.CampaignStatus. Raises `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def edit_campaign(self, external_id: str, status: str) -> None:
        raise NotImplementedError

    # Those that `can` 'engagement' make and describe sender profiles too.

    def create_sender(self, new: NewSender) -> SenderRecord:
        """Raises `PlanLacks` where the plan's number is reached, `Rejected` (409: there is one) with the fields it is about."""
        raise NotImplementedError

    def reconnect(self, external_id: str) -> str:
        """Of a vendor that can 'reconnect' a sender that it lost: the https address of the page where its owner signs in, ''
        where none is needed. Sent once."""
        raise NotImplementedError

    def describe(self, external_id: str, name: str, tags: Sequence[str]) -> None:
        """The sender's name, and all of its tags in place of those it has."""
        raise NotImplementedError

    def cooldown(self) -> Cooldown:
        """Of a vendor that can 'shuffle', as the three below."""
        raise NotImplementedError

    def last_shuffle(self) -> ShuffleRecord | None:
        """None where there has been none."""
        raise NotImplementedError

    def shuffles(self, cursor: str | None) -> Page[ShuffleRecord]:
        """Newest first."""
        raise NotImplementedError

    def shuffle(self, order: Order) -> ShuffleRecord:
        """Sent once. `VendorDown` and `UnexpectedAnswer` leave open whether it happened: `last_shuffle` tells."""
        raise NotImplementedError

    # Of a vendor whose `scopes` are handles, which no call lists.

    def identity(self, handle: str) -> SenderRecord:
        """Raises `Rejected(404)` where there is none of this handle."""
        raise NotImplementedError

    # Of a vendor that can 'sending'; an identity is named by its handle.

    def send(self, identity: str, letter: Letter, key: str) -> Receipt:
        """One mail, once: the vendor carries out a key's first call, and answers it again to whoever repeats it within a day.
        `VendorDown` and `UnexpectedAnswer` leave open whether it was taken; the same call with the same key tells.
        `Rejected(409)`: the key stands for another mail, or that call is still being carried out."""
        raise NotImplementedError

    def talks(self, identity: str, cursor: str | None, *, peer: str = "", since: datetime | None = None) -> Page[Talk]:
        """Newest activity first; with one correspondent, or those with something new since."""
        raise NotImplementedError

    def lines(self, identity: str, external_id: str) -> Sequence[Line]:
        raise NotImplementedError

    def stream(self, identity: str, since: int, wait: float = 0) -> Stream:
        """The events after `since`, in their order. `wait`: seconds to wait for one where there is none."""
        raise NotImplementedError

    # Those that can make 'tests' have the following, in the workspace they act for. The three that change something are sent
    # once, and raise `Rejected` with our fields that it is about.

    def seed_groups(self) -> Sequence[SeedGroup]:
        """Those that the plan has. Raises `PlanLacks` where it has none."""
        raise NotImplementedError

    def tag_names(self) -> dict[str, str]:
        """The tags that an automation can put on: id → name."""
        raise NotImplementedError

    def test(self, external_id: str) -> PlacementTestRecord:
        """Raises `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def recipe(self, external_id: str) -> NewTest:
        """What was asked for when a test was made, with its mail. Raises `Rejected(404)` when it is gone."""
        raise NotImplementedError

    @classmethod
    def recipe_of(cls, raw: dict[str, Any]) -> NewTest:
        """The same of a record's `raw`, which has no mail."""
        raise NotImplementedError

    def create_test(self, new: NewTest) -> PlacementTestRecord:
        """Sends real mail. `VendorDown` and `UnexpectedAnswer` leave open whether it was made: the list of tests tells."""
        raise NotImplementedError

    def edit_test(self, external_id: str, edit: TestEdit) -> PlacementTestRecord:
        raise NotImplementedError

    def delete_test(self, external_id: str) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
