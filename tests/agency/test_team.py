from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency import team
from agency.models import AuditEntry, Membership, Role
from agency.views import team as views
from tests.cast import Cast, make_cast


def membership(user: Any) -> Membership:
    found: Membership = user.memberships.get()
    return found


def test_an_owner_changes_a_role_and_it_is_written_down(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    client.post(f"/settings/team/{membership(cast.ben).uuid}/role/", {"role": "manager"})
    entry = AuditEntry.objects.get()
    assert membership(cast.ben).role == Role.MANAGER
    assert (entry.action, entry.actor, entry.before, entry.after) == (
        "member.role_changed", "Ann", {"role": "analyst"}, {"role": "manager"},
    )  # fmt: skip


@pytest.mark.parametrize("act", ["demote", "remove"])
def test_the_last_owner_stays(cast: Cast, client: Client, act: str) -> None:
    client.force_login(cast.ann)
    uuid = membership(cast.ann).uuid
    path, data = (
        (f"/settings/team/{uuid}/role/", {"role": "viewer"}) if act == "demote" else (f"/settings/team/{uuid}/remove/", {})
    )
    response = client.post(path, data, follow=True)
    assert membership(cast.ann).role == Role.OWNER
    assert client.get("/settings/team/").status_code == 200
    assert "needs an owner" in response.content.decode()


def test_one_of_two_owners_may_go(cast: Cast) -> None:
    team.change_role(membership(cast.ann), membership(cast.mo), Role.OWNER)
    team.remove(membership(cast.mo), membership(cast.ann))
    assert not cast.ann.memberships.exists()


@pytest.mark.django_db(transaction=True)
def test_two_owners_can_not_demote_each_other_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    team.change_role(membership(cast.ann), membership(cast.mo), Role.OWNER)
    ann, mo = membership(cast.ann), membership(cast.mo)
    monkeypatch.setattr(team, "_keep_an_owner", _meeting_after(team._keep_an_owner))

    def demote(by: Membership, other: Membership) -> None:
        with contextlib.suppress(ValidationError, PermissionDenied):
            team.change_role(by, other, Role.ANALYST)
        connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((ann, mo), (mo, ann))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.filter(agency=cast.north, role=Role.OWNER).count() == 1


def _meeting_after(check: Callable[[Membership], None]) -> Callable[[Membership], None]:
    """The check, after which two who both passed it meet; who is kept out by a lock never comes, and the other goes on."""
    gate = threading.Barrier(2)

    def checked(other: Membership) -> None:
        check(other)
        with contextlib.suppress(threading.BrokenBarrierError):
            gate.wait(timeout=1)

    return checked


@pytest.mark.parametrize("act", ["role", "remove"])
def test_who_acts_upon_a_member_that_another_has_just_removed_gets_404(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    found = membership(cast.ben)
    monkeypatch.setattr(views, "_member", lambda request, uuid: found)
    client.force_login(cast.ann)
    assert client.post(f"/settings/team/{found.uuid}/remove/").status_code == 302
    assert client.post(f"/settings/team/{found.uuid}/{act}/", {"role": "viewer"}).status_code == 404
    assert [entry.action for entry in AuditEntry.objects.all()] == ["member.removed"]


def test_who_was_removed_or_lowered_meanwhile_acts_no_more(cast: Cast) -> None:
    ann, mo, ben = (membership(user) for user in (cast.ann, cast.mo, cast.ben))
    team.change_role(ann, mo, Role.ANALYST)
    with pytest.raises(PermissionDenied):
        team.remove(mo, ben)
    team.remove(ann, mo)
    with pytest.raises(Membership.DoesNotExist):
        team.change_role(mo, ben, Role.VIEWER)
    assert membership(cast.ben).role == Role.ANALYST


def test_a_role_given_twice_at_once_is_written_down_once(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [membership(cast.ben) for _ in range(2)]
    monkeypatch.setattr(views, "_member", lambda request, uuid: found.pop())
    client.force_login(cast.ann)
    for _ in range(2):
        client.post(f"/settings/team/{membership(cast.ben).uuid}/role/", {"role": "viewer"})
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"role": "analyst"}, {"role": "viewer"})


def test_a_manager_edits_only_those_below(cast: Cast) -> None:
    mo = membership(cast.mo)
    team.change_role(mo, membership(cast.ben), Role.VIEWER)
    for other, role in ((cast.ann, Role.VIEWER), (cast.mo, Role.VIEWER), (cast.ben, Role.MANAGER), (cast.ben, Role.OWNER)):
        with pytest.raises(PermissionDenied):
            team.change_role(mo, membership(other), role)
    with pytest.raises(PermissionDenied):
        team.remove(mo, membership(cast.ann))


def test_who_is_removed_is_signed_out_everywhere(cast: Cast, client: Client) -> None:
    theirs = Client()
    theirs.force_login(cast.ben)
    assert theirs.get("/settings/").status_code == 200
    client.force_login(cast.ann)
    client.post(f"/settings/team/{membership(cast.ben).uuid}/remove/")
    assert theirs.get("/settings/").status_code == 302


def test_a_role_that_does_not_exist_changes_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    assert client.post(f"/settings/team/{membership(cast.ben).uuid}/role/", {"role": "emperor"}).status_code == 302
    assert membership(cast.ben).role == Role.ANALYST


def test_a_person_in_two_agencies_switches_and_stays(cast: Cast, client: Client) -> None:
    Membership.objects.create(agency=cast.south, user=cast.ann, role=Role.VIEWER)
    client.force_login(cast.ann)
    assert "Go to South" in client.get("/settings/").content.decode()
    client.post("/settings/agency/", {"agency": "south"})
    assert client.get("/settings/").context["member"].agency == cast.south
    assert client.get("/settings/team/").status_code == 403


def test_nobody_switches_into_an_agency_they_are_not_in(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    assert client.post("/settings/agency/", {"agency": "south"}).status_code == 404
    assert client.get("/settings/").context["member"].agency == cast.north


def test_each_role_says_what_it_does_where_it_is_given_and_to_whom(cast: Cast, client: Client) -> None:
    client.force_login(cast.mo)
    page = client.get("/settings/team/").text
    assert "Viewer: sees the clients chosen for them" in page
    assert "Owner: does everything" not in page, "a manager gives no such role"
    made = client.post("/settings/team/invite/", {"email": "new@north.example", "role": "analyst"}, follow=True)
    link = made.context["fresh"]["link"]
    assert "as analyst, who sees every client" in Client().get(link).text


def test_the_list_says_which_clients_a_viewer_sees(cast: Cast, client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(cast.ann)
    assert "Sees 1 client: Acme" in client.get("/settings/team/").text
    with CaptureQueriesContext(connection) as one:
        client.get("/settings/team/")
    asked = len(one)
    cast.birch.viewers.add(membership(cast.cleo))
    team.change_role(membership(cast.ann), membership(cast.ben), Role.VIEWER)
    page = client.get("/settings/team/").text
    assert "Sees 2 clients: Acme, Birch" in page
    assert "Sees no client yet" in page
    with django_assert_num_queries(asked):
        client.get("/settings/team/")
    cast.birch.archived_at = timezone.now()
    cast.birch.save()
    assert "Sees 1 client: Acme" in client.get("/settings/team/").text
