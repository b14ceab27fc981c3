"""Probes of a placement test that waits for mail from outside: its addresses, its code, its page's button."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Allowance, Mail, MailState, PlacementTest, Purpose
from clients.sending import identities
from reports import placement_test
from reports.listing.test_states import Progress
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.sending.mailing import account_of, asked
from tests.placing import account
from tests.placing import placement_test as made_test

pytestmark = pytest.mark.django_db
CODE = "ptid_acme-7"


@pytest.fixture
def waiting(cast: Cast) -> PlacementTest:
    account_of(cast)
    test = made_test(account(cast.north, cast.acme), {"news@acme.example": {"gmail": "P"}}, subject="Hello seeds")
    test.raw = {"recipients": ["seed1@seeds.example", "seed2@seeds.example"], "test_code": CODE}
    test.save(update_fields=["raw"])
    return test


def test_a_test_from_outside_is_written_to_with_its_code(cast: Cast, waiting: PlacementTest) -> None:
    mo, address = signed_in(cast.mo), reverse("mail-new", args=["acme"]) + f"?test={waiting.uuid}"
    assert address in text_of(mo.get(reverse("test", args=["acme", waiting.uuid])))
    page = text_of(mo.get(address))
    assert "seed1@seeds.example,\nseed2@seeds.example</textarea>" in page
    assert 'value="Hello seeds"' in page

    data = {"identity": identities.of(cast.acme)[0].value, "to": "seed1@seeds.example", "subject": "Hello seeds", "when": "now",
            "zone": "UTC", "batch": str(uuid.uuid4()), "confirm": "yes"}  # fmt: skip
    assert f"Put the test&#x27;s code {CODE} into the text" in text_of(mo.post(address, {**data, "text": "No code."}))
    assert not Mail.objects.exists()
    assert mo.post(address, {**data, "text": f"Look. {CODE}"}).status_code == 302
    assert Mail.objects.get().purpose == Purpose.PROBE


def told(identity: identities.Identity, left: int) -> None:
    at = {"connection": identity.connection, "identity": identity.handle}
    Allowance.objects.update_or_create(**at, defaults={"daily_cap": 60, "remaining": left, "told_at": timezone.now()})


def left_from_here(cast: Cast, test: PlacementTest, *to: str) -> None:
    asked(cast.acme, *to, test=test, purpose=Purpose.PROBE)
    Mail.objects.update(state=MailState.ACCEPTED, finished_at=timezone.now())


def test_no_more_addresses_stand_in_the_form_than_may_be_written_to_today(cast: Cast, waiting: PlacementTest) -> None:
    mo, address = signed_in(cast.mo), reverse("mail-new", args=["acme"]) + f"?test={waiting.uuid}"
    assert "addresses stand here" not in text_of(mo.get(address))
    identity = identities.of(cast.acme)[0]
    told(identity, 1)
    page = text_of(mo.get(address))
    assert "seed1@seeds.example</textarea>" in page
    assert f"1 of 2 addresses stand here: {identity.handle} may send 1 more today" in page
    assert f'"?test={waiting.uuid}&amp;from=1"' in mo.get(address).text
    rest = text_of(mo.get(f"{address}&from=1"))
    assert "seed2@seeds.example</textarea>" in rest
    assert "addresses stand here" not in rest
    told(identity, 0)
    assert "None of 2 addresses stands here" in text_of(mo.get(address))


def test_who_is_not_in_the_test_is_told_so(cast: Cast, waiting: PlacementTest) -> None:
    address = reverse("mail-new", args=["acme"]) + f"?test={waiting.uuid}"
    assert "The test was made for news@acme.example." in text_of(signed_in(cast.mo).get(address))
    PlacementTest.objects.update(senders=[identities.of(cast.acme)[0].handle])
    assert "The test was made for" not in text_of(signed_in(cast.mo).get(address))


def test_once_all_its_mails_left_sending_them_is_no_longer_the_next_step(cast: Cast, waiting: PlacementTest) -> None:
    mo, page = signed_in(cast.mo), reverse("test", args=["acme", waiting.uuid])
    assert 'class="button primary" href="/clients/acme/mails/new/' in mo.get(page).text
    left_from_here(cast, waiting, "seed1@seeds.example")
    assert 'class="button primary" href="/clients/acme/mails/new/' in mo.get(page).text
    left_from_here(cast, waiting, "seed2@seeds.example")
    shown = mo.get(page).text
    assert "Send its mails again…" in shown
    assert 'class="button primary" href="/clients/acme/mails/new/' not in shown


def test_of_a_test_from_outside_the_mails_that_left_bound_its_bar(cast: Cast, waiting: PlacementTest) -> None:
    assert placement_test._counted(Progress(0, 0), waiting, cast.acme) == Progress(0, 0)
    left_from_here(cast, waiting, "seed1@seeds.example")
    assert placement_test._counted(Progress(0, 0), waiting, cast.acme) == Progress(0, 1)
    assert placement_test._counted(Progress(2, 0), waiting, cast.acme) == Progress(2, 2)


def test_a_test_that_its_vendor_sends_is_not_written_to(cast: Cast, waiting: PlacementTest) -> None:
    PlacementTest.objects.update(raw={})
    mo, address = signed_in(cast.mo), reverse("mail-new", args=["acme"]) + f"?test={waiting.uuid}"
    assert address not in text_of(mo.get(reverse("test", args=["acme", waiting.uuid])))
    assert mo.get(address).status_code == 404
    other = signed_in(cast.mo).get(reverse("mail-new", args=["birch"]) + f"?test={waiting.uuid}")
    assert other.status_code == 404
