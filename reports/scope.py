"""What may be seen, and which part of it is asked for: the only door to `reports.queries` and `reports.exports`.

A member's page, an export and a report link each build a `Scope`; queries start at `scope.clients` and never elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from django.utils import timezone

from agency.models import Agency, Membership
from clients import sender_health
from clients.models import Client, MailboxProvider
from clients.models.accounts import ClientQuerySet

WINDOWS = (7, 14, 30, 60, 90, 120, 365)


@dataclass(frozen=True)
class Filters:
    """What the page's URL asks for. Each is empty when not asked; `vendor` is a slug, the rest are words."""

    mailbox_provider: str = ""
    domain: str = ""
    tag: str = ""  # of a client on the Overview, of a sender on a client's pages
    vendor: str = ""
    manager: str = ""  # a membership's uuid
    status: str = ""
    preset: str = ""
    health: str = ""  # of a sender, a word of `clients.sender_health`
    look: str = ""  # on the Overview: `looks.NEEDED` leaves those alone that need a look
    search: str = ""
    sort: str = ""
    client: str = ""  # a slug, on pages over several clients
    account: str = ""  # a connection's uuid
    who: str = ""  # of the audit log and of changes
    kind: str = ""  # of changes: what they set; of placement tests, of events
    source: str = ""  # of events: how they came
    test: str = ""  # a placement test's uuid: that one, whatever the window
    day: str = ""  # of one of its runs

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filters:
        """Unknown words are kept as they are: they match nothing, and the page says so with a way out."""
        names = {name: str(query.get(name, "")).replace("\x00", "").strip()[:200] for name in cls.__dataclass_fields__}
        return cls(**names | {"health": sender_health.word(names["health"])})

    @property
    def any(self) -> bool:
        return any(getattr(self, name) for name in self.__dataclass_fields__ if name != "sort")


def today() -> date:
    """In UTC, for members and recipients alike: vendors give days, and a page and its report link must count the same ones."""
    return timezone.now().date()


@dataclass(frozen=True)
class Window:
    """Whole days, both ends included. `before` is the window of the same length just before it, as far as there are days at all.
    `since`: the first day with data, where it was asked for."""

    first: date
    last: date
    since: date | None = field(default=None, compare=False)

    @classmethod
    def of(cls, days: int, *, last: date | None = None) -> Window:
        last = last or today()
        return cls(last - timedelta(days=days - 1), last)

    @classmethod
    def read(cls, query: Mapping[str, str], default: int = 7) -> Window:
        """`?window=30`: one of WINDOWS, or the default."""
        text = query.get("window", "")
        days = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else default
        return cls.of(days if days in WINDOWS else default)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def times(self) -> tuple[datetime, datetime]:
        return datetime.combine(self.first, time.min, UTC), datetime.combine(self.last, time.max, UTC)

    @property
    def before(self) -> Window:
        first = max(self.first.toordinal() - self.days, date.min.toordinal())
        return Window(date.fromordinal(first), self.first - timedelta(days=1))

    @property
    def began(self) -> date | None:
        """The first day with data, unless it lies at or before the first day of `before`: the window before is covered then."""
        return self.since if self.since and self.since > self.before.first else None


@dataclass(frozen=True)
class Scope:
    agency: Agency
    clients: ClientQuerySet
    window: Window
    filters: Filters = field(default_factory=Filters)
    #: Unassigned rows belong to no client: members who see every client may see them, nobody else.
    sees_unassigned: bool = False
    client: Client | None = None  # the only one in `clients`, where it is one client's

    @classmethod
    def of_member(cls, member: Membership, query: Mapping[str, str], *, days: int = 7) -> Scope:
        return cls(
            agency=member.agency,
            clients=Client.objects.visible_to(member).active(),
            window=Window.read(query, days),
            filters=Filters.read(query),
            sees_unassigned=member.role != "viewer",
        )

    @classmethod
    def of_client(cls, client: Client, query: Mapping[str, str] | None = None, *, days: int = 30) -> Scope:
        """One client's, archived or not: the caller has already found it among the visible ones (or by a report link)."""
        query = query or {}
        return cls(
            agency=client.agency,
            clients=Client.objects.filter(pk=client.pk),
            window=Window.read(query, days),
            filters=Filters.read(query),
            client=client,
        )

    @property
    def is_of_nobody(self) -> bool:
        """A viewer's to whom no client is assigned yet."""
        return not self.sees_unassigned and not self.clients.exists()

    def narrowed(self, **changes: str) -> Scope:
        return replace(self, filters=replace(self.filters, **changes))

    def querystring(self) -> str:
        """The same question as a query string, for the export beside a page; without a window that nobody can ask for."""
        asked = {name: value for name in Filters.__dataclass_fields__ if (value := getattr(self.filters, name))}
        window = {"window": self.window.days} if self.window.days in WINDOWS else {}
        return urlencode({**window, **asked})


MAILBOX_PROVIDERS = [(provider.value, provider.label) for provider in MailboxProvider]
