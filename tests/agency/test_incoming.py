"""What of a request is believed: nothing a stranger says of himself, and no text that a database can't take."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from gunicorn.config import Config  # type: ignore[import-untyped]

from agency import supervisor
from tests.cast import PASSWORD, Cast


@pytest.mark.parametrize(("proxies", "secure"), [([], False), (["192.0.2.1"], False), (["10.0.0.0/8"], True)])
def test_that_a_visitor_came_by_tls_is_believed_from_a_named_proxy_only(
    cast: Cast, settings: Any, proxies: list[str], secure: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.1", "X-Forwarded-Host": "evil.example"}
    response = Client().get("/sign-in/", headers=said, REMOTE_ADDR="10.0.0.1")
    assert (response.status_code == 200) is secure
    left = {name for name in response.wsgi_request.META if name.startswith("HTTP_X_FORWARDED")}
    assert len(left) == (3 if secure else 0)


def test_it_is_the_first_to_look() -> None:
    assert django_settings.MIDDLEWARE[0] == "agency.incoming.ForwardedMiddleware"


def test_the_web_server_believes_no_address_by_itself() -> None:
    """Else it would say 'https' for whoever comes from this machine and claims it."""
    config = Config()
    options = config.parser().parse_args(supervisor.web_command(3)[2:])
    if options.forwarded_allow_ips is not None:  # as gunicorn does: not given, its own default stays
        config.set("forwarded_allow_ips", options.forwarded_allow_ips)
    assert config.forwarded_allow_ips == []
    dockerfile = (django_settings.BASE_DIR / "Dockerfile").read_text()
    assert '"--forwarded-allow-ips", ""' in dockerfile
    [by_hand] = re.findall(r"^\S*gunicorn .*$", (django_settings.BASE_DIR / "docs" / "running.md").read_text(), re.MULTILINE)
    assert "--forwarded-allow-ips ''" in by_hand


def test_the_health_check_is_answered_by_plain_http_and_nothing_else_is(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    healthy = Client().get("/healthz/")
    assert (healthy.status_code, healthy.text) == (200, "ok")
    for path in ("/sign-in/", "/healthz", "/r/healthz/", "/healthz/x"):
        assert Client().get(path)["Location"].startswith("https://"), path


@pytest.mark.parametrize(
    "path", ["/?tag=%00", "/?%00=1", "/clients/acme/activity/?after=%00", "/connections/new/?client=%00", "/sign-in/?next=%00"]
)
def test_a_nul_in_the_query_is_a_bad_request(cast: Cast, client: Client, path: str) -> None:
    client.force_login(cast.ann)
    response = client.get(path)
    assert response.status_code == 400
    assert "Not understood" in response.text


def test_a_nul_in_a_form_is_a_bad_request(cast: Cast, client: Client) -> None:
    client.force_login(cast.ann)
    plain = client.post("/settings/agency/", "agency=a%00b", content_type="application/x-www-form-urlencoded")
    assert (plain.status_code, client.post("/settings/agency/", {"agency": "a\0b"}).status_code) == (400, 400)
    page = client.post("/sign-in/", {"reply_to": "a\0b", "subject": "x", "<b>": "\0"}).text
    assert "The fields ‘reply to’, ‘&lt;b&gt;’ hold a character that is none" in page


def test_a_nul_in_a_cookie_is_a_bad_request(db: None) -> None:
    client = Client()
    client.cookies["sessionid"] = "\0" + "a" * 20
    assert client.get("/settings/").status_code == 400


@pytest.mark.parametrize(
    ("form", "words"),
    [({"agency": "a" * 3_000_000}, "at most 2.5 MB"), ({f"a{n}": "" for n in range(6_001)}, "at most 6,000 fields")],
)
def test_what_is_too_large_is_told_so_in_one_line(
    cast: Cast, client: Client, caplog: pytest.LogCaptureFixture, form: dict[str, str], words: str
) -> None:
    client.force_login(cast.ann)
    response = client.post("/settings/agency/", form)
    assert response.status_code == 400
    assert "Too large" in response.text
    assert words in response.text
    [record] = [record for record in caplog.records if record.name.startswith("django.security.")]
    assert record.exc_info is None


def test_a_form_without_one_passes(cast: Cast, client: Client) -> None:
    assert client.post("/sign-in/", {"username": cast.ann.email, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"])
def test_an_edge_beyond_the_calendar_is_the_first_page(cast: Cast, client: Client, at: str) -> None:
    client.force_login(cast.ann)
    assert client.get(f"/clients/acme/activity/?after={at}~0~5").status_code == 200
