from __future__ import annotations

from typing import Any

from django.urls import reverse

from agency.models import User
from clients.models import Change, ChangeItem, Connection, Shuffle, SyncRun
from tests.cast import Cast, connect
from tests.clients.doing import CANARY, signed_in, text_of
from tests.factories import SenderFactory


def test_the_admin_site_reads_and_shows_no_secret(cast: Cast) -> None:
    connection = connect(cast.north, key=CANARY, client=cast.acme)
    run = SyncRun.objects.create(feed=connection.feeds.earliest("pk"))
    root = signed_in(User.objects.create_superuser("root@example.com", "correct horse battery"))
    made = Shuffle.objects.create(connection=connection, method="in_place")
    rows: dict[str, Any] = {"client": cast.acme, "connection": connection, "feed": run.feed, "syncrun": run, "shuffle": made}
    sender = SenderFactory(connection=connection)
    rows["change"] = Change.objects.create(agency=cast.north)
    rows["changeitem"] = ChangeItem.objects.create(change=rows["change"], sender=sender, connection=connection, email="x")
    for name, row in rows.items():
        for path in (reverse(f"admin:clients_{name}_changelist"), reverse(f"admin:clients_{name}_change", args=[row.pk])):
            response = root.get(path)
            assert response.status_code == 200
            assert CANARY not in text_of(response)
            assert connection.credentials not in text_of(response)
            assert connection.fingerprint not in text_of(response)
        assert root.post(reverse(f"admin:clients_{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
        assert root.get(reverse(f"admin:clients_{name}_add")).status_code == 403
    assert Connection.objects.get() == connection
