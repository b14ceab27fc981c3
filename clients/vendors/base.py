"""What the product knows of a vendor. Pages ask `can` and `fields`, never the vendor's name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings

from clients.vendors.http import Http
from clients.vendors.mails import Letter, Line, Receipt, Stream, Talk
from clients.vendors.records import (
    BroadcastRecord,
    MailRecord,
    NewSender,
    Page,
    PlacementRecord,
    PlacementTestRecord,
    ReportRecord,
    Rules,
    SeedRecord,
    SenderRecord,
    WorkspaceRecord,
)
from clients.vendors.shuffles import Cooldown, Order, ShuffleRecord


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
    calls_a_second: ClassVar[float]  # that one key may be asked, unless <SLUG>_RATE says otherwise
    feeds: ClassVar[tuple[str, ...]]  # what it has: names of `clients.passes`, in the order a first sync takes them
    can: ClassVar[frozenset[str]] = frozenset()  # 'engagement', 'shuffle', …
    scopes: ClassVar[tuple[str, ...]] = ("all", "domain", "tag")
    demo_keys: ClassVar[str] = "sandbox-"  # how keys of the demo's vendor begin, and no real vendor's
    #: The mailbox providers that a list of broadcasts can be narrowed to; one pass each.
    split_providers: ClassVar[tuple[str, ...]] = ()
    #: The passes a complete list of senders takes (a vendor may list active and inactive ones apart).
    sender_passes: ClassVar[tuple[str, ...]] = ("",)
    shuffle_methods: ClassVar[tuple[str, ...]] = ()  # of a vendor that can 'shuffle': those of clients.vendors.shuffles
    cursors_promise: ClassVar[bool] = True  # that there are more rows; else the last page may lead to an empty one
    trailing_days: ClassVar[int] = 7  # for so long after its day a broadcast's counts may grow

    def __init__(self, http: Http) -> None:
        self.http = http

    @classmethod
    def base_url(cls) -> str:
        return str(getattr(settings, f"{cls.slug.upper()}_URL", cls.address))

    @classmethod
    def rate(cls) -> float:
        """Requests a second that one key may be asked; 0 for no limit."""
        return float(getattr(settings, f"{cls.slug.upper()}_RATE", cls.calls_a_second))

    @classmethod
    @abstractmethod
    def headers(cls, secrets: dict[str, str]) -> dict[str, str]:
        """The headers that carry the key."""

    @abstractmethod
    def check(self) -> None:
        """One cheap read. Returns for a good key, raises `AccessDenied` for a bad one, anything else for 'can't tell'."""

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
        """Those that `acting_for` takes. Empty for a key that has none but its own."""
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

    # Those that `can` 'engagement' have the following. Each call that changes something is sent once; after `VendorDown` and
    # `UnexpectedAnswer` nobody knows whether it was carried out, until the sender is read.

    def sender(self, external_id: str) -> SenderRecord:
        """Raises `Rejected(404)` when it is gone."""
        raise NotImplementedError

    def selected(self, kind: str, value: str, cursor: str | None) -> Page[SenderRecord]:
        """What a call to all senders of a domain or with a tag (`kind`) would touch, by the vendor's own word."""
        raise NotImplementedError

    def edit(self, external_id: str, what: Rules | str) -> None:
        """Engagement rules, or the status, of one sender."""
        raise NotImplementedError

    def edit_all(self, kind: str, value: str, what: Rules | str) -> None:
        """The same of all senders of a domain or with a tag (`kind`), in one call."""
        raise NotImplementedError

    def create_sender(self, new: NewSender) -> SenderRecord:
        """Raises `PlanLacks` where the plan's number is reached, `Rejected` (409: there is one) with the fields it is about."""
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

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
