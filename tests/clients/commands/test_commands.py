"""Every main job from a terminal: words on the way out, an exit code, and no traceback."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from agency.models import AuditEntry
from clients.management.commands import sync as command_sync
from clients.models import Broadcast, Client, Connection, Health, PlacementDay, Scope, Seed, Sender, SyncRun
from sandbox.server import Sandbox
from tests.cast import Cast, connect, make_cast
from tests.clients.doing import CANARY
from tests.factories import days_ago, mail, roll_up


def said(*command: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def test_addclient_prints_the_slug_that_it_made(cast: Cast) -> None:
    assert said("addclient", "Fjord Æra", "--tag", "VIP", "--tag", "travel", "--agency", "north").strip() == "fjord-ra"
    made = Client.objects.get(slug="fjord-ra")
    assert ([tag.name for tag in made.tags.all()], made.agency) == (["travel", "vip"], cast.north)
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.subject) == ("terminal", "client.created", made.uuid)


def test_an_agency_is_named_only_where_there_are_more(cast: Cast) -> None:
    with pytest.raises(CommandError, match="--agency: north, south"):
        said("addclient", "New")
    cast.south.delete()
    assert said("addclient", "New one").strip() == "new-one"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Acme", "--agency", "north"], "is taken by Acme"),
        (["New", "--agency", "east"], "no agency 'east'"),
        (["New", "--agency", "north", "--timezone", "Mars/Base"], "timezone"),
        (["New", "--agency", "north", "--slug", "Bad Slug"], "slug: Small letters, digits and hyphens"),
    ],
)
def test_addclient_fails_in_words(cast: Cast, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        said("addclient", *arguments)
    assert Client.objects.of(cast.north).count() == 2


def connecting(monkeypatch: pytest.MonkeyPatch, key: str, *arguments: str) -> str:
    monkeypatch.setenv("THE_KEY", key)
    return said("connect", "inboxally", "--key-env", "THE_KEY", *arguments).strip()


def test_connect_tests_the_key_and_stores_it_sealed(cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = connecting(monkeypatch, vendor.key("northwind") + "\n", "--client", "acme", "--label", "Main")
    made = Connection.objects.get(uuid=printed)
    assert (made.label, made.secrets()) == ("Main", {"api_key": vendor.key("northwind")})
    assert str(Scope.objects.get()) == "everything"


@pytest.mark.parametrize(
    ("label", "words"),
    [("\u200b\u200b", "Nothing of this can be seen"), ("\u202eniaM", "turns the direction"), ("M" * 121, "at most 120"),
     ("  ", "required"), ("mAIN ", "call this one ‘mAIN 2’")],
)  # fmt: skip
def test_connect_takes_the_labels_that_the_form_takes(
    cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch, label: str, words: str
) -> None:
    connect(cast.north, key="a" * 40, label="Main", client=cast.acme)
    with pytest.raises(CommandError, match=f"--label: .*{words}"):
        connecting(monkeypatch, vendor.key("northwind"), "--client", "acme", "--label", label)
    assert Connection.objects.count() == 1


def test_without_a_label_the_second_account_of_a_client_has_a_number(
    cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(cast.north, key="a" * 40, label="acme", client=cast.acme)
    connecting(monkeypatch, vendor.key("northwind"), "--client", "acme")
    assert Connection.objects.get(label="Acme 2").scopes.get().client == cast.acme


def test_connect_takes_domains_and_tags(cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = ["--domain", "Lumen.example", "--domain", "kestrel.example", "--tag", "fjord"]
    connecting(monkeypatch, vendor.key("shared"), "--client", "acme", *parts)
    assert sorted(map(str, Scope.objects.all())) == ["domain kestrel.example", "domain lumen.example", "tag fjord"]


@pytest.mark.parametrize(
    ("key", "arguments", "words"),
    [
        (CANARY, ["--client", "acme"], "Nothing is stored: .*refuses the API key"),
        (CANARY, ["--client", "nobody"], "no client 'nobody'"),
        ("short", ["--client", "acme"], "too short"),
        ("with a space in it", ["--client", "acme"], "is not a key"),
        (CANARY, ["--client", "acme", "--domain", "no domain"], "is not a domain"),
        ("sandbox-northwind-000000000000000001", ["--client", "acme"], "already connected as 'There'"),
    ],
)
def test_connect_fails_in_words_and_stores_nothing(
    cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch, key: str, arguments: list[str], words: str
) -> None:
    connect(cast.north, key=vendor.key("northwind"), label="There")
    with pytest.raises(CommandError, match=words) as caught:
        connecting(monkeypatch, key, *arguments)
    assert CANARY not in str(caught.value)
    assert Connection.objects.count() == 1


def test_connect_needs_the_variable(cast: Cast) -> None:
    with pytest.raises(CommandError, match="no variable NOT_THERE"):
        said("connect", "inboxally", "--client", "acme", "--key-env", "NOT_THERE")


def test_connect_stores_an_untested_key_only_when_told_so(cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor.faults.add("error", times=None)
    with pytest.raises(CommandError, match="could not be tested"):
        connecting(monkeypatch, vendor.key("northwind"), "--client", "acme")
    connecting(monkeypatch, vendor.key("northwind"), "--client", "acme", "--untested")
    assert Connection.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sync_brings_everything_home_without_a_worker(vendor: Sandbox) -> None:
    cast = make_cast()
    connect(cast.north, key=vendor.key("petit"), label="Petit", client=cast.acme)
    printed = said("sync")
    assert [line.split(".")[0] for line in printed.splitlines()] == [
        "Petit: seeds: Complete", "Petit: senders: Complete", "Petit: broadcasts: Complete",
    ]  # fmt: skip
    assert Broadcast.objects.filter(client=cast.acme).count() == Broadcast.objects.count() > 20
    assert set(SyncRun.objects.values_list("trigger", flat=True)) == {"command"}
    assert "All sums are right" in said("rebuildrollups", "--check")


@pytest.mark.parametrize(("number", "words"), [(0, "0 pages"), (1, "1 page"), (1200, "1,200 pages")])
def test_one_page_is_no_pages(number: int, words: str) -> None:
    assert command_sync._many(number, "page") == words


@pytest.mark.django_db(transaction=True)
def test_sync_can_be_narrowed(vendor: Sandbox) -> None:
    cast = make_cast()
    wanted = connect(cast.north, key=vendor.key("petit"), label="Petit", client=cast.acme)
    connect(cast.north, key=vendor.key("halden"), label="Halden", client=cast.birch)
    said("sync", "--client", "acme", "--feed", "seeds")
    said("sync", "--connection", str(wanted.uuid), "--feed", "senders")
    assert (
        set(Seed.objects.values_list("connection", flat=True))
        == set(Sender.objects.values_list("connection", flat=True))
        == {wanted.pk}
    )
    assert SyncRun.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_sync_goes_on_with_the_others_and_exits_with_what_failed(vendor: Sandbox) -> None:
    cast = make_cast()
    connect(cast.north, key=vendor.key("refused"), label="A refused one", client=cast.acme)
    connect(cast.north, key=vendor.key("petit"), label="Petit", client=cast.birch)
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 did not come to an end: A refused one: seeds"):
        call_command("sync", stdout=out)
    assert "Petit: broadcasts: Complete." in out.getvalue()
    assert Connection.objects.get(label="A refused one").health == Health.REFUSED
    with pytest.raises(CommandError, match="A refused one: key refused"):
        said("sync")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "no connection to sync"), (["--client", "nobody"], "no client"), (["--connection", "xyz"], "is not a connection's id")],
)
def test_sync_fails_in_words(cast: Cast, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        said("sync", *arguments)


def test_a_paused_connection_is_left_alone(cast: Cast, vendor: Sandbox) -> None:
    connect(cast.north, key=vendor.key("petit"), label="Petit")
    Connection.objects.update(health=Health.PAUSED)
    assert "Petit: not asked, paused." in said("sync")
    assert not list(vendor.requests)


def test_rebuildrollups_finds_what_is_off_and_mends_it(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", label="Main", client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (10, 2, 3)})
    roll_up(connection)
    said("rebuildrollups", "--check")
    PlacementDay.objects.filter(mailbox_provider="all").update(spam=99)
    with pytest.raises(CommandError, match=r"Off: Main \(\d+ rows\)"):
        said("rebuildrollups", "--check")
    assert PlacementDay.objects.filter(spam=99).exists(), "a check changes nothing"
    assert "Main: rebuilt" in said("rebuildrollups")
    assert "All sums are right, of 1 connections." in said("rebuildrollups", "--check")


def test_a_failing_command_prints_words_and_exits_with_1(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    environment |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "agency.settings", "THE_KEY": CANARY}

    def manage(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command], capture_output=True, text=True, env=environment, timeout=180
        )

    assert manage("migrate", "-v0").returncode == 0
    ended = manage("connect", "inboxally", "--client", "nobody", "--key-env", "THE_KEY")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "CommandError: There is no client 'nobody'." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert CANARY not in ended.stderr


def test_a_vendors_rate_limit_is_waited_for(cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from clients.management.commands import sync as command

    slept: list[float] = []
    monkeypatch.setattr(command.time, "sleep", slept.append)
    connect(cast.north, key=vendor.key("petit"), label="Petit", client=cast.acme)
    vendor.faults.add("busy", "/v3/seeds*", retry_after=60)
    printed = said("sync", "--feed", "seeds")
    assert 55 < slept[0] <= 60
    assert printed.count("Petit: seeds:") == 2
    assert "Complete." in printed.splitlines()[-1]
    assert timezone.now() > SyncRun.objects.earliest("pk").started_at
