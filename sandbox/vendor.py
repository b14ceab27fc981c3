"""What the server asks of each vendor that it plays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from sandbox.answers import Answer, Json, RefusedError
from sandbox.hooks import Scheme
from sandbox.paging import Style
from sandbox.switches import Turned
from sandbox.wire import Request


@runtime_checkable
class Delivers(Protocol):
    """A vendor with webhooks."""

    def deliver(self, account: str, wanted: dict[str, Json]) -> dict[str, Json]:
        """Events of the account to an address. Raises KeyError, ValueError."""


@runtime_checkable
class Tells(Protocol):
    """A vendor whose webhooks are delivered by themselves (`sandbox/subscribing.py`)."""

    delivers: tuple[Scheme, Sequence[float]]
    """How it signs, and when it tries again."""

    def serves(self, account: str) -> list[dict[str, str]]:
        """As of each vendor. Raises KeyError."""

    def told(self, account: str) -> list[dict[str, Json]]:
        """What a webhook would have told lately, oldest first. Raises KeyError."""


class Vendor(Protocol):
    cursors: Style

    def key_of(self, request: Request) -> str | None:
        """The key that came along, known or not."""

    def account_of(self, request: Request) -> str | None:
        """The name of the account that the key opens."""

    def answer(self, request: Request, query: dict[str, str]) -> Answer:
        """Carries the request out; `query` stands for the request's own. Raises RefusedError."""

    def refused(self, refusal: RefusedError) -> Answer:
        """The refusal as the vendor words it."""

    def accounts(self) -> list[tuple[str, str, str]]:
        """(name, key, story) of each."""

    def serves(self, account: str) -> list[dict[str, str]]:
        """{client, kind, value}: whom a demo should give which part of the account. Empty where its name says it."""

    def add_account(self, **wanted: Json) -> tuple[str, str, str]:
        """An account for measuring: its (name, key, story)."""

    def truth(self, account: str, **which: str) -> dict[str, Json]:
        """What the account's numbers really are by now. Raises KeyError."""

    def change(self, account: str, what: dict[str, Json]) -> dict[str, Json]:
        """Changes data behind the API's back. Raises KeyError, ValueError."""

    @property
    def switches(self) -> Turned: ...
