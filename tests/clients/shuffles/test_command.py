"""`manage.py shuffle`: the plan, and with --apply the whole way, without a worker; and killed on its way."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from clients.management.commands import shuffle as command
from clients.models import Connection, Seed, Shuffle
from clients.shuffles import working
from sandbox.server import Sandbox
from tests.cast import connect, make_cast
from tests.clients.shuffles.shuffling import died, read_seeds, sent, to_its_end
from tests.clients.sync.killing import environment
from tests.waiting import wait_until


@pytest.fixture
def account(transactional_db: None, box: Sandbox) -> Connection:
    cast = make_cast()
    connection = connect(cast.north, key=box.key("petit"), label="Petit", client=cast.acme)
    read_seeds(connection)
    box.requests.clear()
    return connection


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PAUSE", 0)


def shuffle(account: Connection | str, *arguments: str) -> str:
    out = io.StringIO()
    call_command("shuffle", str(getattr(account, "uuid", account)), *arguments, stdout=out)
    return out.getvalue()


def test_without_apply_the_plan_is_printed_and_nothing_sent(account: Connection, box: Sandbox) -> None:
    printed = shuffle(account, "--method", "in_place_by_provider", "--share", "gmail=75", "--share", "yahoo=25")
    assert printed.splitlines() == [
        "Petit: 75 % at Gmail, 25 % at Yahoo",
        "  Gmail: 24 now, 18 leave, 24 after",
        "  Yahoo: 12 now, 3 leave, 12 after",
        "  Google Workspace: 6 now, 0 leave, 6 after",
        "  Hotmail: 6 now, 0 leave, 6 after",
        "  Microsoft 365: 6 now, 0 leave, 6 after",
        "  Outlook: 6 now, 0 leave, 6 after",
        "  The vendor rounds; per mailbox provider it may be one more or fewer.",
        "It touches: Acme",
        "This is the plan; --apply sends it.",
    ]
    assert not sent(box)
    assert not Shuffle.objects.exists()


def test_with_apply_it_is_sent_once_and_read_back(account: Connection, box: Sandbox) -> None:
    printed = shuffle(account, "--method", "in_place", "--percentage", "50", "--reason", "Rotation", "--apply")
    assert printed.splitlines()[-1] == "Done. 30 of 60 seeds went, 30 came."
    made = Shuffle.objects.get()
    assert (made.origin, made.actor, made.reason, made.state) == ("command", "terminal", "Rotation", "done")
    assert len(sent(box)) == 1
    assert Seed.objects.filter(status="inactive").count() == 30
    with pytest.raises(CommandError, match="Nothing is sent: In cooldown until"):
        shuffle(account, "--method", "in_place", "--percentage", "50", "--apply")
    assert len(sent(box)) == 1


def test_what_did_not_happen_exits_with_words(account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    box.faults.add("close", method="POST")
    with pytest.raises(CommandError, match=r"did not come to its end: failed\. It did not happen"):
        shuffle(account, "--method", "custom", "--share", "gmail=100", "--apply")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--method", "mix"], "no method of InboxAlly: it has in_place, in_place_by_provider, custom"),
        (["--method", "in_place"], "in_place takes --percentage"),
        (["--method", "custom", "--percentage", "5"], "the other methods --share"),
        (["--method", "in_place", "--percentage", "0"], "from 1 to 100"),
        (["--method", "custom", "--share", "gmail=99"], "adds up to 99"),
        (["--method", "custom", "--share", "aol=100"], "is not like gmail=75"),
        (["--method", "custom", "--share", "gmail=0", "--share", "gmail=100"], "gmail is named 2 times"),
        (["--method", "custom", "--share", "gmail"], "is not like gmail=75"),
    ],
)
def test_it_fails_in_words(account: Connection, box: Sandbox, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        shuffle(account, *arguments, "--apply")
    assert not sent(box)


def test_an_account_that_is_not_there_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="is not a connection's id"):
        shuffle("nothing", "--method", "in_place", "--percentage", "5")


@pytest.mark.slow
@pytest.mark.parametrize("acts", [True, False], ids=["carried out", "refused by an error"])
def test_killed_between_sent_and_answered_it_is_read_back_and_never_sent_again(
    account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch, acts: bool
) -> None:
    """kill -9 of a process that waits for the vendor's answer."""
    box.faults.add("lost" if acts else "error", "/v3/seeds/shuffle", method="POST", **_stalled(acts))
    arguments = ["manage.py", "shuffle", str(account.uuid), "--method", "in_place", "--percentage", "50", "--apply"]
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=django_settings.BASE_DIR, env=environment(box), stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: len(sent(box)) == 1, 60, what="the shuffle to be sent")
        assert process.poll() is None
    finally:
        process.kill()
        process.wait(30)
    box.faults.clear()
    made = Shuffle.objects.select_related("connection").get()
    assert made.state == "sent"
    died(made)
    monkeypatch.setattr(working, "SURE_AFTER", timedelta(0))
    assert to_its_end(made).state == ("done" if acts else "failed")
    assert len(sent(box)) == 1


def _stalled(acts: bool) -> dict[str, Any]:
    return {"seconds": 60} if acts else {"status": 503}
