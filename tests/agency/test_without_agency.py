"""Somebody who is signed in and belongs to no agency."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client

from agency.models import User
from tests.cast import PASSWORD


@pytest.fixture
def root(db: None) -> Client:
    browser = Client()
    browser.force_login(User.objects.create_superuser("root@example.com", PASSWORD))
    return browser


def test_a_superuser_is_told_how_to_make_an_agency_and_the_command_works(root: Client) -> None:
    page = root.get("/")
    assert page.status_code == 200
    assert "createagency &quot;" not in (shown := page.content.decode())
    assert 'createagency "Name of the agency" --owner root@example.com' in shown
    call_command("createagency", "Name of the agency", "--owner", "root@example.com", verbosity=0)
    assert "You belong to no agency" not in root.get("/").content.decode()


def test_other_pages_are_not_there_for_a_superuser_either(root: Client) -> None:
    assert [root.get(path).status_code for path in ("/clients/", "/senders/", "/settings/team/")] == [404] * 3


def test_anybody_else_without_an_agency_sees_none(db: None) -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("gone@example.com", PASSWORD))
    assert browser.get("/").status_code == 404
