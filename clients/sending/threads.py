"""The conversation that a mail goes on with: known by a mail of ours, or because the identity's own list or stream told of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from clients.models import Client, Conversation, Mail
from clients.sending.identities import Identity, sending_vendors


@dataclass(frozen=True)
class Thread:
    connection_id: int
    identity: str
    to: str
    conversation: str  # the vendor's id
    subject: str = ""

    def is_of(self, identity: Identity) -> bool:
        return (identity.connection.pk, identity.handle) == (self.connection_id, self.identity)


def of_mail(mail: Mail) -> Thread:
    return Thread(mail.connection_id, mail.identity, mail.to, mail.conversation, mail.subject)


def of_conversation(row: Conversation) -> Thread | None:
    """None where nobody is known to be on the other side."""
    if row.prospect is None or not row.prospect.handle:
        return None
    return Thread(row.connection_id, row.sender_ref, row.prospect.handle, row.external_id, row.subject)


def answerable(client: Client) -> QuerySet[Conversation]:
    """The client's conversations into which a mail may be written."""
    found = Conversation.objects.filter(sender__client=client, gone_at=None, connection__vendor__in=sending_vendors())
    return found.select_related("prospect", "connection")


def conversation_of(mail: Mail) -> Conversation | None:
    """The row of the conversation that it stands in, where it has come home, for those who may see the mail."""
    if not mail.conversation:
        return None
    rows = Conversation.objects.filter(
        connection=mail.connection_id, external_id=mail.conversation, sender__client=mail.client_id
    )
    return rows.first()


def on_their_way(row: Conversation) -> QuerySet[Mail]:
    """Answers that are written and not with the vendor yet, or of which nobody knows."""
    waiting = Mail.objects.filter(connection=row.connection_id, reply_to=row.external_id, conversation="")
    return waiting.exclude(state="cancelled").order_by("-pk")
