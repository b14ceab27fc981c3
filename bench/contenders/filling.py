"""The agency that pages are measured on: 500 clients with an account each, filled in bulk; and one with a single client.

Rows are made inside the database; the roll-ups by the product itself. Options: clients, broadcasts (of each client).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

PROVIDERS = ("gmail", "google_workspace", "yahoo", "hotmail", "outlook", "microsoft_365")
DAYS, SENDERS, SEEDS = 120, 8, 60
BIG, SMALL = "north", "lone"


def main(options: dict[str, Any]) -> None:
    import django

    django.setup()
    print(json.dumps(fill(**options)))


def fill(clients: int, broadcasts: int) -> dict[str, Any]:
    """{seconds by step, sessions: agency → cookie}."""
    from clients.models import Connection
    from clients.rollups import rebuild

    sessions = {slug: _agency(slug, number) for slug, number in ((BIG, clients), (SMALL, 1))}
    steps: dict[str, Callable[[], object]] = {
        "rows": lambda: _rows(broadcasts),
        "roll-ups": lambda: list(map(rebuild, Connection.objects.all())),
        "vacuum": _settle,
    }
    seconds = {}
    for name, step in steps.items():
        begun = time.perf_counter()
        step()
        seconds[name] = time.perf_counter() - begun
    return {"seconds": seconds, "sessions": sessions}


def _agency(slug: str, number: int) -> str:
    """With its accounts and their feeds, all read a few minutes ago; the owner's session key."""
    from datetime import timedelta

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from agency.models import Agency, Membership, Role, User
    from bench import chosen
    from clients.models import Client, ClientTag, Connection, Feed, Scope

    now = timezone.now()
    agency = Agency.objects.create(name=slug.title(), slug=slug)
    user = User.objects.create_user(f"owner@{slug}.example", "long enough to be one", name="Owner")
    member = Membership.objects.create(agency=agency, user=user, role=Role.OWNER)
    made = Client.objects.bulk_create(
        Client(agency=agency, name=f"Client {n:03}", slug=f"client-{n:03}", manager=member) for n in range(number)
    )
    ClientTag.objects.bulk_create(ClientTag(client=client, name=name) for client in made for name in ("retail", "monthly"))
    accounts = [Connection(agency=agency, vendor=chosen.BROADCASTS, label=f"Account of {c.name}", last_ok_at=now) for c in made]
    for account in accounts:
        account.keep({"api_key": f"{slug}-{account.label}"})
    Connection.objects.bulk_create(accounts)
    Scope.objects.bulk_create(
        Scope(connection=account, client=client, kind="all") for account, client in zip(accounts, made, strict=True)
    )
    Feed.objects.bulk_create(
        Feed(connection=account, resource=name, last_ok_at=now - timedelta(minutes=3), next_at=now + timedelta(days=1))
        for account in accounts
        for name in account.vendor_class.feeds
    )
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "agency.backends.MemberBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
    )
    session.save()
    return str(session.session_key)


def _rows(broadcasts: int) -> None:
    """Of a client's broadcasts, number 0 is the newest."""
    from django.db import connection

    postgresql = connection.vendor == "postgresql"
    words = {
        "uuid": "gen_random_uuid()" if postgresql else "lower(hex(randomblob(16)))",
        "now": "now()" if postgresql else "datetime('now')",
        "day": f"current_date - (i * {DAYS} / {broadcasts})::int"
        if postgresql
        else f"date('now', '-' || (i * {DAYS} / {broadcasts}) || ' days')",
        "json": "'{}'::jsonb" if postgresql else "'{}'",
        "false": "false" if postgresql else "0",
    }
    with connection.cursor() as cursor:
        for statement, upto in ((_SENDERS, SENDERS), (_SEEDS, SEEDS), (_BROADCASTS, broadcasts)):
            cursor.execute(statement.format(numbers=_NUMBERS.format(upto=upto - 1), **words))
        named = " UNION ALL ".join(f"SELECT {at} AS at, '{word}' AS word" for at, word in enumerate(PROVIDERS))
        cursor.execute(_PLACEMENTS.format(words=named))


_NAMED = "'client-' || s.client_id || '.example'"
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {upto}) "
_SENDERS = f"""
    INSERT INTO clients_sender (uuid, connection_id, client_id, workspace, conflict, external_id, email, name, domain, status,
                                preset, seed_count, raw, first_seen, seen_run)
    {{numbers}}
    SELECT {{uuid}}, s.connection_id, s.client_id, '', {{false}}, 'sender-' || i, 'box' || i || '@' || {_NAMED}, 'Box', {_NAMED},
           'active', 'default', 60, {{json}}, {{now}}, 0
    FROM n CROSS JOIN clients_scope s
"""
_SEEDS = """
    INSERT INTO clients_seed (uuid, connection_id, email, mailbox_provider, provider_raw, status, first_seen, seen_run)
    {numbers}
    SELECT {uuid}, s.connection_id, 'seed' || i || '@gmail.example', 'gmail', 'gmail', 'active', {now}, 0
    FROM n CROSS JOIN clients_scope s
"""
# Of 120 mails, 20 at each mailbox provider; the last one has more spam the further down the client stands.
_BROADCASTS = f"""
    INSERT INTO clients_broadcast (uuid, connection_id, client_id, external_id, subject, from_email, domain, sender_ref, day,
                                   received, "primary", promotions, spam, split_stale, first_seen, seen_run)
    {{numbers}}
    SELECT {{uuid}}, s.connection_id, s.client_id, 'broadcast-' || i, 'Letter ' || i || ' to our readers', 'box0@' || {_NAMED},
           CASE WHEN i % 3 = 0 THEN 'mail.' ELSE '' END || {_NAMED}, 'sender-' || (i % {SENDERS}), {{day}},
           120, 114 - 6 * ((i + s.client_id) % 4) - s.client_id % 9, 6, 6 * ((i + s.client_id) % 4) + s.client_id % 9,
           {{false}}, {{now}}, 0
    FROM n CROSS JOIN clients_scope s
"""
_PLACEMENTS = """
    INSERT INTO clients_placement (broadcast_id, mailbox_provider, received, "primary", promotions, spam)
    SELECT id, word, 20, 20 - promos - unwanted, promos, unwanted FROM (
        SELECT b.id, p.word, CASE WHEN p.at < 2 THEN 3 ELSE 0 END AS promos,
               (b.spam - b.client_id % 9) / 6 + CASE WHEN p.at = 5 THEN b.client_id % 9 ELSE 0 END AS unwanted
        FROM clients_broadcast b CROSS JOIN ({words}) p
    ) counted ORDER BY id
"""


def _settle() -> None:
    """What autovacuum would have done by the next morning. On SQLite the product does nothing of the kind, so neither do we."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
