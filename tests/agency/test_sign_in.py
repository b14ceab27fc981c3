from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agency.models import Membership, Role, User
from tests.cast import PASSWORD, Cast

SIGN_IN = "/sign-in/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(SIGN_IN, {"username": email, "password": password}, **extra)


def fail(client: Client, times: int, email: str = "ann@north.example", **extra: Any) -> Any:
    for _ in range(times):
        response = sign_in(client, email, "wrong", **extra)
    return response


@pytest.fixture
def few_of_an_address(settings: Any) -> int:
    settings.SIGN_IN_ADDRESS_TRIES = 12
    return 12


def test_the_right_password_signs_in(cast: Cast, client: Client) -> None:
    response = sign_in(client, "Ann@North.example ")
    assert (response.status_code, response.url) == (302, reverse("overview"))
    assert client.session["_auth_user_id"] == str(cast.ann.pk)


def test_signing_in_makes_a_new_session(cast: Cast, client: Client) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    sign_in(client, "ann@north.example")
    assert client.cookies["sessionid"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_signing_out_kills_the_session_and_takes_a_post(cast: Cast, client: Client) -> None:
    sign_in(client, "ann@north.example")
    cookie = client.cookies["sessionid"].value
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert not Session.objects.filter(session_key=cookie).exists()
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert thief.get("/settings/").status_code == 302


def test_changing_the_password_ends_every_other_session(cast: Cast, client: Client) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        sign_in(browser, "ann@north.example")
    new = "another horse battery"
    response = client.post("/profile/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert response.status_code == 302
    assert client.get("/settings/").status_code == 200
    assert elsewhere.get("/settings/").status_code == 302


def test_a_known_and_an_unknown_address_get_the_same_page_for_the_same_work(cast: Cast) -> None:
    bodies, work = [], []
    for email in ("ann@north.example", "nobody@north.example"):
        with patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as hashed:
            response = sign_in(Client(), email, "wrong")
        work.append(hashed.call_count)
        bodies.append(_without_tokens(response.content.decode()).replace(email, ""))
        assert response.status_code == 200
    assert bodies[0] == bodies[1]
    assert work[0] == work[1] == 1


def test_someone_inactive_looks_like_a_wrong_password(cast: Cast, client: Client) -> None:
    User.objects.filter(pk=cast.ann.pk).update(is_active=False)
    assert "do not belong together" in sign_in(client, "ann@north.example").content.decode()


def test_one_account_is_locked_from_every_address(cast: Cast, settings: Any) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        response = fail(Client(), 1, REMOTE_ADDR=f"192.0.2.{number}")
    assert response.status_code == 429
    assert sign_in(Client(), "ann@north.example", REMOTE_ADDR="198.51.100.7").status_code == 429
    assert sign_in(Client(), "ben@north.example", REMOTE_ADDR="198.51.100.7").status_code == 302


def test_the_account_is_one_however_it_is_spelled(cast: Cast, settings: Any) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        fail(Client(), 1, email="ANN@north.example" if number % 2 else " ann@North.example", REMOTE_ADDR=f"192.0.2.{number}")
    assert sign_in(Client(), "ann@north.example", REMOTE_ADDR="198.51.100.7").status_code == 429


def test_one_address_is_locked_for_every_account(cast: Cast, few_of_an_address: int) -> None:
    for number in range(few_of_an_address):
        response = fail(Client(), 1, email=f"guess{number}@north.example", REMOTE_ADDR="192.0.2.1")
        assert response.status_code == (429 if number == few_of_an_address - 1 else 200), number
    assert sign_in(Client(), "ann@north.example", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert sign_in(Client(), "ann@north.example", REMOTE_ADDR="192.0.2.2").status_code == 302


def test_one_locked_account_leaves_its_neighbours_in_the_office(cast: Cast, settings: Any) -> None:
    assert settings.SIGN_IN_ADDRESS_TRIES >= 5 * settings.AXES_FAILURE_LIMIT
    assert fail(Client(), 3 * settings.AXES_FAILURE_LIMIT, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert sign_in(Client(), "ben@north.example", REMOTE_ADDR="192.0.2.1").status_code == 302


def test_ones_own_sign_in_does_not_forgive_the_guessing_at_another(cast: Cast, few_of_an_address: int) -> None:
    for number in range(few_of_an_address - 1):
        fail(Client(), 1, email=f"guess{number}@north.example", REMOTE_ADDR="192.0.2.1")
    sign_in(Client(), "zoe@south.example", REMOTE_ADDR="192.0.2.1")
    assert fail(Client(), 1, REMOTE_ADDR="192.0.2.1").status_code == 429


def test_ones_own_slips_are_forgiven_by_signing_in(cast: Cast, settings: Any) -> None:
    fail(Client(), settings.AXES_FAILURE_LIMIT - 1)
    assert sign_in(Client(), "ann@north.example").status_code == 302
    assert fail(Client(), settings.AXES_FAILURE_LIMIT - 1).status_code == 200


def test_the_locked_page_says_until_when_and_the_time_holds(cast: Cast, settings: Any) -> None:
    now = timezone.now().replace(hour=12, minute=0, second=0)
    with time_machine.travel(now, tick=False):
        response = fail(Client(), settings.AXES_FAILURE_LIMIT)
    assert "12:15 UTC" in response.content.decode()
    with time_machine.travel(now + timedelta(minutes=14), tick=False):
        again = sign_in(Client(), "ann@north.example")
    assert (again.status_code, "12:15 UTC" in again.content.decode()) == (429, True)
    with time_machine.travel(now + timedelta(minutes=15, seconds=1), tick=False):
        assert sign_in(Client(), "ann@north.example").status_code == 302


@pytest.mark.parametrize("backend", ["console", "smtp"])
def test_the_locked_page_speaks_of_mail_only_where_mail_leaves(cast: Cast, settings: Any, backend: str) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"django.core.mail.backends.{backend}.EmailBackend"}}
    page = fail(Client(), settings.AXES_FAILURE_LIMIT).content.decode()
    assert ("by mail unlocks" in page) is (backend == "smtp")


def test_the_locked_page_of_an_address_says_until_when(cast: Cast, few_of_an_address: int) -> None:
    now = timezone.now().replace(hour=12, minute=0, second=0)
    with time_machine.travel(now, tick=False):
        for number in range(few_of_an_address):
            fail(Client(), 1, email=f"guess{number}@north.example", REMOTE_ADDR="192.0.2.1")
    with time_machine.travel(now + timedelta(minutes=9), tick=False):
        page = sign_in(Client(), "ann@north.example", REMOTE_ADDR="192.0.2.1").content.decode()
    assert "12:15 UTC" in page


def test_the_locked_page_is_the_same_for_an_address_nobody_has(cast: Cast, settings: Any) -> None:
    now = timezone.now()
    pages = []
    with time_machine.travel(now, tick=False):
        for email, address in (("ann@north.example", "192.0.2.1"), ("nobody@north.example", "192.0.2.2")):
            response = fail(Client(), settings.AXES_FAILURE_LIMIT, email=email, REMOTE_ADDR=address)
            pages.append(_without_tokens(response.content.decode()))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(("proxies", "locked"), [([], True), (["10.0.0.0/8"], False)])
def test_a_forwarded_address_counts_only_behind_a_named_proxy(
    cast: Cast, settings: Any, few_of_an_address: int, proxies: list[str], locked: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    for number in range(few_of_an_address):
        email = f"guess{number}@north.example"
        fail(Client(), 1, email=email, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.9, 192.0.2.{number}")
    response = sign_in(Client(), "ann@north.example", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.1")
    assert (response.status_code == 429) is locked


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "https:evil.example", "javascript:alert(1)", "\\\\evil.example"]
)
def test_next_leads_nowhere_else(cast: Cast, target: str) -> None:
    client = Client()
    response = client.post(f"{SIGN_IN}?next={target}", {"username": "ann@north.example", "password": PASSWORD, "next": target})
    assert response.url == reverse("overview")


def test_next_leads_back_inside(cast: Cast, client: Client) -> None:
    response = client.post(SIGN_IN, {"username": "ann@north.example", "password": PASSWORD, "next": "/settings/team/"})
    assert response.url == "/settings/team/"


def test_a_demotion_counts_from_the_next_request(cast: Cast, client: Client) -> None:
    client.force_login(cast.mo)
    assert client.get("/settings/team/").status_code == 200
    Membership.objects.filter(user=cast.mo).update(role=Role.ANALYST)
    assert client.get("/settings/team/").status_code == 403


def test_an_expired_part_of_a_page_leads_to_sign_in_as_a_whole(cast: Cast, client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/?a=1"}
    response = client.get("/settings/team/", headers=headers)
    assert response["HX-Redirect"] == f"{SIGN_IN}?next=/settings/%3Fa%3D1"


def _without_tokens(body: str) -> str:
    """A page without what differs from one answer to the next: the CSRF token and the nonces."""
    return re.sub(r'(value|nonce)="[\w-]{20,}=*"', "", body)
