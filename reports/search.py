"""What the search in the header finds: by kind, a few of each, with the part that matches marked.

A client's things are found where `Scope` lets the reader see the client, its archived ones last; connections and pages where
their own doors would let the reader in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from agency.models import Membership, Role
from clients.models import Client, Connection
from clients.vendors import VENDORS
from reports.queries import search as rows
from reports.queries.search import Known
from reports.scope import Scope

#: A shorter text is in everything.
SHORTEST, SHORTEST_OF_SUBJECT, LONGEST = 2, 3, 100
#: What turns text around, and is pasted unseen.
_TURNS = re.compile("[\x00\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: More of a subject than this is not shown.
_SHOWN = 140


class Link(NamedTuple):
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Hit:
    title: SafeString
    url: str
    beside: str = ""  # whose it is, or what
    tag: str = ""  # archived, gone
    tags: Sequence[SafeString] = ()


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    hits: Sequence[Hit]
    cut: bool  # there are more than these
    lists: Sequence[Link] = ()  # whose search leads on
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str
    groups: Sequence[Group] = ()
    newest: int = 0  # of each client so many broadcasts were looked through

    @property
    def too_short(self) -> bool:
        return len(self.text) < SHORTEST

    @property
    def number(self) -> int:
        return sum(len(group.hits) for group in self.groups)

    @property
    def query(self) -> str:
        return urlencode({"q": self.text})


def read(text: str) -> str:
    """As it is looked for."""
    return " ".join(_TURNS.sub(" ", text[: 10 * LONGEST]).split())[:LONGEST].strip()


def answer(member: Membership, text: str, most: int) -> Answer:
    """At most `most` of each kind, for a text as `read` gives it. Seven queries, six for those who may open no connection."""
    if len(text) < SHORTEST:
        return Answer(text)
    scope = replace(Scope.of_member(member, {}), clients=Client.objects.visible_to(member))
    known = rows.clients(scope)
    newest = rows.newest_of(len(known))
    groups = [
        _clients(known, text, most),
        _senders(scope, known, text, most),
        _domains(scope, known, text, most),
        _broadcasts(scope, known, text, newest, most),
        _campaigns(scope, known, text, most),
        _tests(scope, known, text, most),
        _connections(member, text, most),
        _pages(member, text, most),
    ]
    return Answer(text, [group for group in groups if group.hits], newest)


def marked(title: str, text: str) -> SafeString:
    """The title, escaped, with the first place marked that matches. Of a long one, what stands around that place."""
    found = re.search(re.escape(text), title, re.IGNORECASE)
    if not found:
        return format_html("{}", _cut(title, 0))
    start, end = found.span()
    first = max(0, start - 40) if len(title) > _SHOWN else 0
    before, after = ("…" if first else "") + title[first:start], _cut(title[end:], max(0, end - first))
    return format_html("{}<mark>{}</mark>{}", before, title[start:end], after)


def _cut(text: str, used: int) -> str:
    room = max(20, _SHOWN - used)
    return text if len(text) <= room else text[: room - 1] + "…"


def _clients(known: dict[int, Known], text: str, most: int) -> Group:
    """Compared here: not every database knows that Ä is ä."""
    wanted = text.casefold()
    found = [one for one in known.values() if any(wanted in word.casefold() for word in (one.name, one.slug, *one.tags))]
    found.sort(key=lambda one: (one.archived, not one.name.casefold().startswith(wanted)))
    hits = [
        Hit(
            marked(one.name, text),
            reverse("client", args=[one.slug]),
            tag=_tag(one),
            tags=[marked(tag, text) for tag in one.tags if wanted in tag.casefold()],
        )
        for one in found[: most + 1]
    ]
    status = {"status": "all"} if any(one.archived for one in found) else {}
    return _group("Clients", hits, most, [Link("Clients", _to("clients", search=text, **status))])


def _senders(scope: Scope, known: dict[int, Known], text: str, most: int) -> Group:
    hits = []
    for row in rows.senders(scope, text, most + 1):
        one = known.get(row.client or 0)
        # Nobody's has no page of its own.
        url = reverse("sender", args=[one.slug, row.uuid]) if one else _to("senders", search=row.name)
        hits.append(Hit(marked(row.name, text), url, one.name if one else "unassigned", _tag(one, gone=row.gone)))
    return _group("Senders", hits, most, [Link("Senders", _to("senders", search=text))])


def _domains(scope: Scope, known: dict[int, Known], text: str, most: int) -> Group:
    hits = []
    for domain, client in rows.domains(scope, text, most + 1):
        one = known.get(client or 0)
        url = _to("client-senders", one.slug, domain=domain) if one else _to("senders", domain=domain)
        hits.append(Hit(marked(domain, text), url, one.name if one else "unassigned", _tag(one)))
    return _group("Domains", hits, most)


def _broadcasts(scope: Scope, known: dict[int, Known], text: str, newest: int, most: int) -> Group:
    found = rows.broadcasts(scope, text, newest, most + 1) if len(text) >= SHORTEST_OF_SUBJECT else []
    hits = []
    for row in found:
        one = known[row.client]
        url = reverse("broadcast", args=[one.slug, row.uuid])
        hits.append(Hit(marked(row.subject, text), url, f"{one.name}, {row.day:%-d %B %Y}", _tag(one)))
    note = f"Looked for among each client's newest {newest:,}."
    return _group("Broadcasts", hits, most, _theirs("client-broadcasts", "Broadcasts", known, found, text, window="365"), note)


def _campaigns(scope: Scope, known: dict[int, Known], text: str, most: int) -> Group:
    found = rows.campaigns(scope, text, most + 1)
    return _group(
        "Campaigns",
        _hits("campaign", known, found, text),
        most,
        _theirs("client-campaigns", "Campaigns", known, found, text),
    )


def _tests(scope: Scope, known: dict[int, Known], text: str, most: int) -> Group:
    found = rows.tests(scope, text, most + 1)
    return _group(
        "Tests", _hits("test", known, found, text), most, _theirs("client-tests", "Tests", known, found, text, window="365")
    )


def _connections(member: Membership, text: str, most: int) -> Group:
    if not may_open(member, "connections"):
        return _group("Connections", [], most)
    found = rows.connections(Connection.objects.visible_to(member), text, most + 1)
    hits = [Hit(marked(label, text), reverse("connection", args=[uuid]), VENDORS[vendor].label) for uuid, label, vendor in found]
    return _group("Connections", hits, most, [Link("Connections", _to("connections", search=text))])


#: Pages that have one address for everybody → what they are called, and by what other words they are looked for.
PAGES = {
    "overview": ("Overview", "home"),
    "clients": ("Clients", ""),
    "senders": ("Senders", "mailboxes engagement"),
    "seeds": ("Seeds", "shuffle esp"),
    "changes": ("Changes", "undo"),
    "connections": ("Connections", "vendor accounts api keys"),
    "feeds": ("Freshness", "feeds sync late"),
    "unassigned": ("Unassigned", "nobody scopes"),
    "settings": ("Settings", ""),
    "team": ("Team", "members roles invite users"),
    "branding": ("Branding", "logo colour name"),
    "audit": ("Audit log", "who did what history"),
    "events": ("Events", "webhooks"),
    "client-new": ("New client", "add"),
    "connection-new": ("Connect an account", "new vendor api key"),
    "profile": ("Your profile", "name account"),
    "password-change": ("Change password", ""),
}


def _pages(member: Membership, text: str, most: int) -> Group:
    wanted = text.casefold()
    found = [(label, name) for name, (label, words) in PAGES.items() if wanted in label.casefold() or wanted in words.split()]
    return _group("Pages", [Hit(marked(label, text), reverse(name)) for label, name in found if may_open(member, name)], most)


def may_open(member: Membership, name: str) -> bool:
    """What the page's own door would say: `member_view` leaves its role there."""
    return member.may(getattr(resolve(reverse(name)).func, "role", Role.VIEWER))


def _hits(page: str, known: dict[int, Known], found: Iterable[rows.Row], text: str) -> list[Hit]:
    return [
        Hit(marked(row.name, text), reverse(page, args=[one.slug, row.uuid]), one.name, _tag(one, gone=row.gone))
        for row in found
        if (one := known.get(row.client or 0))
    ]


def _theirs(
    page: str, label: str, known: dict[int, Known], found: Iterable[rows.Row | rows.Broadcast], text: str, **more: str
) -> list[Link]:
    """The lists of the first few clients that something was found of."""
    clients = list(dict.fromkeys(row.client for row in found if row.client))[:5]
    return [Link(f"{label} of {one.name}", _to(page, one.slug, search=text, **more)) for one in map(known.__getitem__, clients)]


def _group(label: str, hits: Sequence[Hit], most: int, lists: Sequence[Link] = (), note: str = "") -> Group:
    return Group(label, hits[:most], len(hits) > most, lists, note)


def _tag(client: Known | None, *, gone: bool = False) -> str:
    return "archived" if client and client.archived else "gone" if gone else ""


def _to(page: str, *args: str, **query: str) -> str:
    return f"{reverse(page, args=args)}?{urlencode(query)}"
