from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from django.db import connection

from clients.models import Broadcast, Connection
from reports.exports import streaming
from reports.exports.tables import TABLES
from tests.cast import Cast, connect, make_cast
from tests.factories import days_ago, mail
from tests.reports.exports.reading import read, whole
from tests.waiting import wait_until


def test_rows_survive_the_borders_of_blocks(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BLOCK_ROWS", 2)
    monkeypatch.setattr(streaming, "BLOCK_BYTES", 100)
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    subjects = [f'{number} "æ"\n' for number in range(9)]
    for number, subject in enumerate(subjects):
        mail(account, cast.acme, days_ago(number), {"gmail": (1, 0, 0)}, subject=subject)
    blocks = list(TABLES["placement"].stream(whole(cast.north)))
    assert len(blocks) > 4
    assert [row["subject"] for row in read(b"".join(blocks))] == subjects


@pytest.mark.django_db(transaction=True)
def test_a_reader_who_leaves_early_leaves_the_connection_usable() -> None:
    cast = make_cast()
    _fill(connect(cast.north, key="a" * 12, client=cast.acme), cast.acme.pk, 4_000)
    for _ in range(3):
        stream = TABLES["placement"].stream(whole(cast.north))
        next(stream), next(stream)
        stream.close()
        assert Broadcast.objects.count() == 4_000
        assert Broadcast.objects.update(seen_run=1) == 4_000
    # The server may take a moment to notice.
    wait_until(lambda: _busy_elsewhere() == 0)


@pytest.mark.slow
def test_memory_stays_flat_however_many_the_rows(cast: Cast) -> None:
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    peaks, rows = [], []
    for _ in range(2):
        _fill(account, cast.acme.pk, 20_000)
        peak, number = _peak_of(whole(cast.north))
        peaks.append(peak)
        rows.append(number)
    assert rows == [100_000, 200_000]
    assert peaks[1] < 5_000_000
    assert peaks[1] < 1.2 * peaks[0]


def _peak_of(scope: Any) -> tuple[int, int]:
    """(bytes of Python's memory at the worst moment, rows)."""
    tracemalloc.start()
    lines = sum(block.count(b"\n") for block in TABLES["placement"].stream(scope))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, lines - 1


def _fill(account: Connection, client: int, number: int) -> None:
    """So many broadcasts with five mailbox providers each, made by the database."""
    start = Broadcast.objects.count()
    day = days_ago(1)
    made = Broadcast.objects.bulk_create(
        [
            Broadcast(
                connection=account,
                client_id=client,
                external_id=f"brd_{start + at}",
                subject=f"The first step to improved e-mail, part {at}",
                day=day,
                received=50,
                primary=40,
                promotions=5,
                spam=5,
            )
            for at in range(number)
        ],
        batch_size=1_000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO clients_placement (broadcast_id, mailbox_provider, received, "primary", promotions, spam) '
            "SELECT b.id, p.name, 10, 8, 1, 1 FROM clients_broadcast b CROSS JOIN ("
            "SELECT 'gmail' AS name UNION ALL SELECT 'yahoo' UNION ALL SELECT 'hotmail' UNION ALL SELECT 'outlook' "
            "UNION ALL SELECT 'libero') p WHERE b.id >= %s",
            [made[0].pk],
        )


def _busy_elsewhere() -> int:
    """Exports that still run for us at a database server."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        mine = "datname = current_database() AND state = 'active' AND query LIKE 'COPY%'"
        cursor.execute(f"SELECT count(*) FROM pg_stat_activity WHERE {mine}")
        return int(cursor.fetchone()[0])
