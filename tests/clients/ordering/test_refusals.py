"""The vendor's noes: at the field that they are about, in its own words, with nothing lost of what was typed."""

from __future__ import annotations

import pytest

from clients.forms import addresses
from clients.models import Connection, OrderState, Sender
from clients.vendors import instantly_making as making
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import actions, signed_in, text_of
from tests.clients.ordering.ordering import GOOGLE, PATH, VENDOR, answers, confirmed, go_on, planned, sent

pytestmark = pytest.mark.django_db
FORM = "/clients/acme/tests/new/"
AUTOMATED = {"kind": "automated", "days": ["1", "3"], "start": "08:00", "end": "17:00", "zone": "America/Chicago"}


def test_a_plan_without_automated_tests_says_so_at_the_kind(cast: Cast, account: Connection, box: Sandbox) -> None:
    order = go_on(confirmed(cast.mo, account, **AUTOMATED))
    assert order.state == OrderState.FAILED
    answer = signed_in(cast.mo).get(f"/tests/{order.uuid}/", follow=True)
    form = answer.context["form"]
    assert "HyperGrowth" in str(form.errors["kind"])
    assert form["subject"].value() == "A question"
    assert form["body"].value() == order.wanted["body"]
    assert (form["days"].value(), form["groups"].value()) == (["1", "3"], [GOOGLE])
    assert actions()[-1] == "test.failed"


def test_an_account_that_is_gone_there_is_said_at_the_senders(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.instantly.change("tidal", {"remove_accounts": ["surf@tidal.example"]})
    order = go_on(confirmed(cast.mo, account))
    form = signed_in(cast.mo).get(f"{FORM}?order={order.uuid}").context["form"]
    assert "1 account(s) not found" in str(form.errors["senders"])


def test_words_of_the_validator_stand_at_their_field(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.instantly.switches.turn({"refuses_tests": "body/email_subject must NOT have more than 78 characters"})
    order = go_on(confirmed(cast.mo, account))
    form = signed_in(cast.mo).get(f"/tests/{order.uuid}/", follow=True).context["form"]
    assert "more than 78 characters" in str(form.errors["subject"])
    top = text_of(signed_in(cast.mo).get(f"{FORM}?order={order.uuid}")).partition("<textarea")[0]
    assert "Instantly did not make it:" in top
    assert '<a href="#id_subject">Subject</a>: ' in top, "what stands at a field far down is named above the form"
    box.instantly.switches.turn({"refuses_tests": "", "asks_for_campaign": True})
    order = go_on(confirmed(cast.mo, account))
    assert "campaign_id" in text_of(signed_in(cast.mo).get(f"{FORM}?order={order.uuid}"))


def test_what_is_wrong_in_a_form_is_listed_above_it(cast: Cast, account: Connection) -> None:
    answer = signed_in(cast.mo).post(FORM, answers(account, senders=[], groups=[], subject=""))
    top = text_of(answer).partition('name="kind"')[0]
    for field, label in (("subject", "Subject"), ("senders", "Senders"), ("groups", "Seed groups")):
        assert f'<a href="#id_{field}">{label}</a>: ' in top
        assert f'id="id_{field}"' in text_of(answer)
    assert "put right first" not in text_of(signed_in(cast.mo).get(FORM))


def test_a_refusal_of_nothing_in_particular_stands_above_the_form(cast: Cast, account: Connection, box: Sandbox) -> None:
    box.faults.add("error", PATH, method="POST", status=403)
    order = go_on(confirmed(cast.mo, account))
    page = text_of(signed_in(cast.mo).get(f"/tests/{order.uuid}/"))
    assert "Change it and try again" in page
    assert "inbox_placement_tests:create" in page
    assert "inbox_placement_tests:create" in text_of(signed_in(cast.mo).get(f"{FORM}?order={order.uuid}"))


def test_a_key_that_only_reads_is_told_the_scope_it_lacks(cast: Cast, box: Sandbox) -> None:
    connection = connect(cast.north, key=box.instantly.key("readonly"), label="Reader", client=cast.acme, vendor=VENDOR)
    Sender.objects.create(
        connection=connection, client=cast.acme, external_id="pat@harbour-agency.example", email="pat@harbour-agency.example",
        domain="harbour-agency.example", status="active",
    )  # fmt: skip
    order = go_on(confirmed(cast.mo, connection))
    assert order.state == OrderState.FAILED
    assert "may lack the scope inbox_placement_tests:create" in order.outcome
    page = text_of(signed_in(cast.mo).get(f"/connections/{connection.uuid}/"))
    assert "<dt>May only read</dt>" in page


@pytest.mark.parametrize(("key", "said"), [("noplan", "plan does not include this"), ("noplacement", "may lack the scope")])
def test_seeds_that_cannot_be_had_are_explained_and_nothing_typed_is_lost(cast: Cast, box: Sandbox, key: str, said: str) -> None:
    connection = connect(cast.north, key=box.instantly.key(key), label="Poor", client=cast.acme, vendor=VENDOR)
    sender = Sender.objects.create(connection=connection, client=cast.acme, external_id="a@b.example", email="a@b.example",
                                   domain="b.example", status="active")  # fmt: skip
    browser = signed_in(cast.mo)
    assert said in text_of(browser.get(FORM))
    answer = browser.post(FORM, answers(connection))
    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors["groups"])
    page = text_of(answer)
    assert "Hello &lt;you&gt;" in page
    assert f'value="{sender.uuid}" checked' in page
    assert f'value="{GOOGLE}"' in page


def test_what_makes_no_sense_is_said_before_anything_is_asked(cast: Cast, account: Connection, box: Sandbox) -> None:
    def wrong(**other: object) -> dict[str, object]:
        answer = signed_in(cast.mo).post(FORM, answers(account, **other))
        assert answer.status_code == 422
        return dict(answer.context["form"].errors)

    assert "groups" in wrong(groups=[])
    assert "senders" in wrong(senders=[])
    for name in ("name", "subject"):
        assert "one line" in str(wrong(**{name: "Autumn\r\nBcc: x@y.example"})[name])
    assert "nothing in it" in str(wrong(body=" \r\n\t\xa0")["body"])
    assert {"days", "zone"} <= set(wrong(**{**AUTOMATED, "days": [], "zone": "America/New_York"}))
    assert "end" in wrong(**{**AUTOMATED, "end": "07:00"})
    assert "__all__" in wrong(**AUTOMATED, **{"when1-condition": "below", "when1-pause": "on"})
    assert "__all__" in wrong(**AUTOMATED, **{"when1-pause": "on"})
    order = planned(cast.mo, account, days=["9"], end="07:00")
    assert "days" not in order.wanted, "of a one-time test nobody asks when it runs"
    assert not sent(box)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example/x", "https://"),
        ("https://me:geheim@hooks.example/x", "before the @"),
        ("http://me:geheim@hooks.example/x", "https://"),
        ("https://127.0.0.1/x", "public internet"),
        ("https://10.1.2.3:8443/", "public internet"),
        ("https://[::1]/", "public internet"),
        ("https://localhost/x", "public internet"),
        ("https://hooks.internal/x", "public internet"),
    ],
)
def test_an_automation_calls_nothing_inside(cast: Cast, account: Connection, box: Sandbox, url: str, said: str) -> None:
    when = {"when1-condition": "listed", "when1-webhook": url}
    answer = signed_in(cast.mo).post(FORM, answers(account, **AUTOMATED, **when))
    assert answer.status_code == 422
    assert said in str(answer.context["form"].automations[0].errors["webhook"])
    assert "geheim" not in answer.text


def test_a_password_in_an_address_is_never_printed() -> None:
    assert addresses.without_password("https://me:geheim@hooks.example/x?a=b@c") == "https://hooks.example/x?a=b@c"
    assert "geheim" not in addresses.without_password("https://me:geheim@[broken/x")
    assert addresses.without_password("https://hooks.example/x@y") == "https://hooks.example/x@y"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("body/schedule/days must be object", "days"),
        ("body/schedule/timezone must be equal to one of the allowed values", "zone"),
        ("body/schedule must have required property 'timing'", "start"),
        ("body/schedule/timing must have required property 'to'", "end"),
        ("body must have required property 'delivery_mode'", "delivery"),
        ("body/recipients_labels/0 must be equal to one of the allowed values", "groups"),
        ("body/automations must be array", "automations"),
        ("body/automations/0/when/condition must be string", "automations/0/condition"),
        ("body/automations/1/then/add_tags/0 must be uuid", "automations/1/add_tags"),
        ("body/automations/2 must have required property 'then'", "automations/2/condition"),
        ("email_subject contains words that are not allowed", "subject"),
        ("Either tags or emails must be provided", "senders"),
        ("1 account(s) not found", "senders"),
        ("Automated tests are only available for HyperGrowth plans", "kind"),
    ],
)
def test_the_validators_words_are_read(said: str, field: str) -> None:
    assert making.pointed(said) == {field: said}


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Something went wrong",
        "emails",
        "recipients of it are gone",
        "body must NOT have additional properties",
        "body/nowhere is bad",
    ],
)
def test_words_that_point_nowhere_are_about_nothing_in_particular(said: str) -> None:
    assert making.pointed(said) == {}
