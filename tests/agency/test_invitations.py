from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as outgoing
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from agency import forms, invitations, mail, team
from agency.models import AuditEntry, Invitation, Membership, Role, User
from tests.cast import PASSWORD, Cast

NEW = {"name": "Dora Lind", "password": "another horse battery"}


def invite(cast: Cast, email: str = "dora@north.example", role: Role = Role.ANALYST) -> str:
    _, token = invitations.invite(cast.ann.memberships.get(), email, role)
    return f"/invitations/{token}/"


def test_the_link_is_shown_once_mailed_and_kept_as_a_hash(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    sent = client.post("/settings/team/invite/", {"email": "Dora@north.example", "role": "analyst"})
    mail.wait_until_sent()
    assert (sent.status_code, sent.url) == (302, "/settings/team/")  # what a reload sends again is a GET
    response = client.get(sent.url)
    link = response.context["fresh"]["link"]
    assert link in response.content.decode()
    assert link in str(outgoing.outbox[0].body)
    assert "no-store" in response["Cache-Control"]
    token = link.rstrip("/").rpartition("/")[2]
    made = Invitation.objects.get()
    assert (len(made.token_hash), made.email) == (64, "dora@north.example")
    assert token not in str(list(Invitation.objects.values()))
    assert token not in client.get("/settings/team/").content.decode()


def test_a_form_that_is_sent_twice_invites_once_and_both_answers_lead_to_the_link(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    asked = {"email": "dora@north.example", "role": "analyst"}
    answers = [client.post("/settings/team/invite/", asked) for _ in range(2)]
    mail.wait_until_sent()
    assert [answer.url for answer in answers] == ["/settings/team/"] * 2
    assert (Invitation.objects.count(), AuditEntry.objects.count(), len(outgoing.outbox)) == (1, 1, 1)
    page = client.get("/settings/team/")
    assert "dora@north.example is invited once" in page.text
    assert Client().get(page.context["fresh"]["link"]).status_code == 200


@pytest.mark.parametrize("other", ["another role", "another person", "later"])
def test_who_is_invited_otherwise_or_later_gets_another_link(cast: Cast, other: str) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        ended = invite(cast)
        clock.shift(11 if other == "later" else 1)
        by = (cast.mo if other == "another person" else cast.ann).memberships.get()
        role = Role.VIEWER if other == "another role" else Role.ANALYST
        _, token = invitations.invite(by, "dora@north.example", role)
        assert [Client().get(path).status_code for path in (ended, f"/invitations/{token}/")] == [404, 200]


def test_somebody_new_sets_a_name_and_a_password_and_is_in(cast: Cast, client: Client) -> None:
    link = invite(cast)
    assert "North" in client.get(link).content.decode()
    assert client.post(link, NEW).status_code == 302
    dora = User.objects.get(email="dora@north.example")
    assert dora.check_password(NEW["password"])
    assert dora.memberships.get().role == Role.ANALYST
    assert client.get("/settings/").status_code == 200
    assert AuditEntry.objects.get(action="member.joined").actor == "Dora Lind"


def test_a_rule_that_a_password_broke_is_said_once(cast: Cast, client: Client) -> None:
    link = invite(cast)
    assert "at least 10 characters" in client.get(link).text
    page = client.post(link, NEW | {"password": "tooshrt"}).text
    assert page.count("at least 10 characters") == 1
    assert "entirely numeric" in page


def test_the_password_rules_hold_for_the_invited(cast: Cast, client: Client) -> None:
    response = client.post(invite(cast), NEW | {"password": "dora@north"})
    assert response.status_code == 422
    assert "too similar" in response.content.decode()
    assert not User.objects.filter(email="dora@north.example").exists()


def test_somebody_known_signs_in_and_joins(cast: Cast, client: Client) -> None:
    link = invite(cast, "zoe@south.example", Role.VIEWER)
    page = client.get(link).content.decode()
    assert f"/sign-in/?next={link}" in page
    assert client.post(link, NEW).url == f"/sign-in/?next={link}"
    client.force_login(cast.zoe)
    assert Membership.objects.filter(user=cast.zoe).count() == 1
    client.post(link)
    assert {m.agency.slug: m.role for m in cast.zoe.memberships.all()} == {"south": "owner", "north": "viewer"}
    assert client.get("/settings/").context["member"].agency == cast.north


def test_a_link_for_one_is_not_for_another(cast: Cast, client: Client) -> None:
    link = invite(cast)
    client.force_login(cast.zoe)
    assert client.post(link).status_code == 403
    assert cast.zoe.memberships.count() == 1


def test_a_link_works_once_and_then_says_so(cast: Cast) -> None:
    link = invite(cast)
    assert Client().post(link, NEW).status_code == 302
    again = Client().get(link)
    assert (again.status_code, again["Referrer-Policy"]) == (410, "strict-origin")
    assert "This invitation has been used already" in again.content.decode()
    assert 'href="/sign-in/"' in again.content.decode()
    assert "dora@north.example" not in again.content.decode()
    assert Client().post(link, NEW).status_code == 410
    assert User.objects.filter(email="dora@north.example").count() == 1


def test_of_two_clicks_at_once_one_joins(cast: Cast) -> None:
    found, _ = invitations.invite(cast.ann.memberships.get(), "zoe@south.example", Role.VIEWER)
    invitations.accept(found, cast.zoe)
    with pytest.raises(invitations.Taken):
        invitations.accept(found, cast.zoe)


def test_who_is_in_already_keeps_the_higher_role(cast: Cast) -> None:
    for role, expected in ((Role.VIEWER, Role.ANALYST), (Role.MANAGER, Role.MANAGER)):
        found, _ = invitations.invite(cast.ann.memberships.get(), "ben@north.example", role)
        assert invitations.accept(found, cast.ben).role == expected


def test_revoked_replaced_and_invented_links_look_alike(cast: Cast, client: Client) -> None:
    revoked, replaced = invite(cast, "a@x.example"), invite(cast, "b@x.example")
    past = timezone.now() - timedelta(seconds=1)
    Invitation.objects.filter(email="a@x.example").update(revoked_at=timezone.now(), expires_at=past)
    invite(cast, "b@x.example", Role.VIEWER)
    pages = {client.get(link).content.split(b"nonce=")[0] for link in (revoked, replaced, "/invitations/" + "x" * 43 + "/")}
    assert len(pages) == 1
    assert [client.get(link).status_code for link in (revoked, replaced)] == [404] * 2


def test_a_link_runs_out_after_seven_days(cast: Cast, client: Client) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        link = invite(cast)
    with time_machine.travel(now + timedelta(days=7, seconds=-1), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(now + timedelta(days=7), tick=False):
        over = client.get(link)
    assert over.status_code == 410
    assert "This invitation has run out" in over.content.decode()


@pytest.mark.parametrize("guesses", [50, pytest.param(1_000, marks=[pytest.mark.slow, pytest.mark.once])])
def test_guesses_see_404_and_then_429_until_the_window_ends(cast: Cast, client: Client, guesses: int) -> None:
    link, now = invite(cast), timezone.now()
    with time_machine.travel(now, tick=False):
        codes = [client.get(f"/invitations/guess-{n}/").status_code for n in range(guesses)]
        assert codes == [404] * 20 + [429] * (guesses - 20)
        assert client.get("/invitations/guess/", REMOTE_ADDR="192.0.2.9").status_code == 404
        assert client.get(link).status_code == 200, "a guesser in the same office blocks nobody who was invited"
    with time_machine.travel(now + timedelta(minutes=10, seconds=1), tick=False):
        assert client.get("/invitations/guess/").status_code == 404


def test_opening_the_right_link_is_no_guess(cast: Cast, client: Client) -> None:
    link = invite(cast)
    assert {client.get(link).status_code for _ in range(30)} == {200}


def test_the_page_sends_its_address_nowhere(cast: Cast, client: Client) -> None:
    response = client.get(invite(cast))
    assert response["Referrer-Policy"] == "strict-origin"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(("who", "role", "may"), [
    ("ann", Role.OWNER, True), ("mo", Role.OWNER, False), ("mo", Role.MANAGER, False), ("mo", Role.ANALYST, True),
    ("mo", Role.VIEWER, True), ("ben", Role.VIEWER, False),
])  # fmt: skip
def test_managers_invite_below_their_own_role(cast: Cast, who: str, role: Role, may: bool) -> None:
    member = getattr(cast, who).memberships.get()
    if may:
        assert invitations.invite(member, "new@north.example", role)
    else:
        with pytest.raises(PermissionDenied):
            invitations.invite(member, "new@north.example", role)


def test_the_form_offers_no_role_above_and_no_member_twice(cast: Cast, client: Client) -> None:
    client.force_login(cast.mo)
    refused = client.post("/settings/team/invite/", {"email": "new@north.example", "role": "owner"})
    twice = client.post("/settings/team/invite/", {"email": "BEN@north.example", "role": "analyst"})
    assert (refused.status_code, twice.status_code) == (422, 422)
    assert "on the team already" in twice.content.decode()
    assert not Invitation.objects.exists()


def test_a_revoked_link_is_dead_at_once(cast: Cast, client: Client) -> None:
    link = invite(cast)
    client.force_login(cast.ann)
    uuid = Invitation.objects.get().uuid
    client.post(f"/settings/team/invitations/{uuid}/revoke/")
    assert Client().get(link).status_code == 404
    assert client.post(f"/settings/team/invitations/{uuid}/revoke/").status_code == 404


def test_joining_keeps_the_password_out_of_the_audit_log(cast: Cast, client: Client) -> None:
    client.post(invite(cast), NEW)
    client.post("/sign-in/", {"username": "ann@north.example", "password": PASSWORD})
    written: list[Any] = list(AuditEntry.objects.values())
    assert written
    assert NEW["password"] not in str(written)


@pytest.mark.parametrize("role", [Role.MANAGER, None])
def test_who_may_no_longer_give_a_role_leaves_no_open_invitation_to_it(cast: Cast, role: Role | None) -> None:
    ann, mo = cast.ann.memberships.get(), cast.mo.memberships.get()
    team.change_role(ann, mo, Role.OWNER)
    mo.refresh_from_db()
    for email, asked in (("o@x.example", Role.OWNER), ("m@x.example", Role.MANAGER), ("a@x.example", Role.ANALYST)):
        invitations.invite(mo, email, asked)
    invitations.invite(ann, "hers@x.example", Role.OWNER)
    if role:
        team.change_role(ann, mo, role)
    else:
        team.remove(ann, mo)
    left = {found.email for found in invitations.open_ones(cast.north)}
    assert left == ({"a@x.example", "hers@x.example"} if role else {"hers@x.example"})


@pytest.mark.parametrize("end", ["demoted", "removed", "deleted", "switched off"])
def test_an_invitation_is_worth_what_its_maker_may_give_when_it_is_used(cast: Cast, client: Client, end: str) -> None:
    link = invite(cast, role=Role.OWNER)
    if end == "demoted":
        Membership.objects.filter(user=cast.ann).update(role=Role.MANAGER)
    elif end == "removed":
        Membership.objects.filter(user=cast.ann).delete()
    elif end == "deleted":
        cast.ann.delete()
    else:
        User.objects.filter(pk=cast.ann.pk).update(is_active=False)
    assert client.post(link, NEW).status_code == 404
    assert not User.objects.filter(email="dora@north.example").exists()


def test_a_manager_ends_no_invitation_that_they_could_not_make(cast: Cast, client: Client) -> None:
    invite(cast, role=Role.OWNER)
    client.force_login(cast.mo)
    page = client.get("/settings/team/").content.decode()
    assert "dora@north.example" in page
    assert "/revoke/" not in page
    found = Invitation.objects.get()
    assert client.post(f"/settings/team/invitations/{found.uuid}/revoke/").status_code == 403
    again = client.post("/settings/team/invite/", {"email": "Dora@north.example", "role": "viewer"})
    assert again.status_code == 422
    assert "is invited already, to a role above" in again.content.decode()
    with pytest.raises(PermissionDenied):
        invitations.invite(cast.mo.memberships.get(), "dora@north.example", Role.VIEWER)
    assert invitations.open_ones(cast.north).get() == found


def test_who_got_a_sign_in_elsewhere_between_page_and_click_uses_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    check = forms.JoinForm.clean

    def overtaken(form: forms.JoinForm) -> dict[str, Any]:
        User.objects.create_user("dora@north.example", PASSWORD)
        return check(form)

    monkeypatch.setattr(forms.JoinForm, "clean", overtaken)
    link, browser = invite(cast), Client()
    response = browser.post(link, NEW)
    assert response.url == f"/sign-in/?next={link}"
    assert "has a sign-in here" in browser.get(response.url).content.decode()
    assert Invitation.objects.get().accepted_at is None
