"""What the contract's cases need to know of each vendor: one entry for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clients.vendors.base import Vendor
from clients.vendors.http import Http
from clients.vendors.inboxally import InboxAlly
from clients.vendors.records import Page
from sandbox.server import Sandbox


@dataclass
class Stage:
    vendor: type[Vendor]
    account: str  # with more than one page of broadcasts
    secret: str  # the credential field that takes the account's key
    routes: dict[str, str]  # feed → pattern of its list's path
    spoilt: dict[str, str]  # feed → a field that every row must have
    sandbox: Sandbox | None = None
    opened: list[Vendor] = field(default_factory=list)

    def at(self, sandbox: Sandbox) -> Stage:
        return Stage(self.vendor, self.account, self.secret, self.routes, self.spoilt, sandbox)

    def open(self, key: str | None = None, **http: Any) -> Vendor:
        assert self.sandbox
        secrets = {self.secret: key or self.sandbox.key(self.account)}
        door = Http(self.sandbox.url, self.vendor.headers(secrets), loopback=True, label=self.vendor.label, **http)
        self.opened.append(self.vendor(door))
        return self.opened[-1]

    def close(self) -> None:
        for vendor in self.opened:
            vendor.close()

    def asked(self, feed: str = "broadcasts") -> int:
        assert self.sandbox
        return len(self.sandbox.requests.to(self.routes[feed]))


def read(vendor: Vendor, feed: str, cursor: str | None = None) -> Page[Any]:
    """The first page, or the one that the cursor names."""
    if feed == "senders":
        return vendor.senders(cursor, vendor.sender_passes[0])
    return vendor.seeds(cursor) if feed == "seeds" else vendor.broadcasts(cursor)


def walk(vendor: Vendor, feed: str) -> Iterator[Page[Any]]:
    page = read(vendor, feed)
    yield page
    while page.cursor:
        page = read(vendor, feed, page.cursor)
        yield page


STAGES = [
    Stage(
        InboxAlly,
        account="northwind",
        secret="api_key",
        routes={"seeds": "/v3/seeds", "senders": "/v3/senders", "broadcasts": "/v3/broadcasts"},
        spoilt={"seeds": "email", "senders": "id", "broadcasts": "primary_inbox"},
    ),
]
