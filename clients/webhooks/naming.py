"""What an event is about, as far as it names what is known here: for links from its page."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Q

from clients.models import Campaign, Client, Connection, Conversation, Event, Prospect, Sender
from clients.vendors.conversations import ConversationGone, ConversationRecord, MessageRecord, ProspectRecord
from clients.vendors.hooks import data_of


class Named(NamedTuple):
    client: Client | None = None
    sender: Sender | None = None
    talk: Conversation | None = None
    prospect: Prospect | None = None
    campaign: Campaign | None = None


def named(event: Event) -> Named:
    """Nothing, where the event is no longer kept whole or says nothing that is understood."""
    if not event.raw:
        return Named()
    person, campaign = _person(event), _campaign(event)
    talk = _talk(event) or (_talk_with(person) if person else None)
    person = person or (talk.prospect if talk else None)
    sender = talk.sender if talk else _sender(event)
    client = sender.client if sender else campaign.client if campaign else None
    return Named(client or _only(event.connection), sender, talk, person, campaign)


def _talk(event: Event) -> Conversation | None:
    ids = [one.external_id for one in _records(event) if isinstance(one, ConversationRecord | ConversationGone)]
    ids += [one.conversation for one in _records(event) if isinstance(one, MessageRecord)]
    rows = Conversation.objects.select_related("sender__client", "prospect")
    return rows.filter(connection=event.connection_id, external_id__in=ids).first() if ids else None


def _talk_with(person: Prospect) -> Conversation | None:
    """A prospect has no page of its own."""
    rows = Conversation.objects.select_related("sender__client", "prospect").filter(prospect=person, gone_at=None)
    return rows.order_by("-last_at", "-pk").first()


def _person(event: Event) -> Prospect | None:
    ids = [one.external_id for one in _records(event) if isinstance(one, ProspectRecord)]
    return Prospect.objects.filter(connection=event.connection_id, external_id__in=ids).first() if ids else None


def _campaign(event: Event) -> Campaign | None:
    found = _field(event, "campaign")
    rows = Campaign.objects.select_related("client").filter(connection=event.connection_id, external_id=found)
    return rows.first() if found else None


def _sender(event: Event) -> Sender | None:
    found = _field(event, "sender")
    if not found and not event.stream:
        return None
    mine = Sender.objects.select_related("client").filter(connection=event.connection_id)
    return mine.filter(Q(external_id=event.stream) if event.stream else Q(raw__id=found) | Q(external_id=found)).first()


def _only(connection: Connection) -> Client | None:
    """The one client that the account serves."""
    serving = list(Client.objects.filter(scopes__connection=connection).distinct()[:2])
    return serving[0] if len(serving) == 1 else None


def _field(event: Event, what: str) -> str:
    scheme = event.connection.vendor_class.hooks
    name = scheme.names.get(what, "") if scheme else ""
    found = data_of(event.raw).get(name) if name else None
    return found if isinstance(found, str) else ""


def _records(event: Event) -> list[object]:
    scheme = event.connection.vendor_class.hooks
    reader = scheme.readers.get(event.type) if scheme else None
    try:
        return [*reader(data_of(event.raw))] if reader else []
    except Exception:  # noqa: BLE001  (its outcome says so already)
        return []
