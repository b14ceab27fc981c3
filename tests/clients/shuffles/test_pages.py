"""Planning, confirming and watching a shuffle on its pages, with the vendor answering over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agency.models import AuditEntry
from clients.models import Client, Connection, SeedBook, Shuffle, ShuffleSchedule, ShuffleState
from clients.shuffles import asking, scheduling, seedbook, wording
from clients.vendors.shuffles import CUSTOM, Order
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import HTMX, signed_in, text_of
from tests.clients.shuffles.shuffling import HALF, confirmed, go_on, sent, to_its_end

pytestmark = pytest.mark.django_db
MIX = {"gmail": 84, "outlook": 48, "yahoo": 36, "google_workspace": 24, "hotmail": 24, "microsoft_365": 24}
#: A new mix as its form sends it.
NEW_MIX = {
    "method": "custom",
    **{f"share-{provider}": share for provider, share in zip(MIX, (50, 10, 10, 10, 10, 10), strict=True)},
}


def plan(account: Connection, cast: Cast, data: dict[str, Any], **headers: str) -> Any:
    return signed_in(cast.mo).post(f"/seeds/{account.uuid}/shuffle/", data, headers=headers)


def typed(shuffle: Shuffle, text: str) -> dict[str, str]:
    named = " ".join(str(client.uuid) for client in seedbook.served(shuffle.connection))
    return {"typed": text, "named": named}


def test_each_method_has_its_form_with_the_mix_of_now(account: Connection, cast: Cast) -> None:
    page = text_of(signed_in(cast.mo).get(f"/seeds/{account.uuid}/shuffle/"))
    for method in ("in_place", "in_place_by_provider", "custom"):
        assert f'value="{method}"' in page
    assert "84 seeds now." in page
    assert 'name="share-gmail" value="35"' in page, "a new mix begins with the old one"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["without scripts", "htmx"])
def test_the_mix_is_shown_before_anything_is_planned(
    account: Connection, cast: Cast, box: Sandbox, headers: dict[str, str]
) -> None:
    response = plan(account, cast, {**NEW_MIX, "preview": "yes"}, **headers)
    page = text_of(response)
    assert response.status_code == 200
    assert '<td class="number">120 <span class="muted">+36</span></td>' in page
    assert "0 to 84" in page
    assert ("<html" in page) != bool(headers)
    assert not Shuffle.objects.exists()
    assert not box.requests


def test_what_makes_no_sense_is_said_at_its_field_and_what_was_typed_stays(account: Connection, cast: Cast) -> None:
    response = plan(account, cast, {**NEW_MIX, "share-gmail": "70"})
    page = text_of(response)
    assert response.status_code == 422
    assert "it adds up to 120" in page
    assert 'name="share-gmail" value="70"' in page
    assert 'aria-invalid="true"' in text_of(plan(account, cast, {"method": "in_place", "percentage": "101"}))
    assert "The mix must add up to 100" in text_of(
        plan(account, cast, {**NEW_MIX, "share-gmail": "70", "preview": "yes"}, **HTMX)
    )
    assert not Shuffle.objects.exists()


def test_a_plan_names_every_client_and_is_confirmed_by_typing_the_label(account: Connection, cast: Cast, box: Sandbox) -> None:
    account.scopes.create(client=cast.birch, kind="domain", value="birch.example")
    browser = signed_in(cast.mo)
    response = plan(account, cast, {**NEW_MIX, "reason": "Gmail matters"})
    made = Shuffle.objects.get()
    assert response.url == f"/shuffles/{made.uuid}/"
    page = text_of(browser.get(response.url))
    assert "<strong>Acme, Birch</strong>" in page
    assert "Gmail matters" in page
    for wrong in ("", "Main", "main accounts"):
        refused = browser.post(f"/shuffles/{made.uuid}/confirm/", typed(made, wrong))
        assert refused.status_code == 422
        assert "nothing was sent" in text_of(refused).lower()
    browser.post(f"/shuffles/{made.uuid}/confirm/", typed(made, " main  Account "))
    made.refresh_from_db()
    assert (made.state, made.actor, sorted(made.clients.values_list("name", flat=True))) == ("ready", "Mo", ["Acme", "Birch"])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.address, entry.reason) == ("shuffle.confirmed", "Mo", "127.0.0.1", "Gmail matters")
    assert entry.after["clients"] == ["Acme", "Birch"]
    assert entry.subject == account.uuid
    assert not sent(box), "a worker sends it"


def test_a_client_that_came_between_is_named_first(account: Connection, cast: Cast) -> None:
    made = asking.plan(account, HALF, None)
    data = typed(made, "Main account")
    account.scopes.create(client=cast.birch, kind="domain", value="birch.example")
    response = signed_in(cast.mo).post(f"/shuffles/{made.uuid}/confirm/", data)
    assert response.status_code == 422
    assert "serves other clients" in text_of(response)
    assert "Birch" in text_of(response)
    made.refresh_from_db()
    assert made.state == ShuffleState.PLANNED
    assert signed_in(cast.mo).post(f"/shuffles/{made.uuid}/confirm/", typed(made, "Main account")).status_code == 302


def test_a_plan_in_cooldown_says_until_when(account: Connection, cast: Cast, box: Sandbox) -> None:
    with seedbook.open_vendor(account) as vendor:
        vendor.shuffle(HALF)
    response = plan(account, cast, NEW_MIX)
    until = wording.moment(box.clock.now() + timedelta(days=30))
    assert response.status_code == 422
    assert f"In cooldown until {until}." in text_of(response)
    assert not Shuffle.objects.exclude(origin="vendor").exists()
    shown = text_of(signed_in(cast.mo).get(f"/seeds/{account.uuid}/shuffle/")).partition("<main")[2]
    assert shown.index(f"In cooldown until {until}.") < shown.index("A shuffle replaces") < shown.index("Show the mix")
    assert ("primary" in shown, ">Preview<" in shown, 'name="reason"' in shown) == (False, False, False)


def test_a_vendor_that_cannot_be_asked_does_not_keep_from_planning(account: Connection, cast: Cast, box: Sandbox) -> None:
    box.faults.add("error", times=None, status=503)
    assert plan(account, cast, NEW_MIX).status_code == 302


def test_a_stale_plan_leads_to_a_new_one(account: Connection, cast: Cast) -> None:
    made = asking.plan(account, HALF, None)
    Shuffle.objects.update(planned_at=timezone.now() - timedelta(hours=2))
    page = text_of(signed_in(cast.mo).get(f"/shuffles/{made.uuid}/"))
    assert "more than an hour old" in page
    assert "Shuffle now" not in page
    response = signed_in(cast.mo).post(f"/shuffles/{made.uuid}/confirm/", typed(made, "Main account"))
    assert response.status_code == 422
    assert "more than an hour old" in text_of(response)


def test_progress_is_asked_for_until_it_ends(account: Connection, cast: Cast) -> None:
    made, browser = confirmed(account), signed_in(cast.ben)
    path = f"/shuffles/{made.uuid}/progress/"
    part = text_of(browser.get(path, headers=HTMX))
    assert "Waiting for a worker" in part
    assert f'hx-get="{path}"' in part
    assert "Reading the new seeds" in text_of(browser.get(path, headers={**HTMX, "x": str(go_on(made))}))
    to_its_end(made)
    ended = text_of(browser.get(path, headers=HTMX))
    assert "120 of 240 seeds went, 120 came." in ended
    assert "hx-get" not in ended
    assert browser.get(path).url == f"/shuffles/{made.uuid}/"


def test_one_that_nobody_takes_up_asks_for_the_worker(account: Connection, cast: Cast) -> None:
    made = confirmed(account)
    Shuffle.objects.update(next_at=timezone.now() - timedelta(minutes=1))
    assert "Waiting for the worker" in text_of(signed_in(cast.ben).get(f"/shuffles/{made.uuid}/"))


def test_an_analyst_may_look_and_not_act(account: Connection, cast: Cast) -> None:
    made = asking.plan(account, HALF, None)
    page = text_of(signed_in(cast.ben).get(f"/shuffles/{made.uuid}/"))
    assert "What would become of the mix" in page
    assert "Shuffle now" not in page


def test_a_schedule_that_will_meet_the_cooldown_says_so_where_it_is_made_and_where_it_stands(
    account: Connection, cast: Cast
) -> None:
    browser, path = signed_in(cast.mo), f"/seeds/{account.uuid}/schedule/"
    until = scheduling.following(1, timezone.now()) + timedelta(days=1)
    SeedBook.objects.update(next_allowed_at=until, allowed=False)
    words = f"still in cooldown, until {wording.moment(until)}: that shuffle will be put off until then."
    assert words in text_of(browser.get(path))
    asked = {"method": "in_place", "percentage": "40", "day": "1"}
    part = browser.post(path, asked | {"preview": "yes"}, headers=HTMX)
    assert words in text_of(part)
    assert "<form" not in text_of(part)
    assert not ShuffleSchedule.objects.exists()
    assert text_of(browser.post(path, asked, follow=True)).count(words) == 2, "as a message and beside the schedule"
    assert words in text_of(browser.get(f"/seeds/{account.uuid}/"))
    SeedBook.objects.update(next_allowed_at=None, allowed=True)
    part = browser.post(path, asked | {"preview": "yes"}, headers=HTMX)
    assert "cooldown" not in text_of(part)


def test_a_schedule_is_set_changed_and_stopped_on_its_page(account: Connection, cast: Cast) -> None:
    browser, path = signed_in(cast.mo), f"/seeds/{account.uuid}/schedule/"
    assert "Acme" in text_of(browser.get(path))
    assert browser.post(path, {"method": "in_place", "percentage": "40", "day": "5"}).status_code == 302
    made = ShuffleSchedule.objects.get()
    assert (made.day, made.percentage, made.actor, made.next_at.hour) == (5, 40, "Mo", scheduling.HOUR)
    assert "on day 5 of each month, 40 % of all seeds" in text_of(browser.get(path))
    assert "On day 5, 40 % of all seeds" in text_of(browser.get(f"/seeds/{account.uuid}/"))
    for data, words in (
        ({"method": "in_place", "percentage": "40", "day": "29"}, "less than or equal to 28"),
        ({**NEW_MIX, "share-gmail": "51", "day": "5"}, "it adds up to 101"),
        ({"method": "mix", "day": "5"}, "Shuffle each month"),
    ):
        refused = browser.post(path, data)
        assert refused.status_code == 422
        assert words in text_of(refused)
    browser.post(path + "stop/")
    assert not ShuffleSchedule.objects.exists()
    assert browser.post(path + "stop/").status_code == 404


def test_an_account_whose_key_is_gone_has_no_pages_of_its_own(account: Connection, cast: Cast) -> None:
    made = asking.plan(account, HALF, None)
    Connection.objects.update(removed_at=timezone.now())
    for path in (f"/seeds/{account.uuid}/", f"/seeds/{account.uuid}/shuffle/", f"/shuffles/{made.uuid}/"):
        assert signed_in(cast.mo).get(path).status_code == 404


def test_a_rotation_is_ticked_for_clients_of_that_shuffle_only(account: Connection, cast: Cast) -> None:
    made = to_its_end(confirmed(account))
    browser = signed_in(cast.mo)
    assert browser.post(f"/shuffles/{made.uuid}/rotation/birch/", {"done": "yes"}).status_code == 404
    assert browser.post(f"/shuffles/{made.uuid}/rotation/acme/", {"done": "yes"}).status_code == 302
    assert Client.objects.get(rotations_done__shuffle=made) == cast.acme


def test_text_of_the_vendor_is_escaped(account: Connection, cast: Cast) -> None:
    Shuffle.objects.create(connection=account, state="done", origin="vendor", method="<b>odd</b>", happened_at=timezone.now())
    SeedBook.objects.update(trouble="<script>alert(1)</script>")
    page = text_of(signed_in(cast.mo).get(f"/seeds/{account.uuid}/"))
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert "<script>alert" not in page


def test_a_plan_of_a_new_mix_is_carried_out_as_planned(account: Connection, cast: Cast) -> None:
    plan(account, cast, NEW_MIX)
    made = Shuffle.objects.get()
    signed_in(cast.mo).post(f"/shuffles/{made.uuid}/confirm/", typed(made, "Main account"))
    assert to_its_end(made).state == ShuffleState.DONE
    assert made.order == Order(CUSTOM, shares={name.removeprefix("share-"): n for name, n in NEW_MIX.items() if name != "method"})
    assert seedbook.mix(account)["gmail"] == 120
