from __future__ import annotations

import io
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from django.utils import timezone

from agency.models import Agency, AuditEntry, Membership, User, token_hash
from clients import demo
from clients.models import Client, Connection, Event, Feed, Health, Hook, Scope
from clients.models.operations import AFTER
from clients.vendors import VENDORS
from clients.webhooks import doors
from sandbox.server import Sandbox
from tests.cast import connect


@pytest.fixture
def sandbox(vendor: Sandbox, settings: Any, tmp_path: Path) -> Sandbox:
    settings.SANDBOX_URL, settings.DATA_DIR, settings.DEMO_PASSWORD = vendor.url, tmp_path, ""
    return vendor


def the_demo() -> str:
    out = io.StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def played(sandbox: Sandbox, vendor: str) -> list[dict[str, Any]]:
    accounts: list[dict[str, Any]] = httpx.get(f"{sandbox.url}/_sandbox/accounts", params={"vendor": vendor}).json()["accounts"]
    return accounts


@pytest.mark.django_db
def test_the_demo_is_made_once_with_clients_accounts_and_a_sign_in(sandbox: Sandbox) -> None:
    first = the_demo()
    assert the_demo() == first, "the second start prints the same sign-in and makes nothing"
    agency = Agency.objects.get()
    assert set(Client.objects.values_list("slug", flat=True)) == {
        "northwind", "brunnen", "petit", "halden", "atelier", "lumen", "kestrel", "fjord", "verano",
    }  # fmt: skip
    assert Connection.objects.of(agency).count() == 13
    workspaces = {name: sandbox.instantly.workspace(name).id for name in ("northwind", "atelier")}
    assert sorted((scope.kind, scope.value, scope.client.slug) for scope in Scope.objects.exclude(kind="all")) == [
        ("domain", "kestrel.example", "kestrel"),
        ("domain", "lumen.example", "lumen"),
        ("handle", "@fjordtravel", "fjord"),
        ("handle", "@kestrelpost", "kestrel"),
        ("handle", "@lumenletter", "lumen"),
        ("handle", "jan.brunnen@inboxbase.ai", "brunnen"),
        ("handle", "maya.northwind@inboxbase.ai", "northwind"),
        ("tag", "fjord", "fjord"),
        *sorted(("workspace", value, name) for name, value in workspaces.items()),
    ]
    assert {connection.secrets()["api_key"] for connection in Connection.objects.all()} >= {
        sandbox.key("refused"),
        sandbox.key("shared"),
        sandbox.instantly.key("agency"),
        sandbox.key("northwind", "imail"),
        sandbox.key("brunnen", "imail"),
        sandbox.key("northwind", "inbox"),
        sandbox.key("agency", "inbox"),
    }
    feeds = [name for one in Connection.objects.all() for name in one.vendor_class.feeds if name not in AFTER]
    assert Feed.objects.due().count() == len(feeds), "all due at once but those that need another read first"
    assert not Feed.objects.exclude(requested_at=None).exists(), "nobody pressed anything: the runs say 'schedule'"
    assert not Connection.objects.exclude(health=Health.OK).exists(), "the first sync finds the refused key"


@pytest.mark.django_db
def test_the_audit_log_has_each_client_as_its_page_would_record_it(sandbox: Sandbox) -> None:
    the_demo()
    entries = {entry.target: entry for entry in AuditEntry.objects.filter(action="client.created")}
    assert {(name, entry.subject) for name, entry in entries.items()} == set(Client.objects.values_list("name", "uuid"))
    assert entries["Petit"].after["tags"] == ["studio", "trial"]
    assert entries["Petit"].after["manager"] == "Mara Lind"


@pytest.mark.django_db
def test_it_leaves_an_account_of_each_vendor_to_be_connected_by_hand(sandbox: Sandbox) -> None:
    printed = the_demo()
    used = {secret for connection in Connection.objects.all() for secret in connection.secrets().values()}
    for vendor in VENDORS.values():
        key = vendor.free_demo_key
        assert f"  {vendor.label:<10} {key}" in printed
        assert key in [account["key"] for account in played(sandbox, vendor.slug)]
        assert key not in used


@pytest.mark.django_db
def test_a_key_that_was_connected_by_hand_is_not_offered_until_it_is_removed(sandbox: Sandbox) -> None:
    key = sandbox.key("tidal")
    assert key in the_demo()
    made = connect(Agency.objects.get(), key=key)
    assert key not in the_demo(), "it is no longer free"
    Connection.objects.filter(pk=made.pk).update(removed_at=timezone.now())
    assert key in the_demo()


@pytest.mark.django_db
def test_its_filters_have_something_to_do(sandbox: Sandbox) -> None:
    the_demo()
    assert {str(client.manager.user) for client in Client.objects.select_related("manager__user")} == set(demo.MANAGERS)
    assert len({tag.name for client in Client.objects.all() for tag in client.tags.all()}) >= 5
    assert not any(member.user.has_usable_password() for member in Membership.objects.filter(role="manager"))


@pytest.mark.django_db
def test_its_password_opens_and_is_kept_for_this_systems_user_only(sandbox: Sandbox, tmp_path: Path) -> None:
    printed = the_demo()
    password = (tmp_path / "demo-password").read_text().strip()
    assert len(password) >= 16
    assert printed.splitlines()[0].endswith(password)
    assert stat.S_IMODE((tmp_path / "demo-password").stat().st_mode) == 0o600
    assert authenticate(RequestFactory().post("/sign-in/"), username=demo.EMAIL, password=password) == User.objects.get(
        email=demo.EMAIL
    )


@pytest.mark.django_db
def test_a_password_may_be_chosen(sandbox: Sandbox, settings: Any) -> None:
    the_demo()
    settings.DEMO_PASSWORD = "chosen for a showing"
    assert the_demo().splitlines()[0].endswith("chosen for a showing")
    assert User.objects.get(email=demo.EMAIL).check_password("chosen for a showing")


@pytest.mark.django_db
def test_a_second_start_needs_no_sandbox(sandbox: Sandbox, settings: Any) -> None:
    first = the_demo()
    settings.SANDBOX_URL = "http://127.0.0.1:1"
    assert the_demo() == first


@pytest.mark.django_db
def test_without_a_sandbox_it_fails_in_words_and_leaves_nothing(
    sandbox: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo.time, "monotonic", iter(range(0, 1000, 20)).__next__)
    for url, words in [("", "SANDBOX_URL"), ("http://127.0.0.1:1", "No sandbox answers")]:
        settings.SANDBOX_URL = url
        with pytest.raises(CommandError, match=words):
            the_demo()
    assert not Agency.objects.exists()


@pytest.mark.django_db
def test_the_vendors_of_one_client_deliver_to_the_web_server_by_themselves(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(sandbox.subscriptions, "add", lambda *what: told.append(what))
    out = io.StringIO()
    call_command("demo", web="http://127.0.0.1:9", stdout=out)
    hooks = {hook.connection.vendor: hook for hook in Hook.objects.select_related("connection")}
    assert {(vendor, account) for vendor, account, *_ in told} == {
        ("imail", "northwind"), ("inbox", "northwind"), ("inboxbase", "harbour"),
    }  # fmt: skip
    for vendor, _, url, secret, since in told:
        assert since == "", "everything, the first time"
        hook = hooks[vendor]
        assert hook.is_open
        assert hook.taken_secrets() == [secret]
        assert secret.startswith(hook.connection.vendor_class.hooks.secret_prefix)
        assert token_hash(url.removeprefix("http://127.0.0.1:9/hooks/").rstrip("/")) == hook.token_hash
        assert secret not in out.getvalue()
    kept = tmp_path / "demo-hooks"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    first, told[:] = list(told), []
    call_command("demo", web="http://127.0.0.1:10", stdout=out)
    there = [(*one[:2], one[2].replace(":9/", ":10/"), *one[3:]) for one in first]
    assert told == there, "another port, the same address and secret"


@pytest.mark.django_db
def test_an_address_that_somebody_made_anew_or_closed_stays_theirs(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(sandbox.subscriptions, "add", lambda vendor, *_: told.append(vendor))
    call_command("demo", web="http://127.0.0.1:9", stdout=io.StringIO())
    mine, closed = (Hook.objects.get(connection__vendor=vendor).connection for vendor in ("imail", "inbox"))
    doors.open_address(mine, None)
    doors.close(closed, None)
    told.clear()
    call_command("demo", web="http://127.0.0.1:9", stdout=io.StringIO())
    assert told == ["inboxbase"]
    assert Hook.objects.get(connection=closed).token_hash is None


@pytest.mark.django_db
def test_another_start_has_only_what_may_be_missing_delivered(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    told: dict[str, str] = {}
    monkeypatch.setattr(sandbox.subscriptions, "add", lambda vendor, account, url, secret, since: told.update({vendor: since}))
    call_command("demo", web="http://127.0.0.1:9", stdout=io.StringIO())
    at = datetime(2026, 11, 12, 9, tzinfo=UTC)
    row = {"connection": Connection.objects.get(hook__isnull=False, vendor="imail"), "type": "email.sent", "mark": 1, "raw": "{}"}
    Event.objects.create(**row, external_id="e1", occurred_at=at)
    Event.objects.create(**row, external_id="e2", occurred_at=at - timedelta(days=9))
    call_command("demo", web="http://127.0.0.1:9", stdout=io.StringIO())
    assert told == {"imail": "2026-11-11", "inbox": "", "inboxbase": ""}
    settings.DEMO_EVENT_DAYS = 2
    call_command("demo", web="http://127.0.0.1:9", stdout=io.StringIO())
    lately = (timezone.now() - timedelta(days=2)).date().isoformat()
    assert told == {"imail": "2026-11-11", "inbox": lately, "inboxbase": lately}
