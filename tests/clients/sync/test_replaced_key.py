"""A key that is replaced: by another one of the same account, or by another account's, pasted by mistake the first time."""

from __future__ import annotations

from django.db.models import Sum

from clients import connecting, rollups, sync
from clients.models import Broadcast, Connection, RunState, Seed, Sender
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.sync.syncing import bring, bring_all, feed


def replace(connection: Connection, key: str) -> Connection:
    connection = Connection.objects.get(pk=connection.pk)
    connecting.replace(connection, connecting.with_key(connection, {"api_key": key}), None)
    return connection


def test_another_accounts_key_leaves_nothing_of_the_old_account_in_the_figures(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    bring_all(connection)
    connection = replace(connection, box.key("brunnen"))
    bring_all(connection)
    truth = box.truth("brunnen")
    live = Broadcast.objects.filter(gone_at=None)
    assert live.count() == truth["broadcasts"]
    assert live.aggregate(n=Sum("received"))["n"] == truth["total"]["total_emails"]
    assert Sender.objects.filter(gone_at=None).count() == truth["senders"]
    assert Seed.objects.filter(gone_at=None, status="active").count() == truth["seeds_active"]
    assert rollups.check(connection) == 0
    assert any("another account" in text for _, _, text in feed(connection).last_run.log)


def test_the_same_accounts_new_key_keeps_the_history(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    bring_all(connection)
    oldest = Broadcast.objects.order_by("day").first()
    assert oldest is not None
    box.change("northwind", remove_newest_broadcasts=1)
    box.switches.retention_days = 60
    connection.feeds.update(watermark=None, checkpoint=None)  # as replacing the key does
    run = bring(connection)
    oldest.refresh_from_db()
    assert run.state == RunState.OK
    assert run.gone == 1
    assert oldest.gone_at is None


def test_a_run_with_the_old_key_writes_nothing_more(box: Sandbox, people: Cast) -> None:
    connection = connect(people.north, key=box.key("northwind"), client=people.acme)
    asked = []

    class Late(sync._Run):
        def _store(self, *args: object) -> None:
            if not asked:
                asked.append(replace(connection, box.key("brunnen")))
            super()._store(*args)

    original, sync._Run = sync._Run, Late
    try:
        run = bring(connection)
    finally:
        sync._Run = original
    assert Broadcast.objects.count() == 0
    assert run.state != RunState.OK
    connection.refresh_from_db()
    assert connection.health == "ok"
    assert bring(connection).state == RunState.OK
    assert Broadcast.objects.count() == box.truth("brunnen")["broadcasts"]
