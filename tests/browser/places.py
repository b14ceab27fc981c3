"""Every page of the demo agency, by the name of its address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.browser.house import House
from tests.doors import Door
from tests.doors.agency import DOORS as AGENCY
from tests.doors.clients import DOORS as CLIENTS
from tests.doors.reports import DOORS as REPORTS
from tests.waiting import wait_until

type Path = str | Callable[[House], str]


def uuid_of(house: House, query: str) -> str:
    """As addresses write it: SQLite keeps it without hyphens."""
    return str(UUID(str(house.home.rows(query)[0][0])))


def _of(table: str, where: str = "true") -> Callable[[House], str]:
    # Names of tables and conditions are this file's own.
    return lambda house: uuid_of(house, f"SELECT uuid FROM {table} WHERE {where} ORDER BY id LIMIT 1")


_OF_NORTHWIND = "client_id = (SELECT id FROM clients_client WHERE slug = 'northwind')"
_REACHING = f"{_OF_NORTHWIND} AND workspace <> ''"
_LOST = f"{_OF_NORTHWIND} AND status = 'disconnected'"
_SENDING = f"{_OF_NORTHWIND} AND status = 'active'"
_WEEKLY = "name = 'Northwind weekly'"
_TOLD = f"sender_id IN (SELECT id FROM clients_sender WHERE {_OF_NORTHWIND})"
_connection = _of("clients_connection", "label = 'Shared newsletter account'")
_talking = _of("clients_connection", "label = 'Northwind at Inbox'")
_MAILING = "connection_id = (SELECT id FROM clients_connection WHERE label = 'Northwind at imail')"
_mailing = _of("clients_campaign", f"{_OF_NORTHWIND} AND {_MAILING}")
_brunnen = _of("clients_connection", "label = 'Brunnen account'")


def _shuffle(house: House) -> str:
    """One that was made at the vendor: a worker takes it in after the first pass of the seeds."""
    wait_until(lambda: house.home.rows("SELECT uuid FROM clients_shuffle"), 60, what="the vendor's shuffles to be taken in")
    return _of("clients_shuffle")(house)


_A_CHANGE = """
from agency.models import Agency
from clients.changes import planning, selecting
from clients.changes.working import work
from clients.demo import SLUG
whom = selecting.by_filter({"domain": "brunnen.example"})
change = planning.ask(Agency.objects.get(slug=SLUG), whom, {"preset": "boost"}, None, "", announced=False)
work(change.pk)
print(change.uuid)
"""


def _change(house: House) -> str:
    """A plan with something in it, which nobody applies."""
    return f"/changes/{house.manage('shell', '--no-imports', '-c', _A_CHANGE)}/"


_A_TEST = """
from clients.models import Client, PlacementTest, TestOrder
test, client = PlacementTest.objects.filter(name="Northwind weekly")[0], Client.objects.get(slug="northwind")
wanted = dict(kind="once", name="Autumn", subject="A question", body="Hello", body_as="plain", text_only=True, senders=[],
              domains=[], tags=[], groups=["Europe|Germany|Personal|Web.de"], delivery="one", method="vendor", at_once=True,
              automations=[])
print(TestOrder.objects.create(client=client, connection=test.connection, wanted=wanted, senders=test.senders).uuid)
"""


def _test_order(house: House) -> str:
    """Planned, and never confirmed."""
    return f"/tests/{house.manage('shell', '--no-imports', '-c', _A_TEST)}/"


def _mail(house: House) -> str:
    """That waits for a day far ahead."""
    there = f"{datetime.now(UTC).date() + timedelta(days=300)}T09:00"
    told = ("--client", "northwind", "--subject", "A question", "--text", "README.md", "--at", there, "--apply")
    house.manage("send", "lena@there.example", *told)
    return f"/mails/{uuid_of(house, 'SELECT uuid FROM clients_mail ORDER BY id DESC LIMIT 1')}/"


def _conversation(house: House) -> str:
    wait_until(lambda: house.home.rows(f"SELECT id FROM clients_conversation WHERE {_TOLD}"), 60, what="conversations")
    return f"/clients/northwind/conversations/{_of('clients_conversation', _TOLD)(house)}/"


_A_MESSAGE = """
import uuid
from datetime import timedelta
from django.utils import timezone
from clients.models import Message, Sender
sender = Sender.objects.filter(client__slug="northwind", connection__label="Northwind at Inbox")[0]
later, named = timezone.now() + timedelta(days=300), uuid.uuid4()
print(Message.objects.create(client=sender.client, connection=sender.connection, sender=sender, sender_ref=sender.external_id,
                             nonce=named, target=str(named), to="Lena", text="A question", due_at=later).uuid)
"""


def _message(house: House) -> str:
    """To somebody new, that waits."""
    _conversation(house)
    return f"/messages/{house.manage('shell', '--no-imports', '-c', _A_MESSAGE)}/"


_AN_UPLOAD = """
from clients.models import Campaign, LeadUpload
letters = Campaign.objects.filter(client__slug="northwind", connection__label="Northwind at imail").order_by("pk")[0]
upload = LeadUpload.objects.create(client=letters.client, connection=letters.connection, campaign=letters, file_name="leads.csv")
upload.lines.create(line=2, email="ada@there.example")
print(upload.uuid)
"""


def _upload(house: House) -> str:
    """Looked through, and never confirmed."""
    return f"/uploads/{house.manage('shell', '--no-imports', '-c', _AN_UPLOAD)}/"


_A_VIEWER = """
from agency.models import Agency, Membership, User
user, _ = User.objects.get_or_create(email="viewer@agency.example")
viewer, _ = Membership.objects.get_or_create(agency=Agency.objects.first(), user=user, defaults={"role": "viewer"})
print(viewer.uuid)
"""


def _viewer_clients(house: House) -> str:
    """The demo agency has no viewer of its own."""
    return f"/settings/team/{house.manage('shell', '--no-imports', '-c', _A_VIEWER)}/clients/"


PAGES: dict[str, Path] = {
    "overview": "/",
    "clients": "/clients/",
    "client-new": "/clients/new/",
    "client-edit": "/clients/brunnen/edit/",
    "client": "/clients/northwind/",
    "client-broadcasts": "/clients/brunnen/broadcasts/?window=120",
    "broadcast": lambda house: f"/clients/northwind/broadcasts/{_of('clients_broadcast', _OF_NORTHWIND)(house)}/",
    "client-senders": "/clients/lumen/senders/",
    "client-seeds": "/clients/northwind/seeds/",
    "client-tests": "/clients/northwind/tests/?window=60",
    "test": lambda house: f"/clients/northwind/tests/{_of('clients_placementtest', _WEEKLY)(house)}/",
    "client-campaigns": "/clients/northwind/campaigns/",
    "campaign": lambda house: f"/clients/northwind/campaigns/{_of('clients_campaign', _SENDING)(house)}/",
    "campaign-new": "/clients/northwind/campaigns/new/",
    "campaign-start": lambda house: f"/clients/northwind/campaigns/{_mailing(house)}/start/",
    "lead-upload-new": lambda house: f"/clients/northwind/campaigns/{_mailing(house)}/leads/",
    "lead-upload": _upload,
    "sender": lambda house: f"/clients/northwind/senders/{_of('clients_sender', _REACHING)(house)}/",
    "test-new": "/clients/northwind/tests/new/",
    "test-edit": lambda house: f"/clients/northwind/tests/{_of('clients_placementtest', _WEEKLY)(house)}/edit/",
    "test-delete": lambda house: f"/clients/northwind/tests/{_of('clients_placementtest', _WEEKLY)(house)}/delete/",
    "test-order": _test_order,
    "client-mails": "/clients/northwind/mails/",
    "mail-new": "/clients/northwind/mails/new/",
    "mail": _mail,
    "client-conversations": "/clients/northwind/conversations/",
    "client-pipeline": "/clients/northwind/conversations/pipeline/",
    "conversation": _conversation,
    "conversation-new": "/clients/northwind/conversations/new/",
    "message": _message,
    "client-activity": "/clients/brunnen/activity/",
    "client-connections": "/clients/lumen/connections/",
    "client-reports": "/clients/northwind/reports/",
    "senders": "/senders/",
    "sender-new": "/senders/new/",
    "sender-edit": lambda house: f"/senders/{_of('clients_sender', _OF_NORTHWIND)(house)}/edit/",
    "sender-reconnect": lambda house: f"/senders/{_of('clients_sender', _LOST)(house)}/reconnect/",
    "changes": "/changes/",
    "change-new": "/changes/new/?client=northwind",
    "change": _change,
    "audit": "/settings/audit/",
    "search": "/search/?q=nor",
    "saved-views": "/views/",
    "seeds": "/seeds/",
    "seed-account": lambda house: f"/seeds/{_brunnen(house)}/",
    "shuffle-new": lambda house: f"/seeds/{_brunnen(house)}/shuffle/",
    "shuffle-schedule": lambda house: f"/seeds/{_brunnen(house)}/schedule/",
    "shuffle": lambda house: f"/shuffles/{_shuffle(house)}/",
    "connections": "/connections/",
    "feeds": "/feeds/",
    "connection-new": "/connections/new/",
    "connection": lambda house: f"/connections/{_connection(house)}/",
    "connection-hook": lambda house: f"/connections/{_talking(house)}/hook/",
    "inbox-new": lambda house: f"/connections/{_of('clients_connection', "label = 'Northwind at imail'")(house)}/inboxes/new/",
    "connection-replace": lambda house: f"/connections/{_connection(house)}/key/",
    "connection-scopes": lambda house: f"/connections/{_connection(house)}/scopes/",
    "run": lambda house: f"/runs/{_of('clients_syncrun')(house)}/",
    "unassigned": "/unassigned/",
    "settings": "/settings/",
    "events": "/settings/events/",
    "event": lambda house: f"/settings/events/{_of('clients_event')(house)}/",
    "team": "/settings/team/",
    "viewer-clients": _viewer_clients,
    "branding": "/settings/branding/",
    "profile": "/profile/",
    "password-change": "/profile/password/",
    "password-reset": "/password-reset/",
    "password-reset-sent": "/password-reset/sent/",
    "password-reset-confirm": "/password-reset/x/y/",
}

#: Plain text, fragments, downloads; and pages that have a test of their own: the report, and those for people without a sign-in.
ELSEWHERE = {"healthz", "overview-progress", "report", "logo"}


def path_of(name: str, house: House) -> str:
    path = PAGES[name]
    return path if isinstance(path, str) else path(house)


def pages_with_doors() -> set[str]:
    """What an owner can open."""
    doors: list[Door] = [*AGENCY, *CLIENTS, *REPORTS]
    opened = {door.name for door in doors if door.method == "GET" and door.answers["owner"] == "200"}
    return {name for name in opened - ELSEWHERE if not name.endswith("-export")}
