"""A form sent after its session has ended, and an address that takes forms alone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.agency.test_sign_in import sign_in
from tests.cast import PASSWORD, Cast

INVITE = "/settings/team/invite/"


def next_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["next"][0]


def test_a_form_sent_without_a_session_leads_back_to_its_page(cast: Cast, client: Client) -> None:
    asked = client.post(INVITE, {"email": "new@north.example"}, headers={"referer": "http://testserver/settings/team/?a=1"})
    assert next_of(asked.url) == "/settings/team/?a=1"
    assert "nothing of what you sent was taken" in client.get(asked.url).text
    back = client.post("/sign-in/", {"username": cast.ann.email, "password": PASSWORD, "next": next_of(asked.url)}, follow=True)
    assert (back.status_code, back.request["PATH_INFO"]) == (200, "/settings/team/")


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/settings/", "javascript:alert(1)", "/settings/", "http://["])
def test_another_sites_page_is_never_gone_back_to(cast: Cast, client: Client, referer: str) -> None:
    assert next_of(client.post(INVITE, headers={"referer": referer}).url) == INVITE


def test_a_page_that_was_only_read_is_where_a_sign_in_leads(cast: Cast, client: Client) -> None:
    asked = client.get("/settings/?a=1", headers={"referer": "http://testserver/clients/"})
    assert next_of(asked.url) == "/settings/?a=1"
    assert "nothing of what you sent" not in client.get(asked.url).text


@pytest.mark.parametrize(
    ("address", "above"), [(INVITE, "/settings/team/"), ("/sign-out/", "/"), ("/unassigned/claim/", "/unassigned/")]
)
def test_an_address_that_takes_forms_alone_says_so_and_leads_to_its_page(
    cast: Cast, client: Client, address: str, above: str
) -> None:
    sign_in(client, cast.ann.email)
    shown = client.get(address)
    assert (shown.status_code, shown["Allow"]) == (405, "POST" if address != "/sign-out/" else "POST, OPTIONS")
    assert "only takes what a page sends to it" in shown.text
    assert f'href="{above}"' in shown.text
    assert client.get(above).status_code == 200


def test_what_is_no_browser_gets_the_bare_answer(cast: Cast, client: Client) -> None:
    assert client.get(INVITE, headers={"accept": "application/json"}).content == b""
    assert client.put(INVITE).content == b""
