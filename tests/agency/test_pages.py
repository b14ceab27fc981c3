from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from agency import urls
from tests.cast import Cast

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = {".html", ".js", ".css", ".svg"}
OURS = [file for folder in ("templates", "static") for file in (ROOT / folder).rglob("*") if file.suffix in KINDS]
FETCHES = [
    tag for file in OURS if file.suffix == ".html" for tag in re.findall(r"<[^>]*hx-(?:get|post)=[^>]*>", file.read_text())
]


def breaks(request: HttpRequest) -> HttpResponse:
    token = "canary"
    raise RuntimeError(f"the disk is full {token}")


def test_a_first_page_weighs_less_than_sixty_kilobytes(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    page = client.get("/settings/").content
    files = [str(finders.find(name)) for name in re.findall(rb'(?:src|href)="/static/([^"]+)"'.decode(), page.decode())]
    weight = sum(len(gzip.compress(body)) for body in (page, *(Path(file).read_bytes() for file in files)))
    assert len(files) > 8
    assert weight < 60_000


@pytest.mark.parametrize("file", OURS, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_of_ours_needs_a_looser_policy(file: Path) -> None:
    text = file.read_text()
    if file.suffix == ".html":
        assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=|javascript:|hx-on|js:", text)
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))", text)
        assert not re.search(r"<style(?![^>]*nonce)", text)
    assert "http://" not in text.replace("http://www.w3.org/", "")
    assert "https://" not in text


@pytest.mark.parametrize("target", FETCHES)
def test_whatever_htmx_fetches_has_an_address_without_it(target: str) -> None:
    assert re.search(r"\s(href|action|hx-trigger)=", target), target


def test_a_page_that_breaks_shows_no_trace(cast: Cast, settings: Any) -> None:
    settings.ROOT_URLCONF = type(
        "Broken", (), {"urlpatterns": [*urls.urlpatterns, path("breaks/", breaks)], "handler500": urls.handler500}
    )
    response = Client(raise_request_exception=False).get("/breaks/")
    body = response.content.decode()
    assert response.status_code == 500
    assert "Something broke" in body
    assert "canary" not in body
    assert "Traceback" not in body
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("error", [OperationalError("canary: could not connect to 10.1.2.3"), InterfaceError("canary")])
def test_a_database_that_is_away_is_said_so(cast: Cast, settings: Any, error: Exception) -> None:
    def asks(request: Any) -> Any:
        raise error

    settings.ROOT_URLCONF = type(
        "Away", (), {"urlpatterns": [*urls.urlpatterns, path("asks/", asks)], "handler500": urls.handler500}
    )
    response = Client(raise_request_exception=False).get("/asks/")
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "The database does not answer" in response.content.decode()
    assert "canary" not in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_strangers_address_sets_no_cookie(db: None, client: Client) -> None:
    response = client.get("/nowhere/")
    assert (response.status_code, dict(response.cookies)) == (404, {})
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_a_part_brings_its_messages_along(cast: Cast, client: Client) -> None:
    class Message:
        level_tag = "error"

        def __str__(self) -> str:
            return "<b>"

    html = render_to_string("parts/messages.html", {"out_of_band": True, "messages": [Message()]})
    assert 'hx-swap-oob="true"' in html
    assert '<p class="banner bad">&lt;b&gt;</p>' in html


def test_names_of_people_and_agencies_are_only_words(cast: Cast, client: Client) -> None:
    script = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    for row in (cast.north, cast.ann):
        row.name = script
        row.save(update_fields=["name"])
    client.force_login(cast.ann)
    for address in ("/settings/", "/settings/team/", "/settings/branding/", "/profile/"):
        body = client.get(address).content.decode()
        assert "<script>alert" not in body
        assert "<img src=x" not in body


def test_a_person_without_an_agency_can_still_sign_out(cast: Cast, client: Client) -> None:
    cast.ben.memberships.all().delete()
    client.force_login(cast.ben)
    response = client.get("/settings/")
    assert response.status_code == 404
    assert 'action="/sign-out/"' in response.content.decode()


@pytest.mark.parametrize(("address", "current"), [("/", {"Overview": "page"}), ("/clients/", {"Clients": "page"}),
    ("/clients/acme/", {"Clients": "true"}), ("/connections/", {"Connections": "page"}),
    ("/unassigned/", {"Connections": "true"}), ("/settings/", {})])  # fmt: skip
def test_the_bar_says_where_one_is(cast: Cast, client: Client, address: str, current: dict[str, str]) -> None:
    client.force_login(cast.ann)
    links = client.get(address).context["navigation"]()
    assert {link.label: link.current for link in links if link.current} == current


@pytest.mark.parametrize(("who", "shown"), [("ann", True), ("mo", True), ("ben", True), ("cleo", False)])
def test_the_bar_leads_to_connections_whoever_may_see_them(cast: Cast, client: Client, who: str, shown: bool) -> None:
    client.force_login(getattr(cast, who))
    labels = [link.label for link in client.get("/").context["navigation"]()]
    assert [label for label in labels if label != "Changes"] == [
        "Overview", "Clients", "Senders", "Seeds", *(["Connections"] if shown else []),
    ]  # fmt: skip


@pytest.mark.parametrize(("who", "shown"), [("ann", True), ("mo", True), ("ben", False), ("cleo", False)])
def test_the_bar_leads_to_changes_whoever_may_make_them(cast: Cast, client: Client, who: str, shown: bool) -> None:
    client.force_login(getattr(cast, who))
    assert ("Changes" in [link.label for link in client.get("/").context["navigation"]()]) == shown


def test_a_browser_that_asks_for_an_icon_by_habit_gets_it(client: Client) -> None:
    assert client.get("/favicon.ico")["Location"].endswith("img/favicon.svg")


@pytest.mark.parametrize("address", ["/", "/clients/acme/", "/settings/", "/settings/team/", "/profile/", "/profile/password/"])
def test_no_store_on_the_way_keeps_a_members_page(cast: Cast, client: Client, address: str) -> None:
    client.force_login(cast.ann)
    for headers in ({}, {"HX-Request": "true"}):
        response = client.get(address, headers=headers)
        assert response.status_code == 200
        assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
