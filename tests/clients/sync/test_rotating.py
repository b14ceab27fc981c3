"""The key ring is rotated while accounts are read: no sync fails for it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import connections as databases

from agency import rotation, secrets
from clients import sync
from clients.models import Connection, Health, RunState, SyncRun
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.syncing import assert_true
from tests.waiting import wait_until

ACCOUNTS, WORKERS = 4, 3


@pytest.fixture
def keys(settings: Any) -> tuple[str, str]:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.CREDENTIAL_KEYS = [old]
    return old, new


def test_no_sync_fails_while_the_ring_is_rotated_to_and_fro(
    box: Sandbox, people: Cast, settings: Any, keys: tuple[str, str]
) -> None:
    box.switches.short_pages = 5
    accounts = {f"turning{n}": box.add_account(f"turning{n}", senders=3, broadcasts=30) for n in range(ACCOUNTS)}
    made = {name: connect(people.north, key=one.key, label=name, client=people.acme) for name, one in accounts.items()}
    with ThreadPoolExecutor(WORKERS) as pool:
        work = [pool.submit(read_all, one.pk) for one in made.values()]
        turned = turn_while(work, settings, keys)
    ended = [(run.state, run.outcome) for job in work for run in job.result()]
    assert ended == [(RunState.OK, "Complete.")] * (3 * ACCOUNTS)
    assert turned >= 2 * ACCOUNTS, "of all accounts, to and fro"
    assert set(Connection.objects.values_list("health", flat=True)) == {Health.OK}
    assert all(secrets.under_first_key(one.credentials) for one in Connection.objects.all())
    for name, connection in made.items():
        assert_true(box, name, connection)


def read_all(pk: int) -> list[Any]:
    """Each feed of the account, and how that ended; None for one that was not read."""
    try:
        connection = Connection.objects.get(pk=pk)
        return [sync.run(connection.feeds.get(resource=resource).pk) for resource in connection.vendor_class.feeds]
    finally:
        databases.close_all()


def turn_while(work: list[Future[Any]], settings: Any, keys: tuple[str, str]) -> int:
    """Rotates each time another run has begun, now to one key and now to the other; how many ciphertexts that were."""
    turned, seen, (first, second) = 0, 0, keys

    def begun() -> bool:
        return all(job.done() for job in work) or SyncRun.objects.count() > seen

    while not all(job.done() for job in work):
        first, second = second, first
        settings.CREDENTIAL_KEYS = [first, second]
        outcome = rotation.rotate()
        assert outcome.closed == []
        turned += outcome.rotated
        seen = SyncRun.objects.count()
        wait_until(begun, 120, what="another run to begin")
    return turned
