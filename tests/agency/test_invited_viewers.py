"""Which clients an invited viewer will see is chosen with the invitation."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agency import invitations, ticks
from agency.models import AuditEntry, Invitation, Membership, Role, User
from tests.agency.test_invitations import NEW
from tests.cast import Cast
from tests.factories import ClientFactory

TEAM, INVITE, DORA = "/settings/team/", "/settings/team/invite/", "dora@north.example"


@pytest.fixture
def anns(cast: Cast, client: Client) -> Client:
    client.force_login(cast.ann)
    return client


def asked(*clients: Any, role: str = "viewer", email: str = DORA, **other: str) -> dict[str, Any]:
    return {"email": email, "role": role, "clients": [str(one.uuid) for one in clients], **other}


def boxes(response: Any) -> dict[str, bool]:
    found = re.findall(r'name="clients" value="[^"]*"( checked)?[^>]*><span>([^<]*)', response.text)
    return {name: bool(checked) for checked, name in found}


def join(made: Any) -> Membership:
    """By the link that the page after `made` shows."""
    assert Client().post(made.context["fresh"]["link"], NEW).status_code == 302
    return Membership.objects.get(user__email=DORA)


def seen(member: Membership) -> set[str]:
    return set(member.assigned.values_list("slug", flat=True))


def archive(client: Any) -> None:
    client.archived_at = timezone.now()
    client.save(update_fields=["archived_at"])


def test_who_joins_sees_what_was_ticked_from_the_first_page_on(cast: Cast, anns: Client) -> None:
    assert boxes(anns.get(TEAM)) == {"Acme": False, "Birch": False}
    made = anns.post(INVITE, asked(cast.birch), follow=True)
    assert "Once they have joined they see 1 client: Birch" in made.text
    assert "Will see 1 client: Birch" in anns.get(TEAM).text
    browser = Client()
    browser.post(made.context["fresh"]["link"], NEW)
    page = browser.get("/clients/").text
    assert "Birch" in page
    assert "Acme" not in page
    entries = {entry.action: entry.after for entry in AuditEntry.objects.all()}
    assert entries == {
        "invitation.created": {"role": "viewer", "will_see": ["Birch"]},
        "member.joined": {"role": "viewer", "now_sees": ["Birch"]},
    }


def test_somebody_known_is_given_them_too(cast: Cast, anns: Client) -> None:
    made = anns.post(INVITE, asked(cast.acme, cast.birch, email=cast.zoe.email), follow=True)
    browser = Client()
    browser.force_login(cast.zoe)
    browser.post(made.context["fresh"]["link"])
    assert seen(Membership.objects.get(user=cast.zoe, agency=cast.north)) == {"acme", "birch"}


def test_none_ticked_is_none_seen(cast: Cast, anns: Client) -> None:
    made = anns.post(INVITE, asked(), follow=True)
    assert "Will see no client yet" in made.text
    assert not seen(join(made))


def test_what_is_archived_or_gone_by_then_is_not_given(cast: Cast, anns: Client) -> None:
    elm = ClientFactory(agency=cast.north, name="Elm")
    made = anns.post(INVITE, asked(cast.acme, cast.birch, elm), follow=True)
    archive(cast.birch)
    elm.delete()
    assert "Will see 1 client: Acme" in anns.get(TEAM).text
    assert seen(join(made)) == {"acme"}


def test_a_client_that_is_restored_by_then_is_given(cast: Cast, anns: Client) -> None:
    made = anns.post(INVITE, asked(cast.birch), follow=True)
    archive(cast.birch)
    assert "Will see no client yet" in anns.get(TEAM).text
    cast.birch.archived_at = None
    cast.birch.save(update_fields=["archived_at"])
    assert seen(join(made)) == {"birch"}


@pytest.mark.parametrize("whose", ["another agency's", "archived", "nobody's"])
def test_a_client_that_is_not_theirs_to_give_is_refused_by_no_name(cast: Cast, anns: Client, whose: str) -> None:
    archive(cast.birch)
    wrong = {"another agency's": str(cast.oak.uuid), "archived": str(cast.birch.uuid), "nobody's": "what"}[whose]
    refused = anns.post(INVITE, asked(cast.acme) | {"clients": [str(cast.acme.uuid), wrong]})
    assert refused.status_code == 422
    assert "A client that was ticked is not among yours in use" in refused.text
    assert boxes(refused) == {"Acme": True}, "what may be given stays ticked"
    assert "Oak" not in refused.text
    assert not Invitation.objects.exists()


def test_no_door_but_the_form_gives_another_agencys_client_either(cast: Cast) -> None:
    archive(cast.birch)
    every = [str(one.uuid) for one in (cast.acme, cast.birch, cast.oak)]
    made, _ = invitations.invite(cast.ann.memberships.get(), DORA, Role.VIEWER, every)
    assert [one.slug for one in made.clients.all()] == ["acme"]
    made, _ = invitations.invite(cast.ann.memberships.get(), DORA, Role.ANALYST, every)
    assert not made.clients.exists()


@pytest.mark.parametrize("role", ["analyst", "manager", "owner"])
def test_for_another_role_they_are_left_out_and_that_is_said(cast: Cast, anns: Client, role: str) -> None:
    made = anns.post(INVITE, asked(cast.acme, cast.oak, role=role), follow=True)
    assert f"{role.capitalize()}s see every client: those that were ticked are left out." in made.text
    assert "Will see" not in made.text
    assert not Invitation.objects.get().clients.exists()
    assert not seen(join(made))
    assert "those that were ticked" not in anns.post(INVITE, asked(role=role, email="e@north.example"), follow=True).text


def test_a_form_that_is_not_taken_keeps_its_ticks(cast: Cast, anns: Client) -> None:
    refused = anns.post(INVITE, asked(cast.birch, email="nothing"))
    assert refused.status_code == 422
    assert boxes(refused) == {"Acme": False, "Birch": True}


def test_a_newer_invitation_gives_what_it_says_itself(cast: Cast, anns: Client) -> None:
    anns.post(INVITE, asked(cast.acme))
    newer = anns.post(INVITE, asked(cast.birch), follow=True)
    assert newer.text.count("Will see 1 client") == 1
    assert seen(join(newer)) == {"birch"}


def test_inviting_again_begins_with_what_was_chosen(cast: Cast, anns: Client) -> None:
    anns.post(INVITE, asked(cast.birch))
    page = anns.get(TEAM).text
    again = f"{TEAM}?again={Invitation.objects.get().uuid}"
    assert f'href="{again}#invite"' in page
    filled = anns.get(again)
    assert boxes(filled) == {"Acme": False, "Birch": True}
    assert f'value="{DORA}"' in filled.text
    assert re.search(r'value="viewer"[^>]* checked', filled.text)
    zoes = Client()
    zoes.force_login(cast.zoe)
    assert DORA not in zoes.get(again).text.replace(again, "")


def test_a_manager_does_not_fill_the_form_with_an_invitation_above_theirs(cast: Cast, client: Client) -> None:
    made, _ = invitations.invite(cast.ann.memberships.get(), DORA, Role.MANAGER)
    client.force_login(cast.mo)
    page = client.get(f"{TEAM}?again={made.uuid}")
    assert page.context["form"].initial == {}
    assert "Invite again" not in page.text


def test_who_is_in_with_a_higher_role_by_then_is_made_no_viewer_of_any(cast: Cast) -> None:
    found, _ = invitations.invite(cast.ann.memberships.get(), cast.ben.email, Role.VIEWER, [str(cast.acme.uuid)])
    assert not seen(invitations.accept(found, cast.ben))


def test_the_page_asks_no_more_for_many_invitations(cast: Cast, anns: Client, django_assert_num_queries: Any) -> None:
    ann = cast.ann.memberships.get()
    invitations.invite(ann, DORA, Role.VIEWER, [str(cast.acme.uuid)])
    with CaptureQueriesContext(connection) as one:
        anns.get(TEAM)
    for number in range(5):
        invitations.invite(ann, f"v{number}@north.example", Role.VIEWER, [str(cast.acme.uuid), str(cast.birch.uuid)])
    with django_assert_num_queries(len(one)):
        assert anns.get(TEAM).text.count("Will see 2 clients: Acme, Birch") == 5


def test_of_more_than_fit_on_the_line_all_can_be_opened(cast: Cast, anns: Client) -> None:
    many = [ClientFactory(agency=cast.north, name=f"Elm {number}") for number in range(7)]
    page = anns.post(INVITE, asked(*many), follow=True).text
    assert "Will see 7 clients: Elm 0, Elm 1, Elm 2, Elm 3, Elm 4, …" in page
    assert "Elm 4, Elm 5, Elm 6</p>" in page


def test_among_many_clients_one_looks_and_what_is_ticked_stays(cast: Cast, anns: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "SHOWN", 3)
    elms = [ClientFactory(agency=cast.north, name=f"Elm {number}") for number in range(4)]
    ClientFactory(agency=cast.south, name="Elm of South")
    page = anns.get(TEAM)
    assert boxes(page) == {}
    assert "There are 6" in page.text
    found = anns.post(INVITE, asked(cast.birch, email="", look="1", find="ELM"))
    assert (found.status_code, list(boxes(found))) == (200, ["Birch", "Elm 0", "Elm 1", "Elm 2"])
    assert boxes(found)["Birch"]
    assert "4 were found, and 1 of them are not shown" in found.text
    assert "This field is required" not in found.text
    assert not Invitation.objects.exists()
    made = anns.post(INVITE, asked(cast.birch, elms[3], find="elm"), follow=True)
    assert seen(join(made)) == {"birch", elms[3].slug}
    assert User.objects.filter(email=DORA).exists()


def test_an_invitation_to_other_clients_a_moment_later_is_another(cast: Cast, anns: Client) -> None:
    anns.post(INVITE, asked(cast.birch))
    anns.post(INVITE, asked(cast.birch))
    assert Invitation.objects.count() == 1
    anns.post(INVITE, asked(cast.birch, cast.acme))
    assert [made.clients.count() for made in invitations.open_ones(cast.north)] == [2]
