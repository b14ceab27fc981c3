"""Which client a campaign and its days belong to."""

from __future__ import annotations

import pytest

from clients import claiming
from clients.models import ActivityDay, Campaign, Connection, Grain
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.outreach.reaching import bring_outreach, connect
from tests.clients.sync.syncing import bring


@pytest.fixture
def agency(box: Sandbox, people: Cast) -> Connection:
    connection = connect(people.north, box, "agency")
    bring_outreach(connection)
    return connection


def of_campaigns(connection: Connection, workspace: str) -> dict[str, tuple[int | None, bool]]:
    rows = Campaign.objects.filter(connection=connection, workspace=workspace)
    return {one.name.partition(": ")[2]: (one.client_id, one.conflict) for one in rows}


def test_a_workspace_takes_its_campaigns_and_all_their_days_along(box: Sandbox, people: Cast, agency: Connection) -> None:
    northwind = box.instantly.workspace("northwind").id
    assert set(of_campaigns(agency, northwind).values()) == {(None, False)}
    scope = claiming.claim(agency, people.acme, "workspace", northwind, None)
    assert set(of_campaigns(agency, northwind).values()) == {(people.acme.pk, False)}
    assert set(of_campaigns(agency, "").values()) == {(None, False)}
    for grain in Grain:
        rows = ActivityDay.objects.by(grain).filter(connection=agency)
        assert set(rows.filter(workspace=northwind).values_list("client", flat=True)) == {people.acme.pk}
        assert set(rows.exclude(workspace=northwind).values_list("client", flat=True)) == {None}
    claiming.release(scope, None)
    assert not ActivityDay.objects.exclude(client=None).exists()


def test_senders_of_two_clients_make_a_campaign_nobodys(box: Sandbox, people: Cast, agency: Connection) -> None:
    northwind = box.instantly.workspace("northwind").id
    claiming.claim(agency, people.acme, "domain", "northwind.example", None)
    claiming.claim(agency, people.birch, "domain", "getnorthwind.example", None)
    found = of_campaigns(agency, northwind)
    assert found["Welcome"] == (people.acme.pk, False), "all its senders are of the one domain"
    assert found["Autumn"] == (None, True), "one by name of each"
    assert found["Win back"] == (None, True), "both by their tag"
    assert found["Next year"] == (None, False), "without senders it is whose the workspace is"
    by_domain = ActivityDay.objects.by(Grain.SENDER).filter(workspace=northwind)
    assert set(by_domain.values_list("domain", "client")) == {
        ("northwind.example", people.acme.pk),
        ("getnorthwind.example", people.birch.pk),
    }
    bring_outreach(agency)
    assert of_campaigns(agency, northwind) == found, "a sync decides as a claim does"
    assert not ActivityDay.objects.by(Grain.CAMPAIGN).filter(campaign__conflict=True).exclude(client=None).exists()


def test_a_tag_of_its_own_is_a_claim_too(box: Sandbox, people: Cast, agency: Connection) -> None:
    atelier = box.instantly.workspace("atelier").id
    claiming.claim(agency, people.acme, "workspace", atelier, None)
    claiming.claim(agency, people.birch, "tag", "furniture", None)
    found = of_campaigns(agency, atelier)
    # 'furniture' is on its mailboxes of the one domain; those of the other are the workspace's.
    assert found["Summer"] == (people.birch.pk, False)
    assert found["Welcome"] == (people.birch.pk, False)
    assert found["Autumn"] == (None, True)


def test_days_follow_a_campaign_that_a_sync_gives_to_another(box: Sandbox, people: Cast, agency: Connection) -> None:
    atelier = box.instantly.workspace("atelier").id
    claiming.claim(agency, people.acme, "workspace", atelier, None)
    days = ActivityDay.objects.by(Grain.CAMPAIGN).filter(workspace=atelier)
    # As if other senders had sent it until now.
    Campaign.objects.filter(workspace=atelier).update(client=people.birch)
    days.update(client=people.birch)
    bring(agency, "campaigns")
    assert set(days.values_list("client", flat=True)) == {people.acme.pk}


def test_viewers_see_their_clients_campaigns_alone(box: Sandbox, people: Cast, agency: Connection) -> None:
    claiming.claim(agency, people.acme, "workspace", box.instantly.workspace("northwind").id, None)
    viewer, owner, stranger = (user.memberships.get() for user in (people.cleo, people.ann, people.zoe))
    assert Campaign.objects.visible_to(viewer).count() == 5
    assert Campaign.objects.visible_to(owner).count() == 15
    assert not Campaign.objects.visible_to(stranger).exists()
