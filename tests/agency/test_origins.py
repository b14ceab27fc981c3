"""Forms behind an address that is itself a key: the address stays here, and the form still says where it comes from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from agency.environment import running_sandbox
from agency.models import Invitation, new_token
from tests.cast import Cast


def test_an_invitation_page_lets_its_own_form_name_its_origin(cast: Cast) -> None:
    token, hashed = new_token()
    Invitation.objects.create(
        agency=cast.north,
        email="new@north.example",
        role="analyst",
        token_hash=hashed,
        expires_at=timezone.now() + timedelta(days=1),
    )
    browser = Browser(enforce_csrf_checks=True)
    page = browser.get(reverse("invitation", args=[token]))
    # With `no-referrer` a browser posts `Origin: null`, which Django rightly refuses.
    assert page["Referrer-Policy"] in {"strict-origin", "same-origin"}


def test_a_form_without_its_token_is_refused_on_a_page_of_ours(cast: Cast) -> None:
    refused = Browser(enforce_csrf_checks=True).post(reverse("sign-in"), {"username": "a@b.example", "password": "x"})
    assert refused.status_code == 403
    assert "could not be accepted" in refused.text


@pytest.mark.parametrize(("content", "address"), [("8901", "http://127.0.0.1:8901"), ("rubbish", ""), ("", "")])
def test_commands_find_the_running_demo(tmp_path: Path, content: str, address: str) -> None:
    (tmp_path / "sandbox").write_text(content)
    assert running_sandbox(tmp_path) == address
    assert running_sandbox(tmp_path / "nowhere") == ""
