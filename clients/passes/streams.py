"""What each identity sent and what came back, counted day by day from its stream of events: each event once, since the counts
and the place in the stream are written together. The same events tell of its conversations, and of the mails it sent for us."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from clients import event_days, outreach_days
from clients.models import ActivityDay, Conversation, Grain, Position
from clients.passes import telling
from clients.passes.handles import AT, GONE, OfEachHandle
from clients.sending import hearing
from clients.storing import Stored
from clients.vendors import counting
from clients.vendors.conversations import ConversationRecord, MessageRecord, ProspectRecord
from clients.vendors.counting import Counted
from clients.vendors.errors import Rejected
from clients.vendors.mails import SENT, Happening, Line
from clients.vendors.records import Page
from clients.webhooks.effects import Told

#: What the events tell of. Opens and clicks no event tells of: they stay 'not measured'.
COUNTS = ("sent", "replied", "bounced", "bounced_hard", "bounced_soft")
_FATES = {"": counting.SENT, "hard": counting.HARD, "soft": counting.SOFT, "unsaid": counting.UNSAID}
LONGEST = 2000  # letters of a message that are kept


class StreamPass(OfEachHandle):
    """A cursor is a place in the identity's stream.

    It never waits for an event (`wait` of the vendor's `stream`): each identity has a stream of its own, so a worker would
    stand still for one of hundreds. Where the vendor sends events itself, one of them has the stream read at once."""

    model = ActivityDay

    def read(self, cursor: str | None) -> Page[Any]:
        if not self.handle:
            return Page((), None)
        since = int(cursor) if cursor else self._position()
        try:
            told = self.vendor.stream(self.handle, since)
        except Rejected as refusal:
            if refusal.status != GONE:
                raise
            # The feed of identities says which; the others are counted all the same.
            return Page((), None)
        return Page(told.events, str(told.seq) if told.more else None, told.set_aside)

    def store(self, records: Sequence[Happening]) -> Stored:
        before = self._position()
        fresh = [one for one in records if one.seq > before]
        if not fresh:
            return Stored(len(records))
        Position.objects.update_or_create(
            connection=self.connection, identity=self.handle, defaults={"seq": max(one.seq for one in fresh)}
        )  # fmt: skip
        real = hearing.without_probes(self.connection, self.handle, fresh)
        days = _by_day(real)
        added = [self._add(day, counts) for day, counts in days.items()]
        outreach_days.roll_up(self.connection.pk, {owner for _, owners in added for owner in owners}, days)
        telling.store(self.connection, [(_conversation(one, self.handle), Told(one.seq, one.at)) for one in _said(fresh)])
        event_days.add(self.connection, self.resolver, self._counted(real))
        hearing.hear(self.connection, self.handle, fresh)
        return Stored(len(records), sum(new for new, _ in added), 0)

    def _position(self) -> int:
        found = Position.objects.filter(connection=self.connection, identity=self.handle)
        return found.values_list("seq", flat=True).first() or 0

    def _counted(self, events: Sequence[Happening]) -> list[tuple[Counted, datetime]]:
        """A mail server that writes names no recipient: that is whom the conversation is with."""
        ids = {one.conversation for one in events if one.bounce == "unsaid"}
        rows = Conversation.objects.filter(connection=self.connection, external_id__in=ids, prospect__isnull=False)
        peers = dict(rows.values_list("external_id", "prospect__external_id")) if ids else {}
        found = ((one, peers.get(one.conversation, "") if one.bounce == "unsaid" else one.recipient) for one in events)
        return [(Counted(_FATES[one.bounce], self.handle, to), one.at) for one, to in found if one.bounce or one.counts == SENT]

    def _add(self, day: date, counts: Counter[str]) -> tuple[bool, set[int | None]]:
        """Whether the day is new, and whose it was and is. The caller holds the connection's lock."""
        handle = self.handle
        domain = handle.partition(AT)[2]
        row, new = ActivityDay.objects.get_or_create(
            connection=self.connection, grain=Grain.SENDER, sender_ref=handle, day=day,
            defaults={"domain": domain, "workspace": handle, **dict.fromkeys(COUNTS, 0)},
        )  # fmt: skip
        before, row.client_id = row.client_id, self.resolver.owner(domain, (), handle).client_id
        for name in COUNTS:
            setattr(row, name, (getattr(row, name) or 0) + counts[name])
        row.save()
        return new, {before, row.client_id}


def _by_day(events: Sequence[Happening]) -> dict[date, Counter[str]]:
    """By the vendor's day, which is UTC's, as its daily cap."""
    days: dict[date, Counter[str]] = defaultdict(Counter)
    for one in events:
        if one.counts:
            day = days[one.at.astimezone(UTC).date()]
            day[one.counts] += 1
            if one.bounce in ("hard", "soft"):
                day[f"bounced_{one.bounce}"] += 1
    return days


def _said(events: Sequence[Happening]) -> list[Happening]:
    """Messages that are no mail server's."""
    return [one for one in events if one.line and one.conversation and not one.bounce]


def _conversation(one: Happening, handle: str) -> ConversationRecord:
    line: Line = one.line  # type: ignore[assignment]
    peer = (line.sender.lower() if line.inbound else one.recipient)[:255]
    last = MessageRecord(line.external_id[:255], one.conversation, line.text[:LONGEST], line.at, line.inbound)
    # An answer's subject is the conversation's behind a word.
    subject = None if line.inbound or line.subject.lower().startswith("re:") else line.subject
    who = ProspectRecord(peer, handle=peer) if peer else None
    return ConversationRecord(one.conversation, handle, who, last=last, subject=subject)
