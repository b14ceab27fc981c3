from __future__ import annotations

import threading
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from agency import accounts
from agency.models import Agency, Membership, Role, User
from tests.cast import PASSWORD, Cast

NEW = {"agency": "East Mail", "name": "Eve Holm", "email": "Eve@east.example", "password": PASSWORD}


@pytest.mark.django_db
def test_an_empty_installation_begins_at_its_first_page(client: Client) -> None:
    assert client.get("/settings/", follow=True).redirect_chain[-1][0] == "/setup/"
    assert client.post("/setup/", NEW).status_code == 302
    eve = User.objects.get()
    assert (eve.email, eve.memberships.get().role, Agency.objects.get().slug) == ("eve@east.example", "owner", "east-mail")
    assert client.get("/settings/").status_code == 200


def test_setup_is_gone_once_there_is_anybody(cast: Cast, client: Client) -> None:
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/", NEW).status_code == 404
    assert not User.objects.filter(email="eve@east.example").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_up_at_once_one_succeeds() -> None:
    gate, outcomes = threading.Barrier(4), []

    def begin(number: int) -> None:
        gate.wait()
        try:
            accounts.begin(f"Agency {number}", owner_email=f"{number}@east.example", password=PASSWORD)
            outcomes.append("made")
        except accounts.AlreadyBegun:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late", "late", "late", "made"]
    assert (User.objects.count(), Agency.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_a_weak_password_begins_nothing(client: Client) -> None:
    assert client.post("/setup/", NEW | {"password": "1234567890"}).status_code == 422
    assert not User.objects.exists()


def test_agencies_of_one_name_get_slugs_of_their_own(cast: Cast) -> None:
    made = [accounts.create_agency("North", owner_email="ann@north.example") for _ in range(2)]
    assert [agency.slug for agency in made] == ["north-2", "north-3"]
    assert accounts.create_agency("✉", owner_email="ann@north.example").slug == "agency"


def test_a_new_owner_needs_a_password(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        accounts.create_agency("East", owner_email="eve@east.example")
    assert not Agency.objects.filter(name="East").exists()


def test_the_command_makes_an_agency_with_a_password_from_the_environment(db: None, monkeypatch: Any) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", PASSWORD)
    out = StringIO()
    call_command("createagency", "East Mail", "--owner", "eve@east.example", "--password-env", "OWNER_PASSWORD", stdout=out)
    assert User.objects.get().check_password(PASSWORD)
    assert Membership.objects.get().role == Role.OWNER
    assert PASSWORD not in out.getvalue()


def test_the_command_refuses_a_name_that_is_taken_and_makes_another_with_a_slug_of_its_own(cast: Cast) -> None:
    asked = ("createagency", "North", "--owner", "ann@north.example")
    with pytest.raises(CommandError, match=r"slug: ‘north’ is taken by North\. Free is ‘north-2’\."):
        call_command(*asked, verbosity=0)
    for wrong in ("south", "Two words", "x" * 51):
        with pytest.raises(CommandError, match="slug: "):
            call_command(*asked, "--slug", wrong, verbosity=0)
    assert Agency.objects.count() == 2
    out = StringIO()
    call_command(*asked, "--slug", "north-2", stdout=out)
    assert out.getvalue() == "North (north-2) belongs to ann@north.example, with the password they have.\n"


@pytest.mark.parametrize(
    ("email", "password"), [("eve@east.example", "zx81"), ("no address", PASSWORD), ("eve@east.example", "")]
)
def test_the_command_refuses_what_the_page_would_refuse(db: None, monkeypatch: Any, email: str, password: str) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", password)
    with pytest.raises(CommandError) as caught:
        call_command("createagency", "East Mail", "--owner", email, "--password-env", "OWNER_PASSWORD")
    assert password == "" or password not in str(caught.value)
    assert not Agency.objects.exists()


def test_without_a_terminal_it_says_how_a_password_is_given(db: None, monkeypatch: Any) -> None:
    def nobody(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("agency.management.commands.createagency.getpass", nobody)
    with pytest.raises(CommandError, match="--password-env"):
        call_command("createagency", "East Mail", "--owner", "eve@east.example")
    assert not Agency.objects.exists()
