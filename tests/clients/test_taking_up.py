"""A removed connection whose key is connected again: one history, never two."""

from __future__ import annotations

import pytest

from clients import connecting, rollups
from clients.connecting import Claim
from clients.models import ALL_PROVIDERS, Broadcast, Client, ClientDay, Connection, Feed, Scope
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.clients.sync.syncing import bring_all, rollup_rows, total

FORM = {"vendor": "inboxally", "label": "Acme main", "client": "acme", "kind": "all", "values": ""}


def mails_of(client: Client) -> int:
    days = ClientDay.objects.filter(client=client, mailbox_provider=ALL_PROVIDERS)
    return sum(days.values_list("received", flat=True))


@pytest.fixture
def removed(cast: Cast, vendor: Sandbox) -> Connection:
    """Acme's, read to the end, then removed."""
    signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("northwind")})
    made: Connection = Connection.objects.get()
    bring_all(made)
    signed_in(cast.mo).post(f"/connections/{made.uuid}/remove/", {"typed": made.label})
    made.refresh_from_db()
    assert made.removed_at
    assert made.credentials == ""
    return made


def test_the_same_key_for_the_same_client_goes_on_and_doubles_nothing(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    before, rows, mails = rollup_rows(removed), Broadcast.objects.count(), total(removed)
    assert mails > 0
    Broadcast.objects.filter(pk=Broadcast.objects.order_by("-day")[0].pk).update(gone_at=removed.removed_at)
    rollups.rebuild(removed)

    again = FORM | {"label": "Acme once more", "api_key": vendor.key("northwind")}
    response = signed_in(cast.mo).post("/connections/new/", again, follow=True)
    assert "its history goes on where it was" in text_of(response)
    made = Connection.objects.get()
    assert (made.pk, made.uuid, made.label, made.removed_at) == (removed.pk, removed.uuid, "Acme once more", None)
    assert made.secrets() == {"api_key": vendor.key("northwind")}
    assert Feed.objects.due().exclude(requested_at=None).count() == Feed.objects.count() == 3

    bring_all(made)
    assert (Broadcast.objects.count(), rollups.check(made)) == (rows, 0)
    assert rollup_rows(made) == before, "what was marked gone is back, and nothing counts twice"
    assert mails_of(cast.acme) == mails
    assert actions()[-2:] == ["connection.removed", "connection.taken_up"]


def test_for_another_client_the_history_moves_along(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    mails = mails_of(cast.acme)
    signed_in(cast.mo).post("/connections/new/", FORM | {"client": "birch", "api_key": vendor.key("northwind")})
    assert [(scope.client, str(scope)) for scope in Scope.objects.all()] == [(cast.birch, "everything")]
    assert (mails_of(cast.acme), mails_of(cast.birch)) == (0, mails), "at once, before any sync"
    bring_all(Connection.objects.get())
    assert (mails_of(cast.acme), mails_of(cast.birch), rollups.check(removed)) == (0, mails, 0)
    entry = newest_entry()
    assert (entry.action, entry.subject) == ("connection.taken_up", cast.birch.uuid)
    assert (entry.before, entry.after["scopes"]) == ({"scopes": ["Acme: all"]}, ["Birch: all"])


def test_another_agencys_removed_key_is_not_taken_up(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    draft = connecting.draft(cast.south, "inboxally", "Oak", {"api_key": vendor.key("northwind")})
    made = connecting.add(draft, [Claim(cast.oak, "all")], None)
    assert (made.pk == removed.pk, Connection.objects.count()) == (False, 2)


def test_what_another_took_up_meanwhile_is_a_duplicate(cast: Cast, vendor: Sandbox, removed: Connection) -> None:
    mine, other = (
        connecting.draft(cast.north, "inboxally", name, {"api_key": vendor.key("northwind")}) for name in ("Mine", "Other")
    )
    connecting.add(other, [], None)
    with pytest.raises(connecting.Duplicate, match="Other"):
        connecting.add(mine, [], None)
