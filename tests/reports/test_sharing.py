"""Report links behave like keys: T4 to T6 of what must pass, and what their page shows."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from agency import accounts
from agency.models import Agency
from clients import archiving
from clients.models import Client
from reports import sharing
from reports.models import ReportLink
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.factories import days_ago, mail, roll_up


@pytest.fixture
def acme(cast: Cast) -> Client:
    """With mail of its own beside a neighbour's."""
    connection = connect(cast.north, key="a-key-long-enough", label="The shared account", client=cast.acme)
    for day in range(60):
        mail(connection, cast.acme, days_ago(day), {"gmail": (60, 20, 20), "outlook": (9, 0, 1)}, subject=f"Acme letter {day}")
        mail(connection, cast.birch, days_ago(day), {"gmail": (1, 0, 99)}, subject="Birch secret", domain="birch.example")
    roll_up(connection)
    return cast.acme


def link_to(client: Client, **changes: Any) -> str:
    """The path of an open link."""
    link, token = sharing.make(client, "Ms Kay", 30, 30, None)
    ReportLink.objects.filter(pk=link.pk).update(**changes)
    return f"/r/{token}/"


def test_openings_are_counted(acme: Client) -> None:
    path = link_to(acme)
    Browser().head(path)
    for _ in range(3):
        Browser().get(path)
    link = ReportLink.objects.get()
    assert link.opened == 3
    assert link.first_opened_at is not None
    assert link.last_opened_at is not None
    assert link.first_opened_at < link.last_opened_at


def test_openings_by_the_agencys_own_people_are_not_counted(acme: Client, cast: Cast) -> None:
    path = link_to(acme)
    for person in (cast.ann, cast.cleo):
        assert signed_in(person).get(path).status_code == 200
    assert ReportLink.objects.get().opened == 0
    assert "is not counted" in text_of(signed_in(cast.mo).get("/clients/acme/reports/"))
    signed_in(cast.zoe).get(path)
    left, removed = signed_in(cast.mo), signed_in(cast.ben)
    accounts.end_sessions(cast.mo)
    cast.ben.memberships.all().delete()
    for browser in (left, removed):
        browser.get(path)
    assert ReportLink.objects.get().opened == 3


@pytest.mark.parametrize("whose", ["ann", "zoe", "over", "nobody"])
def test_a_session_changes_nothing_of_the_answer_and_is_left_as_it_is(acme: Client, cast: Cast, whose: str) -> None:
    path = link_to(acme)
    browser = Browser() if whose == "nobody" else signed_in(cast.ann if whose == "over" else getattr(cast, whose))
    if whose == "over":
        Session.objects.all().delete()
    before = list(Session.objects.values())
    with time_machine.travel(timezone.now(), tick=False):
        seen, stranger = browser.get(path), Browser().get(path)
    assert plain(seen) == plain(stranger)
    assert not seen.cookies
    assert list(Session.objects.values()) == before


def plain(response: Any) -> tuple[bytes, list[tuple[str, str]]]:
    """Without the nonce of its scripts, which is another each time."""
    nonce = re.search(r"nonce-([^']+)", response["Content-Security-Policy"])
    text, headers = response.content, sorted(response.headers.items())
    if nonce is None:
        return text, headers
    return text.replace(nonce[1].encode(), b""), [(name, value.replace(nonce[1], "")) for name, value in headers]


CLOSED = ["unknown", "expired", "revoked", "rotated", "archived"]


def closed_path(client: Client, how: str) -> str:
    """Of a link that was read while it was open; an unknown one never was."""
    if how == "unknown":
        return f"/r/{secrets.token_urlsafe(32)}/"
    path, now = link_to(client), timezone.now()
    for _ in range(2):
        assert Browser().get(path).status_code == 200
    link = ReportLink.objects.get()
    match how:
        case "expired":
            ReportLink.objects.update(expires_at=now - timedelta(seconds=1))
        case "revoked":
            sharing.revoke(link, None)
        case "rotated":
            sharing.rotate(link, None)
        case "archived":
            archiving.archive(client, None)
    return path


@pytest.mark.parametrize("how", CLOSED)
def test_t5_a_link_that_was_open_is_closed_from_the_next_request_on(acme: Client, how: str) -> None:
    assert Browser().get(closed_path(acme, how)).status_code == 404


def test_t5_a_link_that_is_read_closes_at_the_very_second_it_expires(acme: Client) -> None:
    path, reader = link_to(acme), Browser()
    expires = ReportLink.objects.get().expires_at
    with time_machine.travel(expires - timedelta(seconds=1), tick=False) as clock:
        assert reader.get(path).status_code == 200
        clock.shift(1)
        assert reader.get(path).status_code == 404


def test_t5_a_reader_whose_link_was_rotated_reads_on_with_the_new_one_alone(acme: Client) -> None:
    path, reader = link_to(acme), Browser()
    assert reader.get(path).status_code == 200
    fresh = sharing.rotate(ReportLink.objects.get(), None)
    assert [reader.get(one).status_code for one in (path, f"/r/{fresh}/", path)] == [404, 200, 404]


def test_t4_unknown_expired_revoked_and_archived_look_the_same(acme: Client) -> None:
    bodies = set()
    for how in CLOSED:
        response = Browser().get(closed_path(acme, how))
        bodies.add((response.status_code, response.content, tuple(sorted(response.headers.items()))))
        ReportLink.objects.all().delete()
        Client.objects.update(archived_at=None)
    assert len(bodies) == 1
    assert b"Acme" not in bodies.pop()[1]


@pytest.mark.parametrize("guesses", [sharing.GUESSES + 20, pytest.param(10_000, marks=[pytest.mark.slow, pytest.mark.once])])
def test_t4_guesses_get_404_then_are_throttled_and_a_real_link_still_opens(acme: Client, guesses: int) -> None:
    path, visitor = link_to(acme), Browser(REMOTE_ADDR="192.0.2.7")
    with time_machine.travel(timezone.now(), tick=False):
        statuses = [visitor.get(f"/r/{secrets.token_urlsafe(32)}/").status_code for _ in range(guesses)]
    assert statuses == [404] * sharing.GUESSES + [429] * (guesses - sharing.GUESSES)
    assert visitor.get(path).status_code == 200, "readers behind the guesser's address are not shut out"
    assert Browser(REMOTE_ADDR="192.0.2.8").get("/r/x/").status_code == 404, "others are not throttled"


def test_t4_a_forged_forwarded_header_does_not_dodge_the_throttle(db: None) -> None:
    statuses = [
        Browser().get(f"/r/guess-{number}/", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in range(sharing.GUESSES + 1)
    ]
    assert statuses[-1] == 429


@pytest.mark.parametrize("token", ["x" * 5000, "%00", "..", "a%2Fb", "%F0%9F%98%80"])
def test_odd_tokens_are_not_found(db: None, token: str) -> None:
    assert Browser().get(f"/r/{token}/").status_code == 404


@pytest.mark.parametrize("closed", [False, True])
def test_t6_the_page_tells_nobody_and_sets_nothing(acme: Client, closed: bool) -> None:
    response = Browser().get("/r/nothing/" if closed else link_to(acme))
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"].startswith("noindex, nofollow")
    assert "no-store" in response["Cache-Control"]
    assert "Set-Cookie" not in response.headers
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    page = text_of(response)
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert "style=" not in page
    assert "unsafe" not in response["Content-Security-Policy"]


def test_t6_it_shows_that_client_and_nothing_else(acme: Client, cast: Cast) -> None:
    page = text_of(Browser().get(link_to(acme)))
    assert "Acme letter 1" in page
    for foreign in ("Birch", "birch.example", "mo@north", "The shared account", "/clients/", "/settings/", "InboxAlly"):
        assert foreign not in page, foreign


def test_it_carries_the_agencys_name_colour_and_logo(acme: Client) -> None:
    Agency.objects.filter(pk=acme.agency_id).update(colour="#aa3377", logo=b"\x89PNG\r\n\x1a\n0", logo_type="image/png")
    page = text_of(Browser().get(link_to(acme)))
    assert "--brand:#aa3377" in page
    assert 'src="data:image/png;base64,' in page
    assert 'alt=""><span class="public-agency">North</span>' in page


def test_subjects_and_names_are_text(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    Client.objects.filter(pk=cast.acme.pk).update(name="<img src=x onerror=alert(1)>")
    mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 1)}, subject="<script>alert(1)</script>")
    roll_up(connection)
    page = text_of(Browser().get(link_to(Client.objects.get(pk=cast.acme.pk))))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_it_costs_the_same_for_little_and_much_mail(acme: Client, django_assert_max_num_queries: Any) -> None:
    path = link_to(acme)
    with django_assert_max_num_queries(9):
        Browser().get(path)
