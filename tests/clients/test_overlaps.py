"""Two accounts of one agency that read the same workspace."""

from __future__ import annotations

import pytest

from agency.models import Agency
from clients import claiming, scoping
from clients.connecting import Claim, add, draft
from clients.models import Connection, Sender, Workspace
from clients.overlaps import ReadTwice, overlaps_of
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.factories import SenderFactory

HARBOUR, NORTHWIND, TIDAL = ("w-harbour", "Harbour"), ("w-north", "Northwind"), ("w-tidal", "Tidal")


def account(agency: Agency, label: str, home: tuple[str, str], *members: tuple[str, str]) -> Connection:
    made = connect(agency, key=f"key-of-{label}-long-enough", label=label, vendor="instantly")
    made.settings = {"home": list(home), "absent": [["Petit", "pending"]]}
    made.save()
    for number, (external_id, name) in enumerate(members):
        Workspace.objects.create(connection=made, external_id=external_id, name=name)
        SenderFactory(
            connection=made, workspace=external_id, email=f"a{number}@{name.lower()}.example", external_id=f"{label}{number}"
        )
    return made


@pytest.fixture
def group(cast: Cast) -> Connection:
    made = account(cast.north, "Group", HARBOUR, NORTHWIND, TIDAL)
    claiming.claim(made, cast.acme, "workspace", "w-north", None)
    return made


def test_a_workspace_that_another_account_counts_is_not_counted_twice(cast: Cast, group: Connection) -> None:
    second = account(cast.north, "Second", HARBOUR, NORTHWIND, TIDAL)
    for kind, value in [("workspace", "w-north"), ("all", ""), ("domain", "northwind.example")]:
        with pytest.raises(ReadTwice, match="Workspace Northwind is read by Group already"):
            claiming.claim(second, cast.birch, kind, value, None)
    assert not second.scopes.exists()
    claiming.claim(second, cast.birch, "workspace", "w-tidal", None)
    with pytest.raises(ReadTwice, match="by Second"):
        claiming.claim(group, cast.birch, "workspace", "w-tidal", None)


def test_a_key_of_a_members_own_is_refused_from_its_first_day(cast: Cast, group: Connection) -> None:
    single = draft(cast.north, "instantly", "Single", {"api_key": "another-key-long-enough"})
    single.settings = {"home": list(NORTHWIND)}
    with pytest.raises(ReadTwice, match="Northwind is read by Group"):
        add(single, [Claim(cast.acme, "all")], None)
    assert not Connection.objects.filter(label="Single").exists()


def test_another_agencys_account_and_a_removed_one_are_in_nobodys_way(cast: Cast, group: Connection) -> None:
    assert overlaps_of(account(cast.south, "Southern", HARBOUR, NORTHWIND)) == []
    second = account(cast.north, "Second", HARBOUR, NORTHWIND)
    Connection.objects.filter(pk=group.pk).update(removed_at=group.created_at)
    assert overlaps_of(second) == []


def test_the_page_says_what_is_read_twice_and_what_of_the_group_is_not(cast: Cast, group: Connection) -> None:
    second = account(cast.north, "Second", NORTHWIND)
    page = text_of(signed_in(cast.mo).get(f"/connections/{second.uuid}/"))
    assert "Group</a> reads it too" in page
    assert "Petit (pending)" in page


def test_a_refused_claim_names_the_other_account_on_the_page(cast: Cast, group: Connection) -> None:
    second = account(cast.north, "Second", HARBOUR, NORTHWIND)
    asked = {"client": "birch", "kind": "workspace", "workspaces": ["w-north"], "values": ""}
    page = text_of(signed_in(cast.mo).post(f"/connections/{second.uuid}/scopes/", asked, follow=True))
    assert "is read by Group already" in page


def test_the_keys_own_workspace_is_claimed_as_one(cast: Cast, group: Connection) -> None:
    own = SenderFactory(connection=group, workspace="", email="pat@harbour.example")
    assert ("workspace", "w-harbour", "Harbour") in [
        (row.kind, row.value, row.name) for row in claiming.unclaimed(Connection.objects.filter(pk=group.pk))
    ]
    scope = claiming.claim(group, cast.birch, "workspace", "w-harbour", None)
    assert str(scope) == "workspace Harbour"
    assert Sender.objects.get(pk=own.pk).client == cast.birch
    assert scoping.Resolver(group).owner("tidal.example", (), "w-tidal").client_id is None
