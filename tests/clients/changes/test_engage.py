"""`manage.py engage`: prints the plan, and sends it when told to."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agency.models import AuditEntry
from clients import sync
from clients.claiming import claim
from clients.models import Change, ChangeState, Connection, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.changes.changing import bring_senders, presets, writes


def said(*command: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("engage", *command, stdout=out, **options)
    return out.getvalue()


def test_without_apply_it_prints_the_plan_and_sends_nothing(box: Sandbox, connection: Connection) -> None:
    words = said("--domain", "brand03.example", "--preset", "repair", "--agency", "north")
    assert "box00003@brand03.example: default → repair" in words
    assert "3 to change, 0 so already, 0 skipped; 1 call." in words
    assert "Wide account: One call for brand03.example" in words
    assert (writes(box), Change.objects.count()) == ([], 0), "what was only looked at leaves no plan behind"


def test_with_several_clients_each_line_names_its_own(box: Sandbox, people: Cast, connection: Connection) -> None:
    domain = Sender.objects.filter(tags__name="tag2")[0].domain
    claim(connection, people.birch, "domain", domain, None)
    words = said("--tag", "tag2", "--preset", "repair", "--agency", "north")
    assert {line.partition("(")[2].partition(")")[0] for line in words.splitlines() if "→" in line} == {"Acme", "Birch"}
    assert "(" not in said("--domain", domain, "--preset", "repair", "--agency", "north").partition(":")[0]


def test_where_two_accounts_have_a_sender_each_line_names_its_own(people: Cast, connection: Connection) -> None:
    second = connect(people.north, key="another-key", label="Second", client=people.acme)
    second.keep(connection.secrets())
    second.fingerprint = "another"
    second.save()
    bring_senders(second)
    words = said("--domain", "brand03.example", "--preset", "repair", "--agency", "north")
    assert words.count("box00003@brand03.example (in Second): default → repair") == 1
    assert words.count("box00003@brand03.example (in Wide account): default → repair") == 1


def test_with_apply_it_sends_just_that(box: Sandbox, people: Cast, connection: Connection) -> None:
    words = said("--tag", "tag2", "--preset", "boost", "--client", "acme", "--apply", "--reason", "A push")
    assert words.rstrip().endswith("12 done.")
    assert presets(box) == {"boost": 12, "default": 48}
    entry = AuditEntry.objects.get(action="change.apply_asked")
    assert (entry.actor, entry.subject, entry.reason) == ("terminal", people.acme.uuid, "A push")


def test_what_failed_is_named_and_the_exit_tells(box: Sandbox, connection: Connection) -> None:
    box.faults.add("error", "/v3/senders/*", method="PUT", times=None, status=422)
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"3 failed\."):
        call_command("engage", "--domain", "brand03.example", "--preset", "repair", "--client", "acme", "--apply", stdout=out)
    assert "box00003@brand03.example: InboxAlly refuses this (" in out.getvalue()


def test_nothing_to_change_is_said(box: Sandbox, connection: Connection) -> None:
    words = said("--domain", "brand03.example", "--preset", "default", "--client", "acme", "--apply")
    assert "0 to change, 3 so already" in words
    assert "There is nothing to change." in words


def test_a_domain_that_nobody_has_is_an_error(connection: Connection) -> None:
    with pytest.raises(CommandError, match=r"There is no sender on typo\.example\. 60 other senders are known"):
        said("--domain", "typo.example", "--preset", "repair", "--agency", "north")


def test_a_wait_of_an_hour_is_left_to_a_worker(box: Sandbox, connection: Connection) -> None:
    box.faults.add("busy", "/v3/senders/*", method="PUT", times=None, retry_after=3600)
    with pytest.raises(CommandError, match="A worker goes on with it"):
        said("--domain", "brand03.example", "--preset", "repair", "--client", "acme", "--apply")
    assert Change.objects.get().state == ChangeState.WAITING


@pytest.mark.parametrize("empty", [("--domain", ""), ("--tag", " "), ("--tag", "tag2", "--client", "")])
def test_an_empty_value_names_nobody_and_never_everybody(
    box: Sandbox, people: Cast, connection: Connection, empty: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError, match="is empty"):
        said(*empty, "--preset", "repair", "--agency", "north", "--apply")
    assert (writes(box), Change.objects.count()) == ([], 0)


def test_mailboxes_are_paused_resumed_and_cooled_down(box: Sandbox, people: Cast, mailboxes: Connection) -> None:
    domain = str(Sender.objects.filter(connection=mailboxes)[0].domain)
    whom = ("--domain", domain, "--agency", "north")
    number = Sender.objects.filter(connection=mailboxes, domain=domain).count()
    words = said(*whom, "--pause")
    assert words.count(": active → paused") == number
    assert f"{number} to change, 0 so already, 0 skipped; 1 call." in words
    assert writes(box) == []
    assert said(*whom, "--pause", "--apply").rstrip().endswith(f"{number} done.")
    assert "paused → active" in said(*whom, "--resume")
    box.instantly.switches.job_seconds = 0
    assert said(*whom, "--warmup", "off", "--apply").rstrip().endswith(f"{number} done.")
    with pytest.raises(CommandError, match="not allowed with"):
        said(*whom, "--pause", "--resume")


def test_campaigns_with_a_tag_are_planned_and_only_paused_or_resumed(people: Cast, mailboxes: Connection) -> None:
    with pytest.raises(CommandError, match="--campaigns goes with --pause or --resume"):
        said("--tag", "autumn", "--preset", "repair", "--campaigns", "--agency", "north")
    with pytest.raises(CommandError, match=r"There is no campaign tagged autumn\. No campaign at all is known"):
        said("--tag", "autumn", "--pause", "--campaigns", "--agency", "north")
    sync.run(mailboxes.feeds.get(resource="campaigns").pk)
    one = mailboxes.campaigns.filter(status="active")[0]
    mailboxes.campaigns.filter(pk=one.pk).update(tags=["autumn"])
    words = said("--tag", "autumn", "--pause", "--campaigns", "--agency", "north")
    assert f"{one.name}: active → paused" in words
    assert "1 to change, 0 so already, 0 skipped; 1 call." in words
