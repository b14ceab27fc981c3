"""What an event says of one mail, to be counted: frozen and free of models, as `records`."""

from __future__ import annotations

from clients.vendors.records import Record

SENT, DELIVERED = "sent", "delivered"
#: The last is of a kind that nobody told.
HARD, SOFT, UNSAID = "bounced_hard", "bounced_soft", "bounced"
ANSWERED = "answered"  # and somebody, or something, said of which class the answer is


class Counted(Record, frozen=True):
    """`sender`: the sender's id at the vendor. `recipient`: an address, of which only the mailbox provider is kept. `word`: the
    vendor's category of a soft bounce, or its class of an answer."""

    what: str
    sender: str
    recipient: str
    word: str = ""
