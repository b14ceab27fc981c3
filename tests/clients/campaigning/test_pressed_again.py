"""The form of a campaign sent again: pressed twice, after an answer that was lost, or beside somebody else's."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.campaigning import making
from clients.models import Campaign, CampaignOrder, Connection, MakingState
from clients.vendors import waiting
from clients.vendors.errors import VendorDown
from clients.vendors.imail import Imail
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.campaigning.test_making import FORM, PATH, answers, posted
from tests.clients.doing import actions, signed_in, text_of

pytestmark = pytest.mark.django_db


def test_what_was_changed_after_an_answer_was_lost_is_said_not_to_be_in_it(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly, looks = Imail.campaign_named, iter([True, False])

    def away(self: Imail, name: str) -> Any:
        if next(looks):
            return truly(self, name)
        raise VendorDown("It is away.")

    box.faults.add("lost", PATH, method="POST")
    with monkeypatch.context() as patched:
        patched.setattr(Imail, "campaign_named", away)
        lost = signed_in(cast.mo).post(FORM, answers())
    assert (lost.status_code, making.LOST in lost.context["form"].non_field_errors()) == (422, True)
    CampaignOrder.objects.update(sent_at=timezone.now() - timedelta(minutes=4))

    browser = signed_in(cast.mo)
    answer = browser.post(FORM, answers(**{"step1-subject": "Good day", "daily_limit": "60"}))
    assert (answer.status_code, len(posted(box)), Campaign.objects.get(name="Autumn").daily_limit) == (302, 1, 50)
    said = html.unescape(text_of(browser.get(answer.headers["Location"])))
    assert "What was changed since is not in it: mails a day, step 1." in said


def test_pressed_twice_it_leads_to_the_one_campaign(cast: Cast, account: Connection, box: Sandbox) -> None:
    places = {signed_in(cast.mo).post(FORM, answers()).headers["Location"] for _ in range(3)}
    assert (len(places), len(posted(box)), actions().count("campaign.created")) == (1, 1, 1)
    other = signed_in(cast.mo).post(FORM, answers(daily_limit="60"))
    assert "is there already" in other.context["form"].errors["name"][0]


@pytest.mark.parametrize("becomes", [MakingState.MADE, MakingState.FAILED])
def test_a_second_press_waits_for_what_becomes_of_the_first(
    cast: Cast, account: Connection, empty: Campaign, box: Sandbox, monkeypatch: pytest.MonkeyPatch, becomes: MakingState
) -> None:
    def killed(self: Imail, new: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Imail, "create_campaign", killed)
        with pytest.raises(SystemExit):
            signed_in(cast.mo).post(FORM, answers())
    made = {"campaign": empty} if becomes == MakingState.MADE else {}
    monkeypatch.setattr(waiting, "pause", lambda seconds: CampaignOrder.objects.update(state=becomes, **made))
    answer = signed_in(cast.mo).post(FORM, answers())
    wanted = empty if made else Campaign.objects.get(name="Autumn")
    assert answer.headers["Location"] == f"/clients/acme/campaigns/{wanted.uuid}/"
    assert len(posted(box)) == (not made)


@pytest.mark.parametrize("whose", ["another client's", "somebody's, made long after"])
def test_a_campaign_of_the_same_name_that_is_not_ours_is_left_alone(
    cast: Cast, account: Connection, box: Sandbox, whose: str
) -> None:
    order = CampaignOrder.objects.create(connection=account, client=cast.acme, name="Summer win-back")
    old = {"client": cast.birch} if whose.startswith("another") else {"sent_at": timezone.now() - timedelta(days=3000)}
    CampaignOrder.objects.update(**old)
    answer = signed_in(cast.mo).post(FORM, answers(name="Summer win-back"))
    assert "is there already" in answer.context["form"].errors["name"][0]
    order.refresh_from_db()
    assert order.state == (MakingState.SENT if "client" in old else MakingState.FAILED)
