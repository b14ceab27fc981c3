"""Report links as they are made, turned and revoked by members: what is offered, what is shown once, and who may."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from agency.models import AuditEntry, token_hash
from clients import archiving
from reports import sharing
from reports.models import ReportLink
from tests.at_once import at_once, meet
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry, signed_in, text_of

FORM = {"name": "Ms Kay", "expires": "30", "window": "30"}


def test_t3_a_token_has_256_bits_and_only_its_hash_is_kept(cast: Cast) -> None:
    link, token = sharing.make(cast.acme, "Ms Kay", None, 30, None)
    assert len(token) >= 43
    assert link.token_hash == token_hash(token)
    assert token not in str(list(ReportLink.objects.values())) + str(list(AuditEntry.objects.values()))
    assert len({sharing.make(cast.acme, "x", None, 30, None)[1] for _ in range(20)}) == 20


def test_a_link_is_shown_once_right_after_it_is_made(cast: Cast) -> None:
    browser = signed_in(cast.mo)
    assert browser.post("/clients/acme/reports/", FORM)["Location"] == "/clients/acme/reports/"
    kept = "".join(str(session.get_decoded()) for session in Session.objects.all())
    first = browser.get("/clients/acme/reports/")
    address = first.context["fresh"]["address"]
    assert f'value="{address}"' in text_of(first)
    assert address.rsplit("/", 2)[1] not in kept, "a session is a row, and no row holds a token"
    assert address not in text_of(browser.get("/clients/acme/reports/"))
    assert Browser().get(address).status_code == 200
    assert (newest_entry().action, newest_entry().subject) == ("report_link.made", cast.acme.uuid)


def test_a_form_that_is_sent_twice_makes_one_link_and_both_answers_lead_to_its_address(cast: Cast) -> None:
    browser = signed_in(cast.mo)
    answers = [browser.post("/clients/acme/reports/", FORM) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == ["/clients/acme/reports/"] * 2
    assert actions() == ["report_link.made"]
    page = browser.get("/clients/acme/reports/")
    assert "That was sent twice: one link for Ms Kay was made." in text_of(page)
    assert Browser().get(page.context["fresh"]["address"]).status_code == 200


def test_a_form_that_is_sent_twice_at_once_makes_one_link(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, token, browsers = threading.Barrier(2), sharing.new_token, [signed_in(people.mo), signed_in(people.mo)]

    def met() -> tuple[str, str]:
        # No lock keeps anyone from here: both come, however late.
        meet(gate, 60)
        return token()

    monkeypatch.setattr(sharing, "new_token", met)
    answers: list[Any] = []
    at_once(lambda: answers.append(browsers.pop().post("/clients/acme/reports/", FORM)))
    assert [answer.status_code for answer in answers] == [302, 302]
    assert actions() == ["report_link.made"]


@pytest.mark.parametrize("other", [{"name": "Mr Lee"}, {"expires": "90"}, {"expires": "never"}, {"window": "7"}, "ann", "later"])
def test_another_link_is_another(cast: Cast, other: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        signed_in(cast.mo).post("/clients/acme/reports/", FORM)
        clock.shift(11 if other == "later" else 1)
        who, changed = (cast.ann if other == "ann" else cast.mo), other if isinstance(other, dict) else {}
        signed_in(who).post("/clients/acme/reports/", FORM | changed)
    assert ReportLink.objects.count() == 2


@pytest.mark.parametrize(("expires", "days"), [("7", 7), ("30", 30), ("90", 90), ("365", 365), ("never", None)])
def test_an_expiry_is_chosen(cast: Cast, expires: str, days: int | None) -> None:
    signed_in(cast.mo).post("/clients/acme/reports/", FORM | {"expires": expires})
    found = ReportLink.objects.get().expires_at
    assert (round((found - timezone.now()) / timedelta(days=1)) if found else None) == days


@pytest.mark.parametrize("wrong", [{"name": ""}, {"expires": "9000"}, {"window": "1"}, {"expires": ""}])
def test_what_is_not_offered_is_an_error(cast: Cast, wrong: dict[str, str]) -> None:
    assert signed_in(cast.mo).post("/clients/acme/reports/", FORM | wrong).status_code == 422
    assert not ReportLink.objects.exists()


@pytest.mark.parametrize(
    ("who", "reads", "writes"), [("ann", 200, 302), ("mo", 200, 302), ("ben", 200, 403), ("cleo", 200, 403), ("zoe", 404, 404)]
)
def test_who_may_make_turn_and_revoke(cast: Cast, who: str, reads: int, writes: int) -> None:
    link, token = sharing.make(cast.acme, "Ms Kay", 30, 30, None)
    browser = signed_in(getattr(cast, who))
    assert browser.get("/clients/acme/reports/").status_code == reads
    assert browser.post("/clients/acme/reports/", FORM).status_code == writes
    assert browser.post(f"/clients/acme/reports/{link.uuid}/new/").status_code == writes
    assert (sharing.find(token) is None) == (writes == 302)
    assert browser.post(f"/clients/acme/reports/{link.uuid}/revoke/").status_code == writes
    made = ["report_link.made"]
    assert actions() == ([*made, "report_link.made", "report_link.rotated", "report_link.revoked"] if writes == 302 else made)


def test_a_link_is_found_under_its_own_client_only(cast: Cast) -> None:
    link, _ = sharing.make(cast.acme, "Ms Kay", 30, 30, None)
    assert signed_in(cast.mo).post(f"/clients/birch/reports/{link.uuid}/revoke/").status_code == 404
    assert signed_in(cast.mo).get(f"/clients/acme/reports/{link.uuid}/revoke/").status_code == 405


def test_an_archived_client_gets_no_new_link(cast: Cast) -> None:
    archiving.archive(cast.acme, None)
    assert signed_in(cast.mo).post("/clients/acme/reports/", FORM).status_code == 422
    assert not ReportLink.objects.exists()
