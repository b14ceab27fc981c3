"""`manage.py send --wait`: what becomes of the mails while somebody waits for it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from clients.models import Connection
from sandbox.server import Sandbox
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fault", [None, "close"])
def test_what_happens_is_told_and_a_vendor_that_hangs_up_is_no_failure(
    cast: Cast, account: Connection, box: Sandbox, tmp_path: Path, fault: str | None
) -> None:
    text = tmp_path / "text"
    text.write_text("A word.")
    if fault:
        box.faults.add(fault, "*/events", times=None)
    end = box.truth("harbour", "inboxbase")["identities"]["maya.northwind@inboxbase.ai"]["events"]
    out, before = StringIO(), account.positions.create(identity="maya.northwind@inboxbase.ai", seq=end)
    command = ["send", "one@there.example", "two@there.example", "--client", "acme", "--subject", "Hello", "--text", str(text)]
    call_command(*command, "--apply", "--wait", "0.3", stdout=out)

    told = out.getvalue()
    assert len(box.truth("harbour", "inboxbase")["mails"]) == 2
    if fault:
        assert "No longer watched: " in told
    else:
        assert [line.partition("  ")[2] for line in told.splitlines()[-2:]] == [
            "one@there.example: email.sent",
            "two@there.example: email.sent",
        ]
    before.refresh_from_db()
    assert before.seq == end, "who watches counts nothing"
