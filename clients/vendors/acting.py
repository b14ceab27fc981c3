"""What may be changed at a vendor, as far as it declares it. Whatever changes something is sent once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from clients.vendors.campaigns import NewCampaign
from clients.vendors.conversations import ConversationRecord, Edit, MessageRecord, ProspectRecord, Ref
from clients.vendors.inboxes import NewInbox
from clients.vendors.leads import KnownLead, NewLead, Taken
from clients.vendors.mails import Letter, Line, Receipt, Stream, Talk
from clients.vendors.records import (
    CampaignRecord,
    Handed,
    JobRecord,
    NewSender,
    Page,
    PlacementTestRecord,
    SenderRecord,
    What,
)
from clients.vendors.shuffles import Cooldown, Order, ShuffleRecord
from clients.vendors.testing import NewTest, SeedGroup, TestEdit


class Acts:
    #: What of a sender, and of a campaign, may be changed from outside: part of its state → the values it can be given.
    sender_acts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    campaign_acts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    #: Where an act makes no sense: (part, value that is asked for, value as it is now) → why, as a sentence.
    sender_bars: ClassVar[Mapping[tuple[str, str, str], str]] = {}
    campaign_bars: ClassVar[Mapping[tuple[str, str, str], str]] = {}
    #: Of whom one call can be: all senders of a 'domain', or with a 'tag'.
    selects: ClassVar[frozenset[str]] = frozenset()
    #: Of a vendor with conversations, what may be done in one: 'read', 'reply', 'begin' one, and each part of it that may be
    #: changed: 'done', 'assignee', 'status', 'tags', 'notes', 'valuation'.
    conversation_acts: ClassVar[frozenset[str]] = frozenset()
    #: By what it takes somebody to begin a conversation with: word of ours → what a form calls it.
    person_kinds: ClassVar[Mapping[str, str]] = {}
    known_kinds: ClassVar[frozenset[str]] = frozenset()  # of these, those that find only who was spoken with before
    message_limit: ClassVar[int] = 10_000  # letters of one message
    signed_out: ClassVar[frozenset[str]] = frozenset()  # statuses of a sender that sends no message until somebody signs it in
    sends_a_minute: ClassVar[float] = 0  # that one sender may be asked; 0 for no limit
    shuffle_methods: ClassVar[tuple[str, ...]] = ()  # of a vendor that can 'shuffle': those of clients.vendors.shuffles
    #: Of a vendor that can make 'tests': the time zones and the conditions it takes, and the statuses of senders that then send.
    test_zones: ClassVar[tuple[str, ...]] = ()
    test_conditions: ClassVar[tuple[str, ...]] = ()
    sending_statuses: ClassVar[frozenset[str]] = frozenset()
    inbox_providers: ClassVar[Mapping[str, str]] = {}  # of a vendor that connects 'inboxes': where one may be → in words
    #: Of a vendor that can do 'campaigning'.
    most_a_day: ClassVar[frozenset[int]] = frozenset()  # limits of a campaign that are the most a plan allows
    most_steps: ClassVar[int] = 0
    longest_campaign_name: ClassVar[int] = 0
    placeholders: ClassVar[tuple[str, ...]] = ()  # of a lead, that a step may name in double braces
    leads_at_once: ClassVar[int] = 0  # of a vendor that takes 'leads': how many one call may bring

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

    # Of a vendor that can do 'campaigning'. What changes something is sent once.

    def campaign_named(self, name: str) -> CampaignRecord | None:
        """One that has just this name."""
        raise NotImplementedError

    def create_campaign(self, new: NewCampaign) -> CampaignRecord:
        """A draft. Raises `Rejected` with our fields that it is about; `VendorDown` and `UnexpectedAnswer` leave open whether
        it was made: `campaign_named` tells."""
        raise NotImplementedError

    def start_campaign(self, external_id: str) -> None:
        """Real mail leaves from then on."""
        raise NotImplementedError

    # Of a vendor that takes 'leads'.

    def add_leads(self, campaign: str, leads: Sequence[NewLead]) -> Taken:
        """At most `leads_at_once`, each address once. One that is in the campaign already stays as it is. Sent once:
        `VendorDown` and `UnexpectedAnswer` leave open whether they were taken; `leads_of` tells."""
        raise NotImplementedError

    def leads_of(self, campaign: str, cursor: str | None) -> tuple[list[KnownLead], str | None]:
        """All that are in a campaign, a page and the cursor of the next."""
        raise NotImplementedError

    # Those that `can` 'engagement' make and describe sender profiles too.

    def create_sender(self, new: NewSender) -> SenderRecord:
        """Raises `PlanLacks` where the plan's number is reached, `Rejected` (409: there is one) with the fields it is about."""
        raise NotImplementedError

    def reconnect(self, external_id: str) -> str:
        """Of a vendor that can 'reconnect' a sender that it lost: the https address of the page where its owner signs in, ''
        where none is needed. Sent once."""
        raise NotImplementedError

    def connect_inbox(self, new: NewInbox) -> tuple[SenderRecord, str]:
        """Of a vendor that connects 'inboxes': it, and the page as of `reconnect`. Sent once; `VendorDown` and `UnexpectedAnswer`
        leave open whether it was connected. Raises `Rejected` with our fields, and nothing with a password in it."""
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

    # Of a vendor with `conversation_acts`, those that it names. What changes something is sent once, as above.

    def conversation(self, ref: Ref) -> ConversationRecord | None:
        """None, or `Rejected(404)`, where there is none."""
        raise NotImplementedError

    def messages(self, ref: Ref, cursor: str | None) -> Page[MessageRecord]:
        """Newest first; its notes say what is missing yet. Raises `Rejected(404)`."""
        raise NotImplementedError

    def reply(self, ref: Ref, text: str) -> MessageRecord:
        """`VendorDown` and `UnexpectedAnswer` leave open whether it was sent: `messages` tells."""
        raise NotImplementedError

    def begin(self, ref: Ref, text: str) -> MessageRecord:
        """The first message to somebody, as `reply`; it names its conversation."""
        raise NotImplementedError

    def person(self, ref: Ref) -> ProspectRecord | None:
        """Whom the vendor knows by that name. None where nobody."""
        raise NotImplementedError

    def edit_conversation(self, ref: Ref, edit: Edit) -> ConversationRecord:
        """As it is after. `ref` has its person."""
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
