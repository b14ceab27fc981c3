"""What the contract's cases need to know of each vendor: one entry for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from clients.vendors.base import Vendor
from clients.vendors.http import Http
from clients.vendors.imail import Imail
from clients.vendors.inbox import Inbox
from clients.vendors.inboxally import InboxAlly
from clients.vendors.inboxbase import InboxBase
from clients.vendors.instantly import Instantly
from clients.vendors.records import Page
from sandbox.server import Sandbox

type Read = Callable[[Vendor, Sandbox, str | None], Page[Any]]


@dataclass(frozen=True)
class Listing:
    """One of a vendor's lists."""

    read: Read
    path: str
    spoilt: str  # a field that every row must have
    envelope: str  # where its rows are


@dataclass
class Stage:
    vendor: type[Vendor]
    account: str
    secret: str  # the credential field that takes the account's key
    lists: dict[str, Listing]
    main: str  # the list that most cases read: it has more than one page
    key_of: Callable[[Sandbox, str], str]
    rows_of: Callable[[Sandbox, str], int]  # how many rows the main list truly has
    switches: Callable[[Sandbox], Any]
    changes_by: str = "POST"  # the verb that sets a sender's status
    sandbox: Sandbox | None = None
    opened: list[Vendor] = field(default_factory=list)

    def at(self, sandbox: Sandbox) -> Stage:
        return replace(self, sandbox=sandbox, opened=[])

    def open(self, key: str | None = None, **http: Any) -> Vendor:
        assert self.sandbox
        secrets = {self.secret: key or self.key()}
        door = Http(self.sandbox.url, self.vendor.headers(secrets), loopback=True, label=self.vendor.label, **http)
        self.opened.append(self.vendor(door))
        return self.opened[-1]

    def key(self) -> str:
        assert self.sandbox
        return self.key_of(self.sandbox, self.account)

    def close(self) -> None:
        for vendor in self.opened:
            vendor.close()

    def read(self, vendor: Vendor, feed: str = "", cursor: str | None = None) -> Page[Any]:
        """The first page, or the one that the cursor names."""
        assert self.sandbox
        return self.lists[feed or self.main].read(vendor, self.sandbox, cursor)

    def walk(self, vendor: Vendor, feed: str = "") -> Iterator[Page[Any]]:
        page = self.read(vendor, feed)
        yield page
        while page.cursor:
            page = self.read(vendor, feed, page.cursor)
            yield page

    def asked(self, feed: str = "") -> int:
        assert self.sandbox
        return len(self.sandbox.requests.to(self.lists[feed or self.main].path))


def _big(sandbox: Sandbox) -> Any:
    """Instantly with a workspace of more than one page of everything."""
    if "big" not in sandbox.instantly.workspaces():
        sandbox.instantly.add("big", mailboxes=130, tests=120, senders=2)
    return sandbox.instantly


def _over(sandbox: Sandbox) -> Any:
    """A test of it that has been over for weeks."""
    return next(iter(_big(sandbox).workspace("big").tests.values()))


def _rows(sandbox: Sandbox) -> int:
    told = sandbox.instantly.truth("big", test=_over(sandbox).id)["tests"][0]
    return int(told["sent_rows"] + told["received_rows"])


ORG = "big"
HANDLE = "big@inboxbase.ai"


def _org(sandbox: Sandbox) -> Any:
    """InboxBase with an identity of more than one page of conversations and events."""
    if ORG not in {name for name, _, _ in sandbox.inboxbase.accounts()}:
        sandbox.inboxbase.add_account(name=ORG, conversations=430)
    return sandbox


def _streamed(vendor: Vendor, cursor: str | None) -> Page[Any]:
    told = vendor.stream(HANDLE, int(cursor or 0))
    return Page(told.events, str(told.seq) if told.more else None, told.set_aside)


def _many(sandbox: Sandbox) -> Sandbox:
    """imail with a workspace of more than one page of everything."""
    if "big" not in {name for name, _, _ in sandbox.imail.accounts()}:
        sandbox.imail.add_account(name="big", campaigns=120, inboxes=130, days=3)
    return sandbox


STAGES = [
    Stage(
        InboxAlly,
        account="northwind",
        secret="api_key",
        lists={
            "seeds": Listing(lambda vendor, _, cursor: vendor.seeds(cursor), "/v3/seeds", "email", "seeds"),
            "senders": Listing(
                lambda vendor, _, cursor: vendor.senders(cursor, vendor.sender_passes[0]), "/v3/senders", "id", "senders"
            ),
            "broadcasts": Listing(
                lambda vendor, _, cursor: vendor.broadcasts(cursor), "/v3/broadcasts", "primary_inbox", "broadcasts"
            ),
        },
        main="broadcasts",
        key_of=lambda sandbox, account: sandbox.key(account),
        rows_of=lambda sandbox, account: int(sandbox.truth(account)["broadcasts"]),
        switches=lambda sandbox: sandbox.switches,
        changes_by="PUT",
    ),
    Stage(
        Instantly,
        account="big",
        secret="api_key",
        lists={
            "senders": Listing(lambda vendor, _, cursor: vendor.senders(cursor), "/api/v2/accounts", "email", "items"),
            "tests": Listing(lambda vendor, _, cursor: vendor.tests(cursor), "/api/v2/inbox-placement-tests", "id", "items"),
            "campaigns": Listing(lambda vendor, _, cursor: vendor.campaigns(cursor), "/api/v2/campaigns", "id", "items"),
            "mails": Listing(
                lambda vendor, box, cursor: vendor.test_mails(_over(box).id, cursor),
                "/api/v2/inbox-placement-analytics",
                "timestamp_created",
                "items",
            ),
        },
        main="mails",
        key_of=lambda sandbox, account: str(_big(sandbox).key(account)),
        rows_of=lambda sandbox, _: _rows(sandbox),
        switches=lambda sandbox: sandbox.instantly.switches,
    ),
    Stage(
        InboxBase,
        account=ORG,
        secret="api_key",
        lists={
            "conversations": Listing(
                lambda vendor, _, cursor: vendor.talks(HANDLE, cursor),
                f"/v1/identities/{HANDLE}/conversations",
                "lastEventAt",
                "conversations",
            ),
            "events": Listing(
                lambda vendor, _, cursor: _streamed(vendor, cursor), f"/v1/identities/{HANDLE}/events", "seq", "events"
            ),
        },
        main="conversations",
        key_of=lambda sandbox, account: str(_org(sandbox).key(account, InboxBase.slug)),
        rows_of=lambda sandbox, account: int(sandbox.truth(account, InboxBase.slug)["identities"][HANDLE]["conversations"]),
        switches=lambda sandbox: sandbox.inboxbase.switches,
    ),
    Stage(
        Imail,
        account="big",
        secret="api_key",
        lists={
            "senders": Listing(lambda vendor, _, cursor: vendor.senders(cursor), "/v1/inboxes", "email", "data"),
            "campaigns": Listing(lambda vendor, _, cursor: vendor.campaigns(cursor), "/v1/campaigns", "id", "data"),
        },
        main="senders",
        key_of=lambda sandbox, account: _many(sandbox).key(account, "imail"),
        rows_of=lambda sandbox, account: int(_many(sandbox).truth(account, "imail")["inboxes"]),
        switches=lambda sandbox: sandbox.imail.switches,
        changes_by="PATCH",
    ),
]
STAGES.append(
    Stage(
        Inbox,
        account="northwind",
        secret="api_key",
        lists={
            "conversations": Listing(lambda vendor, _, cursor: vendor.conversations(cursor), "/api/v1/threads", "id", "threads"),
            "events": Listing(lambda vendor, _, cursor: vendor.events(cursor), "/api/v1/events", "type", "events"),
        },
        main="conversations",
        key_of=lambda sandbox, account: sandbox.key(account, "inbox"),
        rows_of=lambda sandbox, account: int(sandbox.truth(account, "inbox")["inboxes"]["default"]),
        switches=lambda sandbox: sandbox.inbox.switches,
    )
)
BROADCASTING = [stage for stage in STAGES if "broadcasts" in stage.lists]
