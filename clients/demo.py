"""An agency with everything in it, on the sandbox's accounts, to look around in."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from django.conf import settings
from django.db import transaction

from agency import audit
from agency.models import Agency, Membership, Role, User
from agency.secrets import fingerprint
from clients import connecting, demo_hooks
from clients.connecting import Claim
from clients.forms.clients import set_tags
from clients.models import Client, Connection
from clients.recording import said
from clients.vendors import VENDORS

SLUG = "demo"
EMAIL = "demo@inboxdeck.example"
#: Short name of the client whose vendors send webhooks.
WEBHOOKS_OF = "northwind"
MANAGERS = ("Mara Lind", "Jonas Weber")


class NoSandbox(Exception):
    """Nothing that answers as a sandbox."""


@dataclass(frozen=True)
class Part:
    """A client of the demo, and what of the account is its own."""

    name: str
    tags: tuple[str, ...]
    manager: int
    timezone: str
    kind: str = "all"
    value: str = ""


@dataclass(frozen=True)
class Account:
    """One of the sandbox's. `serves` are (client's name, kind, value) where it says so itself."""

    vendor: str
    name: str
    key: str
    serves: tuple[tuple[str, str, str], ...]


#: The sandbox's account → whom it serves. One that is not named here, and doesn't say whom it serves, is left alone.
CAST: dict[str, tuple[Part, ...]] = {
    "northwind": (Part("Northwind", ("retail", "vip"), 0, "America/New_York"),),
    "brunnen": (Part("Brunnen", ("food", "germany"), 1, "Europe/Berlin"),),
    "petit": (Part("Petit", ("studio", "trial"), 0, "Europe/Paris"),),
    "halden": (Part("Halden", ("association",), 1, "Europe/Oslo"),),
    "atelier": (Part("Atelier", ("retail", "furniture"), 0, "Europe/Lisbon"),),
    "shared": (
        Part("Lumen", ("newsletter", "vip"), 1, "Europe/London", "domain", "lumen.example"),
        Part("Kestrel", ("newsletter",), 1, "Europe/Dublin", "domain", "kestrel.example"),
        Part("Fjord", ("travel",), 0, "Europe/Oslo", "tag", "fjord"),
    ),
    "refused": (Part("Verano", ("trial",), 1, "Europe/Madrid"),),
}


def ensure() -> tuple[str, str]:
    """(e-mail, password) of the demo's owner; makes the agency if it is not there yet. Raises NoSandbox."""
    if not Agency.objects.filter(slug=SLUG).exists():
        accounts = _sandbox_accounts()
        with transaction.atomic():
            _make(accounts)
    return EMAIL, _password()


def deliver(web: str) -> None:
    """Has the sandbox send what happens to `WEBHOOKS_OF` to the web server at `web`. Raises NoSandbox."""
    theirs = Connection.objects.present().filter(agency__slug=SLUG, scopes__client__slug=WEBHOOKS_OF).order_by("pk").distinct()
    try:
        demo_hooks.deliver(_sandbox_accounts(), theirs, web)
    except httpx.HTTPError as error:
        raise NoSandbox(f"The sandbox at {settings.SANDBOX_URL} takes no webhooks.") from error


def free_keys() -> list[tuple[str, str]]:
    """(vendor's label, key and what is typed beside it): those left to be connected by hand, until somebody has."""
    taken = set(Connection.objects.present().filter(agency__slug=SLUG).values_list("vendor", "fingerprint"))
    free = [one for one in VENDORS.values() if one.free_demo_key and (one.slug, fingerprint(one.free_demo_key)) not in taken]
    return [(one.label, f"{one.free_demo_key} {one.free_demo_part}".strip()) for one in free]


def _make(accounts: list[Account]) -> None:
    agency = Agency.objects.create(name="Harbour Mail", slug=SLUG)
    owner = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL, name="Ada Berg")
    Membership.objects.create(agency=agency, user=owner, role=Role.OWNER)
    managers = [_manager(agency, name) for name in MANAGERS]
    # CAST names accounts of the first vendor; another's may have the same names.
    named = {account.name: account for account in accounts if account.vendor == accounts[0].vendor}
    for name, parts in CAST.items():
        if name in named:
            claims = [Claim(_client(agency, part, managers), part.kind, part.value) for part in parts]
            label = f"{parts[0].name} account" if len(parts) == 1 else "Shared newsletter account"
            _connect(agency, named[name], label, claims)
    for account in accounts:
        clients = {client.name: client for client in Client.objects.of(agency)}
        if claims := [Claim(clients[name], kind, value) for name, kind, value in account.serves if name in clients]:
            whose = claims[0].client if len(claims) == 1 else agency
            _connect(agency, account, f"{whose.name} at {VENDORS[account.vendor].label}", claims)


def _connect(agency: Agency, account: Account, label: str, claims: list[Claim]) -> None:
    # Untested: one of the keys is refused, and the first sync shall find that out.
    connection = connecting.draft(agency, account.vendor, label, {VENDORS[account.vendor].key_field: account.key})
    connecting.add(connection, claims, None, tested=False)


def _manager(agency: Agency, name: str) -> Membership:
    """Somebody to filter by; without a password nobody signs in as them."""
    email = f"{name.split(maxsplit=1)[0].lower()}@inboxdeck.example"
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name)
    return Membership.objects.create(agency=agency, user=user, role=Role.MANAGER)


def _client(agency: Agency, part: Part, managers: list[Membership]) -> Client:
    client = Client.objects.create(
        agency=agency, name=part.name, slug=part.name.lower(), timezone=part.timezone, manager=managers[part.manager]
    )
    set_tags(client, list(part.tags))
    audit.record(None, "client.created", client, agency=agency, subject=client.uuid, after=said(client))
    return client


def _password() -> str:
    """The same on each start: from DEMO_PASSWORD, or made once into a file that only this system's user reads."""
    path = Path(settings.DATA_DIR) / "demo-password"
    password = settings.DEMO_PASSWORD or _kept(path)
    owner = User.objects.get(email=EMAIL)
    if not owner.check_password(password):
        owner.set_password(password)
        owner.save(update_fields=["password"])
    return password


def _kept(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        password = secrets.token_urlsafe(12)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password + "\n")
        return password


def _sandbox_accounts(patience: float = 15.0) -> list[Account]:
    """Of every vendor that it plays, in the registry's order. The sandbox may be starting at this very moment."""
    url = settings.SANDBOX_URL
    if not url:
        raise NoSandbox("Name a sandbox in SANDBOX_URL, such as http://127.0.0.1:8901 (`python -m sandbox`).")
    ends = time.monotonic() + patience
    while True:
        try:
            return [account for vendor in VENDORS for account in _accounts_of(url, vendor)]
        except httpx.TransportError as error:
            if time.monotonic() > ends:
                raise NoSandbox(f"No sandbox answers at {url}.") from error
            time.sleep(0.1)
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError) as error:
            raise NoSandbox(f"What answers at {url} is not the sandbox.") from error


def _accounts_of(url: str, vendor: str) -> list[Account]:
    answer = httpx.get(f"{url}/_sandbox/accounts", params={"vendor": vendor}, timeout=5, trust_env=False).raise_for_status()
    return [
        Account(
            vendor,
            account["name"],
            account["key"],
            tuple((part["client"], part["kind"], part["value"]) for part in account["serves"]),
        )
        for account in answer.json()["accounts"]
    ]
