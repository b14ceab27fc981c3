"""One of everything that an address can name, all of it North's. Zoe of South has a client of her own and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from agency import invitations
from agency.models import Invitation, Role, new_token
from clients.models import (
    Broadcast,
    Campaign,
    Change,
    ChangeItem,
    ChangeState,
    Connection,
    Conversation,
    Event,
    LeadUpload,
    Mail,
    MailState,
    Message,
    PlacementTest,
    Scope,
    Seed,
    SeedBook,
    Sender,
    Shuffle,
    SyncRun,
    TestOrder,
)
from clients.shuffles import asking, scheduling
from clients.vendors import VENDORS
from clients.vendors.shuffles import IN_PLACE, Order
from clients.webhooks import doors
from reports.models import ReportLink, SavedView
from tests.cast import Cast, connect
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.placing import account, placement_test, report
from tests.reaching import campaign, sender_day, sent, warmup
from tests.talking import told_of

#: North's words: in no answer to a stranger. And those of the client that the viewer may not see.
NORTHS = ("Acme", "Birch", "north.example", "Vault account", "For the board", "Anns own", "9f3c")
BIRCHS = ("Birch",)


@dataclass
class World:
    cast: Cast
    connection: Connection
    scope: Scope
    run: SyncRun
    broadcast: Broadcast
    sender: Sender
    change: Change
    invitation: Invitation
    invitation_token: str
    link: ReportLink
    link_token: str
    view: SavedView  # Ann's
    shuffle: Shuffle
    test: PlacementTest
    mail: Mail
    campaign: Campaign
    test_order: TestOrder
    upload: LeadUpload
    hook_token: str
    event: Event
    talk: Conversation
    message: Message


def make_world(cast: Cast) -> World:
    connection = connect(cast.north, key="ia-live-0123456789-9f3c", label="Vault account", client=cast.acme)
    feed = connection.feeds.first()
    assert feed is not None
    invitation, invitation_token = invitations.invite(cast.ann.memberships.get(), "dora@north.example", Role.ANALYST)
    link_token, link_hash = new_token()
    link = ReportLink.objects.create(
        client=cast.acme,
        name="For the board",
        token_hash=link_hash,
        created_by=cast.ann,
        expires_at=timezone.now() + timedelta(days=30),
    )
    broadcast = _mail(cast, connection)
    test = _test(cast)
    sends = _campaigns(cast, test.connection)
    hook_token, event = _talk(cast)
    return World(
        cast=cast,
        connection=connection,
        scope=connection.scopes.get(),
        run=SyncRun.objects.create(feed=feed),
        broadcast=broadcast,
        sender=Sender.objects.get(client=cast.acme, connection=connection),
        change=_planned(cast, connection),
        invitation=invitation,
        invitation_token=invitation_token,
        link=link,
        link_token=link_token,
        view=_view(cast),
        shuffle=_shuffle(cast, connection),
        mail=_letter(cast),
        test=test,
        test_order=_test_order(cast, test),
        campaign=sends,
        upload=_upload(cast, sends),
        hook_token=hook_token,
        event=event,
        talk=Conversation.objects.get(sender__client=cast.acme),
        message=_messages(cast),
    )


def _planned(cast: Cast, connection: Connection) -> Change:
    """Ready to be applied to both clients' senders."""
    change = Change.objects.create(
        agency=cast.north,
        made_by=cast.mo,
        selector={"by": "filter", "filters": {"tag": "Acme"}},
        edit={"preset": "repair"},
        state=ChangeState.PLANNED,
        planned_at=timezone.now(),
    )
    for sender in Sender.objects.filter(connection=connection):
        named = {"sender": sender, "connection": connection, "client": sender.client, "email": sender.email}
        ChangeItem.objects.create(change=change, before={"preset": "default"}, after={"preset": "repair"}, **named)
    return change


def _view(cast: Cast) -> SavedView:
    return SavedView.objects.create(membership=cast.ann.memberships.get(), page="senders", name="Anns own", query="tag=vip")


def _shuffle(cast: Cast, connection: Connection) -> Shuffle:
    """A plan, a schedule, and a shuffle that was done for both of the account's clients."""
    half = Order(IN_PLACE, percentage=50)
    scheduling.set_up(connection, 5, half, None)
    done = Shuffle.objects.create(
        connection=connection, state="done", method=IN_PLACE, percentage=50, happened_at=timezone.now(), external_id="shf-1"
    )
    planned = asking.plan(connection, half, None)
    for shuffle in (done, planned):
        shuffle.clients.set([cast.acme, cast.birch])
    SeedBook.objects.create(connection=connection, begun_at=timezone.now() - timedelta(days=9), read_at=timezone.now())
    return planned


def _test(cast: Cast) -> PlacementTest:
    """One test with senders of both clients, and one more of nobody's: of an account that both have a share of."""
    connection = account(cast.north, key="tests-live-0123", label="Acme and its neighbours")
    senders = {}
    for client, name in ((cast.acme, "acme"), (cast.birch, "Birch")):
        connection.scopes.create(client=client, kind="domain", value=f"{name.lower()}.north.example")
        senders[f"{name}@{name.lower()}.north.example"] = {"gmail": "PPF"}
    test = placement_test(connection, senders, foreign={"Birch-2@birch.north.example": {"gmail": "PS"}})
    for name in ("acme", "birch"):
        report(test, f"{name}.north.example", rules=[{"name": name.capitalize(), "score": 1.0}])
    return test


def _letter(cast: Cast) -> Mail:
    """A mail for each client through an account that both have a share of; the first one's, which waits for its time."""
    slug = next(slug for slug, vendor in VENDORS.items() if "sending" in vendor.can)
    connection = connect(cast.north, key="sk_live-0123456789-3d1a", label="Post", vendor=slug)
    made = []
    for client, name in ((cast.acme, "acme"), (cast.birch, "Birch")):
        handle = f"{name.lower()}@north.example"
        connection.scopes.create(client=client, kind="handle", value=handle)
        later, values = timezone.now() + timedelta(days=1), {"subject": f"{name}'s letter", "text": f"Of {name}."}
        made.append(
            Mail.objects.create(
                client=client, connection=connection, batch=client.uuid, identity=handle, to=f"to@{name}.north.example",
                key=f"key-of-{name}", state=MailState.SCHEDULED, due_at=later, wanted_at=later, **values,
            )
        )  # fmt: skip
    return made[0]


def _messages(cast: Cast) -> Message:
    """One to a stranger of each client's, which wait for ever; the viewer's client's."""
    made = []
    for client, name in ((cast.acme, "Acme"), (cast.birch, "Birch")):
        sender = Sender.objects.get(client=client, connection__label="Acme's talks")
        later, values = timezone.now() + timedelta(days=1), {"sender_ref": sender.external_id, "to": f"Friend of {name}"}
        made.append(
            Message.objects.create(
                client=client, connection=sender.connection, sender=sender, nonce=client.uuid, target=f"to {name}",
                text=f"Of {name}.", due_at=later, **values,
            )
        )  # fmt: skip
    return made[0]


def _campaigns(cast: Cast, connection: Connection) -> Campaign:
    """One of each client's, and one that is both's and so nobody's; a day of each of their senders."""
    for client in (cast.birch, cast.acme):
        made = campaign(connection, client=client, name=f"{client.name}'s letters", sender_tags=[client.name])
        sent(made, 1, 40, replied=2)
        sender = Sender.objects.filter(client=client).earliest("pk")
        sender_day(sender, 1, 40, bounced=1)
        warmup(sender, 1, sent=10, inbox=9, spam=1)
    campaign(connection, client=None, conflict=True, name="Letters of Acme and Birch")
    return made


def _talk(cast: Cast) -> tuple[str, Event]:
    """An account that sends events: the token of its door, and an event about both clients' conversations."""
    connection = connect(cast.north, key="talks-live-0123", label="Acme's talks", vendor="inbox")
    token = doors.open_address(connection, None)
    doors.put_in(connection, "ibt_wh_0123456789abcdef", None)
    for client, name in ((cast.acme, "Acme"), (cast.birch, "Birch")):
        told_of(connection, client, name)
    return token, Event.objects.filter(connection=connection).latest("pk")


def _mail(cast: Cast, connection: Connection) -> Broadcast:
    """A broadcast of the client that the viewer may see, and one of the other's through the same account; their senders."""
    for client, name in ((cast.acme, "Acme"), (cast.birch, "Birch")):
        SenderFactory(connection=connection, client=client, email=f"{name}@{name}.north.example", name=name, tagged=[name])
        mail(connection, client, days_ago(1), {"gmail": (20, 5, 5)}, subject=f"{name}'s news", domain=f"{name}.north.example")
    Seed.objects.create(connection=connection, email="seed@north.example", mailbox_provider="gmail", status="active")
    roll_up(connection)
    return Broadcast.objects.get(client=cast.acme, test=None)


def _upload(cast: Cast, campaign: Campaign) -> LeadUpload:
    """Looked at, and not sent."""
    upload = LeadUpload.objects.create(
        connection=campaign.connection, campaign=campaign, client=cast.acme, state="planned", file_name="fair.csv",
        columns=[["Email", "email"]],
    )  # fmt: skip
    upload.lines.create(line=2, email="ada@there.example", chunk=0)
    upload.chunks.create(number=0, leads=[{"email": "ada@there.example"}])
    return upload


def _test_order(cast: Cast, test: PlacementTest) -> TestOrder:
    """Planned, from senders that are there no more."""
    wanted = {
        "kind": "once", "name": "Acme again", "subject": "A question", "body": "Hello", "body_as": "plain", "text_only": True,
        "senders": [], "domains": [], "tags": [], "groups": ["Europe|Germany|Personal|Web.de"], "delivery": "one",
        "method": "vendor", "at_once": True, "automations": [],
    }  # fmt: skip
    return TestOrder.objects.create(
        client=cast.acme, connection=test.connection, wanted=wanted, senders=["news@acme.example"], fingerprint="f" * 64
    )
