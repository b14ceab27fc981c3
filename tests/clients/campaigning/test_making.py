"""A campaign from the form to the vendor, made once, and started."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.campaigning import making
from clients.models import Campaign, CampaignOrder, Connection, MakingState, Sender
from clients.vendors.imail import Imail
from sandbox.log import Asked
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.clients.leads.bringing import KEY

pytestmark = pytest.mark.django_db
FORM, PATH = "/clients/acme/campaigns/new/", "/v1/campaigns"
WITHOUT_LEADS = {"without_leads": "yes"}
MAYA = "maya@trynorthwind.example"


def answers(**other: Any) -> dict[str, Any]:
    return {
        "name": "Autumn",
        "senders": [MAYA],
        "daily_limit": "50",
        "days": ["1", "2"],
        "start": "08:30",
        "end": "12:00",
        "zone": "lead",
        "tracks_opens": "on",
        "step1-subject": "Hello",
        "step1-body": "A word.",
        "step2-subject": "Again",
        "step2-body": "Another.",
        "step2-delay": "3",
        "step2-on": "1",
        "step2-event": "no_reply",
        "step2-within": "4",
        "step2-then": "3",
        "step2-otherwise": "0",
        "step3-subject": "Last",
        "step3-body": "The last.",
        "step3-delay": "5",
        **other,
    }


def posted(box: Sandbox) -> list[Asked]:
    return box.requests.to(PATH, "POST")


def at_the_vendor(box: Sandbox, name: str = "Autumn") -> list[Any]:
    return [one for one in box.imail.ledger(KEY).campaigns.values() if one.name == name]


def test_a_campaign_is_made_as_a_draft_of_its_steps_window_and_limit(cast: Cast, account: Connection, box: Sandbox) -> None:
    browser = signed_in(cast.mo)
    answer = browser.post(FORM, answers())
    made = Campaign.objects.get(name="Autumn")
    assert answer.headers["Location"] == f"/clients/acme/campaigns/{made.uuid}/"
    assert (made.status, made.client, made.daily_limit, made.senders) == ("draft", cast.acme, 50, [MAYA])
    body = json.loads(posted(box)[0].body)
    assert body["send_window"] == {"start": "08:30", "end": "12:00", "days": ["mon", "tue"], "timezone": "lead"}
    assert (body["track_opens"], body["track_clicks"], body["daily_limit"]) == (True, False, 50)
    assert [(step["id"], step["subject"], step["delay_days"]) for step in body["steps"]] == [
        ("s1", "Hello", 0), ("s2", "Again", 3), ("s3", "Last", 5),
    ]  # fmt: skip
    assert body["steps"][1]["condition"] == {"on": "s1", "event": "no_reply", "within_days": 4, "then": "s3", "else": None}
    assert (actions()[-1], newest_entry().after["senders"]) == ("campaign.created", 1)
    assert "is made, as a draft" in text_of(browser.get(answer.headers["Location"]))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "required"),
        ({"senders": []}, "Choose a sender"),
        ({"senders": ["theo@trynorthwind.example"]}, "not one of the available choices"),
        ({"end": "08:00"}, "before it begins"),
        ({"step1-body": ""}, "Write the mail"),
        ({"step2-event": ""}, "Say what it depends on"),
        ({"step3-subject": "", "step3-body": "", "step3-delay": ""}, "This step is empty"),
        ({"step2-subject": "", "step2-body": "", "step2-delay": "", "step2-on": "", "step2-event": "", "step2-within": ""},
         "Step 2 is empty, and a later one is not"),
        ({"step2-then": "1"}, "not one of the available choices"),
        ({"step2-delay": "61"}, "less than or equal to 60"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    cast: Cast, account: Connection, box: Sandbox, wrong: dict[str, Any], words: str
) -> None:
    answer = signed_in(cast.mo).post(FORM, answers(**wrong))
    page = text_of(answer)
    assert (answer.status_code, words in page, "The last." in page or "step3-body" in wrong) == (422, True, True)
    assert posted(box) == []


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"daily_limit": "900000"}, "daily_limit", "daily_limit must be between 1 and"),
        ({"name": "Summer win-back"}, "name", "of this name is there already"),
    ],
)
def test_what_the_vendor_refuses_stands_at_its_field(
    cast: Cast, account: Connection, box: Sandbox, asked: dict[str, Any], field: str, words: str
) -> None:
    answer = signed_in(cast.mo).post(FORM, answers(**asked))
    assert answer.status_code == 422
    assert words in answer.context["form"].errors[field][0]
    assert not CampaignOrder.objects.filter(state=MakingState.SENT).exists()


def test_an_inbox_that_is_lost_meanwhile_is_named_at_the_senders(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.change(KEY, "imail", inboxes={MAYA: {"status": "disconnected"}})
    answer = signed_in(cast.mo).post(FORM, answers())
    assert f"{MAYA} is not" in answer.context["form"].errors["senders"][0]


def test_more_steps_are_had_without_script_and_up_to_twenty(cast: Cast, account: Connection, box: Sandbox) -> None:
    answer = signed_in(cast.mo).post(FORM, answers(shown="3", more="yes", name=""))
    page = text_of(answer)
    assert (answer.status_code, 'name="step6-subject"' in page, "The last." in page) == (200, True, True)
    assert "field-error" not in page
    page = text_of(signed_in(cast.mo).post(FORM, answers(shown="999", more="yes")))
    assert ('name="step20-subject"' in page, 'name="step21-subject"' in page, "More steps" in page) == (True, False, False)
    assert posted(box) == []


@pytest.mark.parametrize("fault", [("lost", {}), ("cut", {})])
def test_an_answer_lost_after_the_act_is_one_campaign(
    cast: Cast, account: Connection, box: Sandbox, fault: tuple[str, dict[str, Any]]
) -> None:
    box.faults.add(fault[0], PATH, method="POST", **fault[1])
    assert signed_in(cast.mo).post(FORM, answers()).status_code == 302
    assert (len(posted(box)), len(at_the_vendor(box)), Campaign.objects.filter(name="Autumn").count()) == (1, 1, 1)


def test_what_may_never_have_arrived_is_looked_for_and_not_sent_again_too_soon(
    cast: Cast, account: Connection, box: Sandbox
) -> None:
    box.faults.add("close", PATH, method="POST")
    lost = signed_in(cast.mo).post(FORM, answers())
    assert (lost.status_code, making.LOST in lost.context["form"].non_field_errors()) == (422, True)
    again = signed_in(cast.mo).post(FORM, answers())
    assert (again.status_code, making.UNDER_WAY in again.context["form"].non_field_errors()) == (422, True)
    assert len(posted(box)) == 1
    CampaignOrder.objects.update(sent_at=timezone.now() - timedelta(minutes=3))
    assert signed_in(cast.mo).post(FORM, answers()).status_code == 302
    assert (len(posted(box)), len(at_the_vendor(box))) == (2, 1)


def test_a_process_that_dies_at_the_call_leaves_one_campaign_that_the_next_try_finds(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly = Imail.create_campaign

    def killed(self: Imail, new: Any) -> Any:
        truly(self, new)
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Imail, "create_campaign", killed)
        with pytest.raises(SystemExit):
            signed_in(cast.mo).post(FORM, answers())
    assert signed_in(cast.mo).post(FORM, answers()).status_code == 302
    assert (len(posted(box)), len(at_the_vendor(box))) == (1, 1)
    assert CampaignOrder.objects.get().state == MakingState.MADE


def test_a_draft_is_started_after_it_was_shown_and_read_back(
    cast: Cast, account: Connection, empty: Campaign, box: Sandbox
) -> None:
    url = f"/clients/acme/campaigns/{empty.uuid}/start/"
    assert url in text_of(signed_in(cast.mo).get(f"/clients/acme/campaigns/{empty.uuid}/"))
    assert "What has been sent can't be taken back" in text_of(signed_in(cast.mo).get(url))
    assert signed_in(cast.mo).post(url, WITHOUT_LEADS).status_code == 302
    empty.refresh_from_db()
    assert (empty.status, actions()[-1]) == ("active", "campaign.started")
    assert "no draft any more" in text_of(signed_in(cast.mo).post(url))


@pytest.mark.parametrize(("routes", "fault"), [(False, ""), (True, "lost")])
def test_a_start_is_sent_once_also_where_its_route_is_missing_or_its_answer_is_lost(
    cast: Cast, account: Connection, empty: Campaign, box: Sandbox, routes: bool, fault: str
) -> None:
    box.imail.switches.start_routes = routes
    if fault:
        box.faults.add(fault, f"{PATH}/{empty.external_id}/start", method="POST")
    assert signed_in(cast.mo).post(f"/clients/acme/campaigns/{empty.uuid}/start/", WITHOUT_LEADS).status_code == 302
    assert Campaign.objects.get(pk=empty.pk).status == "active"


def test_a_start_that_did_not_arrive_is_said_and_stays_a_draft(
    cast: Cast, account: Connection, empty: Campaign, box: Sandbox
) -> None:
    box.faults.add("close", method="POST")
    answer = signed_in(cast.mo).post(f"/clients/acme/campaigns/{empty.uuid}/start/", WITHOUT_LEADS)
    assert (answer.status_code, "broke off" in text_of(answer)) == (422, True)
    assert Campaign.objects.get(pk=empty.pk).status == "draft"


def test_its_steps_are_seen_before_it_is_made_on_its_page_and_at_its_start(cast: Cast, account: Connection, box: Sandbox) -> None:
    browser = signed_in(cast.mo)
    long = "A word.\n" + "More of it. " * 20
    typed = answers(**{"step1-body": f"<b>Hi</b> {{{{first_name}}}}\n{long}"})
    preview = browser.post(FORM, {**typed, "preview": "yes"})
    assert not posted(box)
    browser.post(FORM, typed)
    url = f"/clients/acme/campaigns/{Campaign.objects.get(name='Autumn').uuid}/"
    for page in (preview, browser.get(url), browser.get(f"{url}start/")):
        assert "<b>Hi</b>" not in page.text
        shown = text_of(page)
        assert "Step 2: 3 days after the step before" in shown
        assert "If the mail of step 1 was not answered within 4 days, step 3 follows; if not, it ends." in shown
        assert "&lt;b&gt;Hi&lt;/b&gt; {{first_name}} A word. More of it." in page.text
    assert "As it was made here on" in text_of(browser.get(url))
    Campaign.objects.update(raw={"steps": 4})
    assert "The vendor counts 4 steps now: it was changed there." in text_of(browser.get(url))


def test_both_buttons_at_once_add_steps(cast: Cast, account: Connection, box: Sandbox) -> None:
    answer = signed_in(cast.mo).post(FORM, {**answers(), "more": "yes", "preview": "yes"})
    assert (answer.status_code, posted(box)) == (200, [])


def test_what_a_step_may_name_is_said(cast: Cast, account: Connection, box: Sandbox) -> None:
    assert "<code>{{first_name}}</code>, <code>{{last_name}}</code>" in signed_in(cast.mo).get(FORM).text


def test_without_leads_it_is_started_only_once_that_was_ticked(
    cast: Cast, account: Connection, box: Sandbox, empty: Campaign
) -> None:
    Campaign.objects.filter(pk=empty.pk).update(raw={"leads": 0})
    browser, url = signed_in(cast.mo), f"/clients/acme/campaigns/{empty.uuid}/start/"
    assert "It has no leads as of the last sync" in text_of(browser.get(url))
    assert "Tick this, or bring its leads first." in text_of(browser.post(url))
    assert not box.requests.to(f"{PATH}/{empty.external_id}/start", "POST")
    assert browser.post(url, WITHOUT_LEADS).status_code == 302


def test_a_draft_is_not_offered_to_be_paused(cast: Cast, account: Connection, empty: Campaign) -> None:
    browser, url = signed_in(cast.mo), f"/clients/acme/campaigns/{empty.uuid}/"
    assert "Pause or resume" not in text_of(browser.get(url))
    Campaign.objects.filter(pk=empty.pk).update(status="active")
    assert "Pause or resume" in text_of(browser.get(url))


def test_where_no_account_makes_campaigns_the_form_says_so(cast: Cast, account: Connection) -> None:
    assert "No account to make campaigns with" in text_of(signed_in(cast.mo).get("/clients/birch/campaigns/new/"))
    assert FORM in text_of(signed_in(cast.mo).get("/clients/acme/campaigns/"))
    assert FORM not in text_of(signed_in(cast.ben).get("/clients/acme/campaigns/"))


def test_while_one_is_being_made_a_second_press_sends_nothing(
    cast: Cast, account: Connection, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    truly, second = Imail.campaign_named, []

    def pressed_again(self: Imail, name: str) -> Any:
        found = truly(self, name)
        with monkeypatch.context() as patched:
            patched.setattr(Imail, "campaign_named", truly)
            second.append(signed_in(cast.mo).post(FORM, answers()))
        return found

    with monkeypatch.context() as patched:
        patched.setattr(Imail, "campaign_named", pressed_again)
        assert signed_in(cast.mo).post(FORM, answers()).status_code == 302
    assert making.UNDER_WAY in second[0].context["form"].non_field_errors()
    assert (len(posted(box)), len(at_the_vendor(box))) == (1, 1)


def test_a_limit_left_out_is_the_vendors_most_and_over_what_its_senders_let_through(cast: Cast, account: Connection) -> None:
    browser = signed_in(cast.mo)
    form = text_of(browser.get(FORM))
    assert form.count("Each step needs one, a follow-up too.") == 2
    for name, limit in (("Autumn", ""), ("Winter", "2")):
        browser.post(FORM, answers(name=name, daily_limit=limit))
    most, little = Campaign.objects.get(name="Autumn"), Campaign.objects.get(name="Winter")
    own = Sender.objects.get(connection=account, email=MAYA).raw["daily_limit"]
    warning = f"limits let {own} mails a day through together"
    for path in (f"/clients/acme/campaigns/{most.uuid}/", f"/clients/acme/campaigns/{most.uuid}/start/"):
        shown = html.unescape(text_of(browser.get(path)))
        assert warning in shown
        assert "the vendor’s most, 5,000 mails" in shown or "what the vendor allows, 5,000 mails" in shown
        other = html.unescape(text_of(browser.get(path.replace(str(most.uuid), str(little.uuid)))))
        assert (warning in other, "most, " in other, "vendor allows" in other) == (False, False, False)
    assert "5,000, the vendor’s most" in text_of(browser.get("/clients/acme/campaigns/"))
