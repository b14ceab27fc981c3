"""Two who act upon an invitation in the same moment."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.test import Client

from agency import forms, invitations
from agency.models import Invitation, Role, User, new_token
from tests.agency.test_invitations import NEW, invite
from tests.at_once import at_once, meet
from tests.cast import make_cast


@pytest.mark.django_db(transaction=True)
def test_of_two_who_invite_the_same_person_at_once_one_link_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, gate, token = make_cast(), threading.Barrier(2), new_token

    def met() -> tuple[str, str]:
        meet(gate)
        return token()

    monkeypatch.setattr(invitations, "new_token", met)
    two = [cast.ann.memberships.get(), cast.mo.memberships.get()]
    at_once(lambda: invitations.invite(two.pop(), "dora@north.example", Role.VIEWER))
    assert Invitation.objects.count() == 2
    assert invitations.open_ones(cast.north).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_on_join_at_once_the_second_is_sent_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    cast, gate, check = make_cast(), threading.Barrier(2), forms.JoinForm.clean

    def met(form: forms.JoinForm) -> dict[str, Any]:
        cleaned = check(form)
        # No lock keeps anyone from here: both come, however late.
        meet(gate, 60)
        return cleaned

    monkeypatch.setattr(forms.JoinForm, "clean", met)
    link, answers = invite(cast), []
    at_once(lambda: answers.append(Client().post(link, NEW)))
    assert sorted(answer.url for answer in answers) == ["/", "/sign-in/"]
    assert User.objects.get(email="dora@north.example").memberships.count() == 1
