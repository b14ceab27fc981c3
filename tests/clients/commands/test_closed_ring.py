"""Commands that ask vendors, on a key ring that can't open what is stored."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from clients.models import Health, SyncRun
from tests.cast import Cast, connect


@pytest.mark.parametrize("command", ["sync", "connect", "engage", "shuffle", "send"])
def test_nothing_is_asked_and_no_account_is_called_refused(cast: Cast, settings: Any, command: str) -> None:
    account = connect(cast.north, key="a-key-long-enough-0001")
    needed = {
        "sync": [],
        "connect": ["inboxally", "--client", "acme", "--key-env", "KEY"],
        "engage": ["--domain", "acme.example", "--preset", "warmup"],
        "shuffle": [str(account.uuid), "--method", "random"],
        "send": ["news@acme.example", "--client", "acme", "--subject", "s", "--text", "a.txt"],
    }
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(CommandError, match="Not started: CREDENTIAL_KEYS does not open 1 of 1"):
        call_command(command, *needed[command])
    account.refresh_from_db()
    assert account.health == Health.OK
    assert not SyncRun.objects.exists()
