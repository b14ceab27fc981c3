"""What the product knows of a vendor. Pages ask `can` and `fields`, never the vendor's name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Self

from django.conf import settings

from clients.vendors.acting import Acts
from clients.vendors.hooks import HookScheme
from clients.vendors.http import Http
from clients.vendors.reading import Reads
from clients.vendors.records import WorkspaceRecord


@dataclass(frozen=True)
class CredentialField:
    """One field of the form that adds a connection. A secret one is never shown back."""

    name: str
    label: str
    help: str = ""
    secret: bool = True


class Vendor(Reads, Acts, ABC):
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
    scopes: ClassVar[tuple[str, ...]] = ("all", "domain", "tag")
    lists_handles: ClassVar[bool] = False  # its senders tell them, as a tag; else they are typed in and asked for
    tells_recipients: ClassVar[bool] = False  # its events name whom a mail went to
    published_days: ClassVar[Mapping[str, int]] = MappingProxyType({})  # by measure of its `benchmark`: how many days it is of
    hooks: ClassVar[HookScheme | None] = None  # of a vendor that sends events by itself

    def __init__(self, http: Http) -> None:
        self.http = http

    @classmethod
    def tells_days(cls) -> bool:
        """Whether it tells what each sender sent on a day, and what came of it."""
        return not {"outreach", "streams"}.isdisjoint(cls.feeds)

    @classmethod
    def told_by_senders(cls) -> bool:
        """Whether its senders tell one account of it from another: those of a workspace may be several accounts'."""
        return "senders" in cls.feeds and "workspaces" not in cls.feeds

    @classmethod
    def sender_id(cls, external_id: str, raw: Mapping[str, Any]) -> str:
        """The vendor's own, of a sender that is kept under `external_id` with `raw`."""
        return external_id

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

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
