"""Probes of a placement test that waits for mail from outside: its addresses, its code, its page's button."""

from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from clients.models import Mail, PlacementTest, Purpose
from clients.sending import identities
from tests.cast import Cast
from tests.clients.doing import signed_in, text_of
from tests.clients.sending.mailing import account_of
from tests.placing import account, placement_test

pytestmark = pytest.mark.django_db
CODE = "ptid_acme-7"


@pytest.fixture
def waiting(cast: Cast) -> PlacementTest:
    account_of(cast)
    test = placement_test(account(cast.north, cast.acme), {"news@acme.example": {"gmail": "P"}}, subject="Hello seeds")
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


def test_a_test_that_its_vendor_sends_is_not_written_to(cast: Cast, waiting: PlacementTest) -> None:
    PlacementTest.objects.update(raw={})
    mo, address = signed_in(cast.mo), reverse("mail-new", args=["acme"]) + f"?test={waiting.uuid}"
    assert address not in text_of(mo.get(reverse("test", args=["acme", waiting.uuid])))
    assert mo.get(address).status_code == 404
    other = signed_in(cast.mo).get(reverse("mail-new", args=["birch"]) + f"?test={waiting.uuid}")
    assert other.status_code == 404
