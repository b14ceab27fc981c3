from __future__ import annotations

import os
import subprocess
import sys
import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.utils import timezone

from clients.models import Mail
from reports.exports.tables import TABLES
from tests.cast import Cast, connect, make_cast
from tests.factories import days_ago, mail, roll_up
from tests.reports.exports.filled import one_of_each
from tests.reports.exports.reading import Rows, column, fetched, read
from tests.reports.reading import as_user
from tests.talking import talk, told_of

ROOT = Path(__file__).parents[3]
#: They tell how things stand, or all there is: days are refused.
WITHOUT_DAYS = {
    "senders", "seeds", "connections", "seed_accounts", "mix", "feeds", "unassigned", "report_links", "team", "assignments",
    "shuffles", "rotations", "rotation_checks", "seed_files",
}  # fmt: skip


def export(*arguments: str) -> Rows:
    out = StringIO()
    call_command("export", *arguments, stdout=out)
    return read(out.getvalue().encode())


@pytest.fixture
def mails(cast: Cast) -> Cast:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    for client, days in ((cast.acme, 400), (cast.acme, 3), (cast.birch, 2), (None, 1)):
        name = client.name if client else "Nobody"
        mail(connection, client, days_ago(days), {"gmail": (9, 0, 0)}, subject=f"{name}, {days} days ago")
    oaks = connect(cast.south, key="b" * 12, client=cast.oak)
    mail(oaks, cast.oak, days_ago(1), {"gmail": (9, 0, 0)}, subject="Oak")
    return cast


def test_without_a_window_all_there_is_is_written(mails: Cast) -> None:
    every = ["Acme, 3 days ago", "Acme, 400 days ago", "Birch, 2 days ago", "Nobody, 1 days ago"]
    assert column(export("placement", "--agency", "north"), "subject") == every
    assert column(export("broadcasts", "--agency", "north"), "subject") == every
    assert column(export("placement", "--agency", "south"), "subject") == ["Oak"]


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_is_written_to_its_end_whichever_end_of_the_days_is_left_open(cast: Cast, table: str) -> None:
    one_of_each(cast.north, cast.acme)
    north = [table, "--agency", "north"]
    assert export(*north)
    for days in (["--since", days_ago(30).isoformat()], ["--until", days_ago(0).isoformat()]):
        if table in WITHOUT_DAYS:
            with pytest.raises(CommandError, match="leave --since and --until out"):
                export(*north, *days)
        else:
            assert export(*north, *days), days
            assert export(table, "--client", "acme", *days), days


@pytest.mark.parametrize("table", ["providers", "domains"])
def test_what_is_compared_is_compared_with_as_many_days_before(cast: Cast, table: str) -> None:
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    for days, spam in ((400, 0), (9, 50), (2, 10)):
        mail(account, cast.acme, days_ago(days), {"gmail": (100 - spam, 0, spam)})
    roll_up(account)
    (since,) = export(table, "--client", "acme", "--since", days_ago(6).isoformat())
    compared = ("received", "received_before", "inboxing_before", "change", "change_is_clear")
    assert [since[name] for name in compared] == ["100", "100", "0.5000", "0.4000", "yes"]
    (whole,) = export(table, "--client", "acme")
    assert [whole[name] for name in compared] == ["300", "0", "", "", ""]


def test_a_client_and_days_narrow_it(mails: Cast) -> None:
    since, until = days_ago(3).isoformat(), days_ago(2).isoformat()
    assert column(export("placement", "--client", "acme", "--since", since), "subject") == ["Acme, 3 days ago"]
    rows = export("placement", "--agency", "north", "--since", since, "--until", until)
    assert column(rows, "subject") == ["Acme, 3 days ago", "Birch, 2 days ago"]
    assert column(export("overview", "--agency", "north", "--since", "0001-01-01"), "client") == ["acme", "birch"]


def test_of_one_client_come_the_events_of_its_accounts(cast: Cast) -> None:
    for client, key in ((cast.acme, "c" * 20), (cast.birch, "d" * 20)):
        told_of(connect(cast.north, key=key, client=client, vendor="inbox"), client, client.name)
    assert column(export("events", "--client", "acme"), "client") == ["acme"]
    assert sorted(column(export("events", "--agency", "north"), "client")) == ["acme", "birch"]
    assert not export("events", "--client", "acme", "--until", days_ago(1).isoformat())


def test_conversations_and_mails_are_of_the_days_asked_for(cast: Cast) -> None:
    account = connect(cast.north, key="c" * 20, client=cast.acme, vendor="inbox")
    for days in (40, 3):
        at = timezone.now() - timedelta(days=days)
        talk(account, cast.acme, f"{days} days ago", at=at)
        Mail.objects.create(
            client=cast.acme, connection=account, batch=uuid.uuid4(), key=str(days), to="a@there.example", created_at=at,
            subject=f"{days} days ago",
        )  # fmt: skip
    since = ("--since", days_ago(5).isoformat())
    assert column(export("conversations", "--client", "acme"), "prospect") == ["3 days ago", "40 days ago"]
    assert column(export("conversations", "--client", "acme", *since), "prospect") == ["3 days ago"]
    assert column(export("mails", "--client", "acme", *since), "subject") == ["3 days ago"]
    # A page has all there is, and so has its file.
    for name, table in (("prospect", "conversations"), ("subject", "mails")):
        assert len(column(fetched(as_user(cast.mo), f"/clients/acme/{table}/export/{table}.csv?window=7"), name)) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["placement"], "Say which agency with --agency: north, south."),
        (["placement", "--agency", "west"], "There is no agency 'west'"),
        (["placement", "--client", "nobody"], "There is no client 'nobody'"),
        (["placement", "--agency", "north", "--since", "yesterday"], "--since 'yesterday' is not a day"),
        (["placement", "--agency", "north", "--until", "2026-02-30"], "--until '2026-02-30' is not a day"),
        (["placement", "--agency", "north", "--since", "2026-02-02", "--until", "2026-02-01"], "is after"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["senders", "--agency", "north", "--since", "2026-02-02"], "'senders' tells how things stand now: leave --since"),
        (["shuffles", "--agency", "north", "--until", "2026-02-02"], "'shuffles' always has all there is"),
        (["team", "--client", "acme"], "'team' is of the whole agency: leave --client out"),
    ],
)
def test_what_it_cannot_do_it_says(cast: Cast, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said.replace("(", r"\(")):
        export(*arguments)


@pytest.mark.django_db(transaction=True)
def test_from_a_shell_it_writes_bytes_and_bears_a_reader_who_leaves() -> None:
    cast = make_cast()
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    for _ in range(120):  # more than a pipe holds
        mail(account, cast.acme, days_ago(1), {"gmail": (9, 0, 0), "yahoo": (9, 0, 0)}, subject='"é" 🦊\n' + "long " * 180)
    done = run("placement --client acme")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(read(done.stdout)) == 240
    bad = run("placement --client nobody")
    assert (bad.returncode, bad.stdout) == (1, b"")
    assert bad.stderr.startswith(b"CommandError: There is no client 'nobody'.")
    assert b"Traceback" not in bad.stderr
    left = run("placement --client acme | head -c 20; exit ${PIPESTATUS[0]}")
    assert (left.returncode, left.stdout, left.stderr) == (141, b"client,vendor,connec", b"")


def run(arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = f"{sys.executable} -W ignore manage.py export {arguments}"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "agency.settings", "DATABASE_URL": address()}
    return subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, timeout=180)


def address() -> str:
    """The test's database, for a process of its own."""
    found = database.settings_dict
    if database.vendor == "postgresql":
        return f"postgres://{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"
    return f"sqlite:///{found['NAME']}"
