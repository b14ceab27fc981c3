from __future__ import annotations

import logging
from io import StringIO
from typing import Any

import pytest
from django.core import mail as outgoing
from django.core.management import call_command
from django.views.decorators.debug import sensitive_variables

from agency import accounts, invitations, mail
from agency.models import Role, User
from tests.canary import Canary
from tests.cast import Cast, connect
from tests.secrecy import Ear


def test_a_canary_is_seen_where_it_is(canary: Canary) -> None:
    logging.getLogger("anybody").debug("key %s", canary.api_key)
    canary.look("a dump", canary.password)
    assert canary.sightings() == ["api key in the log of anybody", "password in a dump"]


def test_any_test_that_logs_what_it_sealed_would_fail(cast: Cast, ear: Ear) -> None:
    connect(cast.north, key="a-key-that-nobody-says")
    logging.getLogger("clients.anybody").debug("all is well")
    assert ear.told() == []
    logging.getLogger("clients.anybody").debug("asked with %s", "a-key-that-nobody-says")
    assert ear.told() == ["clients.anybody"]
    ear.begin()


def test_signing_in_and_changing_the_password_leak_nothing(cast: Cast, canary: Canary) -> None:
    cast.ann.set_password(canary.password)
    cast.ann.save()
    for email in ("ann@north.example", "nobody@north.example", "not an address"):
        canary.client.post("/sign-in/", {"username": email, "password": canary.password})
    new = canary.watch("new password", canary.password[::-1])
    for again in ("something else", new):
        passwords = {"old_password": canary.password, "new_password1": new, "new_password2": again}
        canary.client.post("/profile/password/", passwords)
    cast.ann.refresh_from_db()
    assert cast.ann.check_password(new)
    assert canary.sightings() == []


def test_an_invitation_shows_its_token_once(cast: Cast, canary: Canary) -> None:
    canary.client.force_login(cast.ann)
    shown = canary.client.post("/settings/team/invite/", {"email": "dora@north.example", "role": "analyst"}, follow=True)
    mail.wait_until_sent()
    token = canary.watch("token", shown.context["fresh"]["link"].rstrip("/").rpartition("/")[2])
    assert token in str(outgoing.outbox[0].body)
    for path in ("/settings/team/", "/settings/"):
        canary.client.get(path)
    canary.client.post("/sign-out/")
    for data in ({"name": "Dora", "password": "short"}, {"name": "Dora", "password": canary.password}):
        canary.client.post(f"/invitations/{token}/", data)
    canary.client.get(f"/invitations/{token}/")
    assert User.objects.get(email="dora@north.example").check_password(canary.password)
    assert canary.sightings() == []


@pytest.mark.parametrize("door", ["sign-in", "setup", "invitation", "password"])
def test_a_page_that_breaks_with_a_password_in_hand_does_not_report_it(
    db: None, canary: Canary, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, door: str
) -> None:
    @sensitive_variables()
    def breaks(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    if door != "setup":
        cast = request.getfixturevalue("cast")
    if door == "sign-in":
        monkeypatch.setattr("agency.accounts.forgive", breaks)
        cast.ann.set_password(canary.password)
        cast.ann.save()
        response = canary.client.post("/sign-in/", {"username": "ann@north.example", "password": canary.password})
    elif door == "setup":
        monkeypatch.setattr("agency.accounts.create_agency", breaks)
        data = {"agency": "East", "name": "Eve", "email": "eve@east.example", "password": canary.password}
        response = canary.client.post("/setup/", data)
    elif door == "invitation":
        monkeypatch.setattr("agency.audit.record", breaks)
        _, token = invitations.invite(cast.ann.memberships.get(), "dora@north.example", Role.ANALYST)
        response = canary.client.post(f"/invitations/{token}/", {"name": "Dora", "password": canary.password})
    else:
        canary.client.force_login(cast.ann)
        monkeypatch.setattr("agency.models.User.save", breaks)
        data = {"old_password": "correct horse battery", "new_password1": canary.password, "new_password2": canary.password}
        response = canary.client.post("/profile/password/", data)
    assert response.status_code == 500
    assert "Traceback" not in response.content.decode()
    assert canary.sightings() == []


def test_a_dump_of_the_database_holds_no_key(cast: Cast, canary: Canary) -> None:
    connect(cast.north, key=canary.api_key)
    _, token = invitations.invite(cast.ann.memberships.get(), "dora@north.example", Role.ANALYST)
    canary.watch("token", token)
    accounts.create_agency("East", owner_email="eve@east.example", password=canary.password)
    dump = StringIO()
    call_command("dumpdata", stdout=dump)
    canary.look("dumpdata", dump.getvalue())
    assert '"credentials": "gAAAA' in dump.getvalue()
    assert canary.sightings() == []
