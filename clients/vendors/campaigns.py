"""What is asked of a vendor that makes campaigns, in our words."""

from __future__ import annotations

from clients.vendors.records import Record

#: What may happen to a step's mail, on which the next step may depend.
OPENED, CLICKED, REPLIED, NO_REPLY, BOUNCED = "opened", "clicked", "replied", "no_reply", "bounced"
EVENTS = (OPENED, CLICKED, REPLIED, NO_REPLY, BOUNCED)


class Branch(Record, frozen=True):
    """Steps are named by their place, from 1; where `then` or `otherwise` is None the sequence ends there."""

    on: int
    event: str
    within_days: int
    then: int | None = None
    otherwise: int | None = None


class Step(Record, frozen=True):
    subject: str
    body: str
    delay_days: int = 0
    branch: Branch | None = None


class SendWindow(Record, frozen=True):
    """`days` count from Monday, which is 1; times are HH:MM in `zone`, '' for each lead's own."""

    days: tuple[int, ...]
    start: str
    end: str
    zone: str = ""


class NewCampaign(Record, frozen=True):
    """`daily_limit` None: as much as the plan allows."""

    name: str
    senders: tuple[str, ...]  # e-mails
    steps: tuple[Step, ...]
    window: SendWindow
    daily_limit: int | None = None
    tracks_opens: bool = True
    tracks_clicks: bool = True
