"""From the form through the preview to the vendor, and what stands on the pages then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients import dispatching, sync
from clients.calling import open_vendor
from clients.models import Connection, Feed, OrderState, PlacementTest, Sender, TestOrder, TestSender
from clients.ordering import asking, automating
from clients.passes import tests as passes
from clients.passes.base import Checkpoint
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.clients.ordering.ordering import (
    GOOGLE,
    VENDOR,
    answers,
    at_the_vendor,
    confirmed,
    go_on,
    planned,
    sent,
)

pytestmark = pytest.mark.django_db
FORM = "/clients/acme/tests/new/"


def test_the_form_offers_what_the_plan_has_and_who_can_send(cast: Cast, account: Connection, box: Sandbox) -> None:
    Sender.objects.filter(email="surf@tidal.example").update(status="paused")
    page = text_of(signed_in(cast.mo).get(FORM))
    assert "Google, Professional, US" in page
    assert page.count('name="groups"') == 3
    assert page.count('name="senders"') == 3
    assert page.count("disabled") == 1
    assert "season (2)" in page  # who can't be chosen is not counted
    assert "if automated" not in page
    assert not sent(box)


def test_a_preview_says_what_it_costs_and_who_is_left_out_and_sends_nothing(
    cast: Cast, account: Connection, box: Sandbox
) -> None:
    Sender.objects.filter(email="surf@tidal.example").update(status="connection error")
    order = planned(cast.mo, account, senders=[], domains=["tidal.example"])
    page = text_of(signed_in(cast.mo).get(f"/tests/{order.uuid}/"))
    assert order.senders == ["hello@tidal.example", "lessons@tidal.example"]
    assert "surf@tidal.example" in page
    assert "connection error" in page
    assert "one real e-mail from each of 2 senders to each seed" in page
    assert "plan&#x27;s quota" in page
    assert (order.state, sent(box)) == (OrderState.PLANNED, [])


def test_what_nobody_fills_in_for_seeds_is_said_in_the_preview(cast: Cast, account: Connection) -> None:
    order = planned(cast.mo, account, subject="For {{first}}", body="Hi {{first}} of {{ company }}, {{RANDOM | a | b}}")
    page = text_of(signed_in(cast.mo).get(f"/tests/{order.uuid}/"))
    assert "Seeds see {{first}}, {{ company }} as written here: nothing is filled in for them." in page
    plain = planned(cast.mo, account)
    assert "as written here" not in text_of(signed_in(cast.mo).get(f"/tests/{plain.uuid}/"))


def test_a_name_that_was_taken_today_gets_a_number(cast: Cast, account: Connection) -> None:
    def offered() -> str:
        return str(signed_in(cast.mo).get(FORM).context["form"]["name"].value())

    first = offered()
    planned(cast.mo, account, name=first)
    assert offered() == f"{first}, 2"
    planned(cast.mo, account, name=f"{first}, 2")
    assert offered() == f"{first}, 3"


def test_how_many_seeds_is_known_from_earlier_tests(cast: Cast, account: Connection) -> None:
    sync.run(Feed.objects.get(connection=account, resource="tests").pk)
    every = [GOOGLE, "North America|US|Personal|Google", "North America|US|Professional|Outlook"]
    whole, part = planned(cast.mo, account, groups=every), planned(cast.mo, account)
    assert "at most 66 real e-mails: 3 senders × at most 22 seeds" in text_of(signed_in(cast.mo).get(f"/tests/{whole.uuid}/"))
    preview = text_of(signed_in(cast.mo).get(f"/tests/{part.uuid}/"))
    assert "at most 66 real e-mails" in preview
    assert "an earlier test with these groups and others had so many" in preview


def test_a_confirmed_test_is_made_once_and_shows_at_once(cast: Cast, account: Connection, box: Sandbox) -> None:
    order = go_on(confirmed(cast.mo, account))
    assert order.state == OrderState.MADE, order.outcome
    made = at_the_vendor(box)[0]
    assert made.email_body == "<p>Hello &lt;you&gt;,</p>\n\n<p>is it there?</p>"
    assert set(made.emails) == {f"{name}@tidal.example" for name in ("hello", "surf", "lessons")}
    test = PlacementTest.objects.get()
    assert (test.name, test.seeds, test.expected) == ("Autumn", 8, 24)
    assert TestSender.objects.filter(test=test, client=cast.acme).count() == 3
    assert "body" not in order.wanted, "the mail's text is not ours to keep"
    assert actions()[-2:] == ["test.confirmed", "test.created"]
    assert newest_entry().user == cast.mo
    for url in ("/clients/acme/tests/", f"/clients/acme/tests/{test.uuid}/"):
        assert "0 of 24 in" in text_of(signed_in(cast.mo).get(url))
    assert signed_in(cast.mo).get(f"/tests/{order.uuid}/").headers["Location"] == f"/clients/acme/tests/{test.uuid}/"
    assert len(sent(box)) == 1


def test_pressed_twice_in_two_tabs_or_loaded_again_it_is_one_test(cast: Cast, account: Connection, box: Sandbox) -> None:
    order = confirmed(cast.mo, account)
    twin = planned(cast.mo, account)
    refused = signed_in(cast.mo).post(f"/tests/{twin.uuid}/confirm/")
    assert (refused.status_code, asking.SUCH_A_ONE in text_of(refused)) == (422, True)
    assert signed_in(cast.mo).post(f"/tests/{order.uuid}/confirm/").status_code == 302
    go_on(order)
    assert signed_in(cast.mo).post(f"/tests/{twin.uuid}/confirm/").status_code == 422, "nor just after the first was made"
    assert signed_in(cast.mo).post(f"/tests/{order.uuid}/confirm/").status_code == 302
    go_on(order)
    assert (len(sent(box)), len(at_the_vendor(box))) == (1, 1)
    TestOrder.objects.filter(pk=order.pk).update(finished_at=timezone.now() - timedelta(minutes=11))
    assert signed_in(cast.mo).post(f"/tests/{twin.uuid}/confirm/").status_code == 302


def test_senders_that_changed_since_the_preview_are_not_sent(cast: Cast, account: Connection, box: Sandbox) -> None:
    order = planned(cast.mo, account)
    Sender.objects.filter(email="surf@tidal.example").update(status="paused")
    answer = signed_in(cast.mo).post(f"/tests/{order.uuid}/confirm/")
    assert (answer.status_code, "have changed" in text_of(answer)) == (422, True)
    TestOrder.objects.update(planned_at=timezone.now() - timedelta(hours=2))
    order = planned(cast.mo, account)
    TestOrder.objects.filter(pk=order.pk).update(planned_at=timezone.now() - timedelta(hours=2))
    assert "an hour old" in text_of(signed_in(cast.mo).post(f"/tests/{order.uuid}/confirm/"))
    assert not sent(box)


def test_nobody_elses_senders_can_be_chosen(cast: Cast, account: Connection) -> None:
    theirs = Sender.objects.filter(email="surf@tidal.example")
    theirs.update(client=cast.birch)
    answer = signed_in(cast.mo).post(FORM, answers(account, senders=[str(theirs.get().uuid)]))
    assert "senders" in answer.context["form"].errors
    assert planned(cast.mo, account, senders=[], tags=["season"]).senders == ["hello@tidal.example", "lessons@tidal.example"]


def test_a_test_from_outside_tells_its_code_and_where_to(cast: Cast, account: Connection, box: Sandbox) -> None:
    order = go_on(confirmed(cast.mo, account, method="outside"))
    assert order.test is not None
    page = text_of(signed_in(cast.mo).get(f"/clients/acme/tests/{order.test.uuid}/"))
    assert order.code.startswith("ptid_")
    assert f"<code>{order.code}</code>" in page
    assert "to each of its 8 seeds" in page
    assert order.code not in text_of(signed_in(cast.cleo).get(f"/clients/acme/tests/{order.test.uuid}/"))


def test_a_test_is_made_again_from_what_the_vendor_kept(cast: Cast, account: Connection, box: Sandbox) -> None:
    first = go_on(confirmed(cast.mo, account))
    assert first.test is not None
    form = signed_in(cast.mo).get(f"{FORM}?again={first.test.uuid}").context["form"]
    assert form["subject"].value() == "A question"
    assert form["body"].value().startswith("<p>Hello &lt;you&gt;")
    assert (form["body_as"].value(), form["groups"].value(), len(form["senders"].value())) == ("html", [GOOGLE], 3)


def test_a_pass_that_began_before_does_not_take_a_new_test_for_deleted(cast: Cast, account: Connection) -> None:
    order = go_on(confirmed(cast.mo, account))
    assert order.test is not None
    begun = order.test.first_seen - timedelta(seconds=5)
    with open_vendor(account) as vendor:
        in_flight = passes.TestPass(account, vendor, Checkpoint(7, begun.isoformat(), "list"))
        assert in_flight.let_go(PlacementTest.objects.exclude(seen_run=7)) == 0
    sync.run(Feed.objects.get(connection=account, resource="tests").pk)
    order.test.refresh_from_db()
    assert (order.test.gone_at, order.test.seen_run > 0) == (None, True)


def test_orders_that_are_due_are_handed_out(cast: Cast, account: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    order = confirmed(cast.mo, account)
    handed: list[tuple[str, int]] = []
    monkeypatch.setattr(dispatching, "waiting", lambda queue: 0)
    monkeypatch.setattr(dispatching.app, "send_task", lambda task, args, queue: handed.append((task, args[0])))
    assert dispatching.hand_out_tests() == 1
    assert handed == [("clients.make_test", order.pk)]


def test_the_form_costs_the_same_for_three_senders_and_for_many(cast: Cast, account: Connection) -> None:
    browser = signed_in(cast.mo)
    browser.get(FORM)
    with CaptureQueriesContext(database) as few:
        browser.get(FORM)
    Sender.objects.bulk_create(
        Sender(connection=account, client=cast.acme, external_id=f"a{n}@tidal.example", email=f"a{n}@tidal.example",
               domain="tidal.example", status="active") for n in range(400)
    )  # fmt: skip
    with CaptureQueriesContext(database) as many:
        page = text_of(browser.get(FORM))
    assert len(many) == len(few)
    assert "Acme has 403 senders here" in page


def test_an_automated_test_goes_with_its_days_and_what_shall_follow(cast: Cast, box: Sandbox) -> None:
    connection = connect(cast.north, key=box.instantly.key("agency"), label="Agency", client=cast.acme, vendor=VENDOR)
    Sender.objects.create(
        connection=connection, client=cast.acme, external_id="pat@harbour-agency.example",
        email="pat@harbour-agency.example", domain="harbour-agency.example", status="active",
    )  # fmt: skip
    cast.acme.timezone = "America/New_York"
    cast.acme.save()
    form = signed_in(cast.mo).get(FORM).context["form"]
    assert form["zone"].value() == "America/Detroit", "the vendor does not know New York"
    tag = next(iter(form.offer.labels))
    order = go_on(
        confirmed(
            cast.mo, connection, kind="automated", days=["1", "5"], start="08:00", end="17:00", zone="America/Detroit",
            **{"when1-condition": "below", "when1-threshold": "60", "when1-pause_days": "3", "when1-add_tags": [tag],
               "when2-condition": "listed", "when2-webhook": "https://hooks.example/x", "when2-slow_ramp": "on"},
        )
    )  # fmt: skip
    assert order.state == OrderState.MADE, order.outcome
    (made,) = [test for test in box.instantly.workspace("agency").tests.values() if test.name == "Autumn"]
    assert made.schedule == {
        "days": {str(day): day in (1, 5) for day in range(7)},
        "timing": {"from": "08:00", "to": "17:00"},
        "timezone": "America/Detroit",
    }
    assert made.more["automations"] == [
        {"when": {"condition": "placement_goes_below", "condition_value": 60.0},
         "then": {"pause_sending_campaigns_for": 3, "add_tags": [tag]}},
        {"when": {"condition": "added_to_blacklists"},
         "then": {"webhook_url": "https://hooks.example/x", "enable_slow_ramp": True}},
    ]  # fmt: skip
    assert not made.run_at_once
    page = text_of(signed_in(cast.mo).get(f"/tests/{order.uuid}/", follow=True))
    assert "Mon, Fri 08:00–17:00, America/Detroit" in page
    first = automating.told(order.wanted["automations"][0])
    assert first.endswith(f"put on 1 tag: ‘{form.offer.labels[tag]}’")
    assert f"put on 1 tag: ‘{form.offer.labels[tag]}’" in page.partition("After a run")[2]
