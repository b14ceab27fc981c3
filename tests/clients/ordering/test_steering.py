"""Pausing, resuming, renaming, moving and deleting a test that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from clients import calling
from clients.models import Connection, PlacementTest
from clients.vendors.retries import GLANCE
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.clients.ordering.ordering import PATH, theirs

pytestmark = pytest.mark.django_db


def press(cast: Cast, monday: PlacementTest, what: str, data: dict[str, Any] | None = None) -> str:
    return text_of(signed_in(cast.mo).post(f"/clients/acme/tests/{monday.uuid}/{what}/", data or {}, follow=True))


def test_it_is_paused_and_resumed_and_both_are_written_down(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    assert "is paused" in press(cast, monday, "pause")
    monday.refresh_from_db()
    assert (monday.status, theirs(box, monday).set_status) == ("paused", 2)
    assert "goes on" in press(cast, monday, "resume", {"to": "list"})
    monday.refresh_from_db()
    assert (monday.status, theirs(box, monday).set_status) == ("active", None)
    assert actions()[-2:] == ["test.paused", "test.resumed"]
    assert newest_entry().after == {"status": "active"}
    assert newest_entry().subject == cast.acme.uuid


def test_a_new_name_and_new_days_arrive_and_the_rest_stays(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    browser, url = signed_in(cast.mo), f"/clients/acme/tests/{monday.uuid}/edit/"
    form = browser.get(url).context["form"]
    assert (form["days"].value(), form["start"].value(), form["zone"].value()) == (["1"], "06:00", "America/Chicago")
    fields = {"name": "Mondays and Fridays", "days": ["1", "5"], "start": "06:00", "end": "18:00", "zone": "America/Chicago"}
    browser.post(url, fields)
    monday.refresh_from_db()
    schedule = theirs(box, monday).schedule
    assert [day for day, on in schedule["days"].items() if on] == ["1", "5"]
    assert (monday.name, theirs(box, monday).name) == ("Mondays and Fridays", "Mondays and Fridays")
    assert schedule["timezone"] == "America/Chicago"
    assert newest_entry().after == {"name": "Mondays and Fridays", "schedule": "Mon, Fri 06:00–18:00, America/Chicago"}
    calls = len(box.requests.to(f"{PATH}/{monday.external_id}", "PATCH"))
    browser.post(url, fields)
    assert len(box.requests.to(f"{PATH}/{monday.external_id}", "PATCH")) == calls == 1, "nothing differs: nothing is sent"


MONDAY = {"days": ["1"], "start": "06:00", "end": "18:00", "zone": "America/Chicago"}


def shown(name: str, **more: Any) -> dict[str, Any]:
    """What a page goes along with that was opened before anybody changed anything."""
    return {f"initial-{field}": value for field, value in ({"name": name} | MONDAY | more).items()}


def test_who_changes_the_name_does_not_put_back_the_days_that_another_changed(
    cast: Cast, box: Sandbox, monday: PlacementTest
) -> None:
    browser, url, name = signed_in(cast.mo), f"/clients/acme/tests/{monday.uuid}/edit/", monday.name
    page = text_of(browser.get(url))
    assert all(f'name="{field}"' in page for field in shown(name))
    assert browser.post(url, {**shown(name), **MONDAY, "name": name, "days": ["3"]}).status_code == 302
    assert browser.post(url, {**shown(name), **MONDAY, "name": "Weekly"}).status_code == 302
    monday.refresh_from_db()
    days = theirs(box, monday).schedule["days"]
    assert (monday.name, [day for day, on in days.items() if on]) == ("Weekly", ["3"])


def test_a_day_that_two_have_changed_is_told_and_saved_by_who_saves_once_more(
    cast: Cast, box: Sandbox, monday: PlacementTest
) -> None:
    browser, url, name = signed_in(cast.mo), f"/clients/acme/tests/{monday.uuid}/edit/", monday.name
    mine = {**MONDAY, "name": name, "days": ["5"]}
    browser.post(url, {**shown(name), **MONDAY, "name": name, "days": ["3"]})
    answer = browser.post(url, {**shown(name), **mine})
    said = str(answer.context["form"].errors["days"])
    assert (answer.status_code, "it says ‘Wed’ now" in said, f"UTC by {cast.mo}" in said) == (422, True, True)
    assert answer.context["form"]["days"].value() == ["5"]
    assert [day for day, on in theirs(box, monday).schedule["days"].items() if on] == ["3"]
    assert 'name="initial-days" value="3"' in text_of(answer)
    assert browser.post(url, {**shown(name, days=["3"]), **mine}).status_code == 302
    assert [day for day, on in theirs(box, monday).schedule["days"].items() if on] == ["5"]


def test_a_day_changed_at_the_vendor_meanwhile_is_told_as_well(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    there = theirs(box, monday)
    there.schedule = {**there.schedule, "days": {"4": True}}
    url = f"/clients/acme/tests/{monday.uuid}/edit/"
    answer = signed_in(cast.mo).post(url, {**shown(monday.name), **MONDAY, "name": monday.name, "days": ["5"]})
    assert "Changed meanwhile at the vendor: it says ‘Thu’ now" in str(answer.context["form"].errors["days"])
    assert not box.requests.to(f"{PATH}/{monday.external_id}", "PATCH")


def test_a_refused_schedule_is_said_at_its_field(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    theirs_only = {"name": monday.name, "days": ["2"], "start": "06:00", "end": "18:00", "zone": "Etc/UTC"}
    answer = signed_in(cast.mo).post(f"/clients/acme/tests/{monday.uuid}/edit/", theirs_only)
    assert (answer.status_code, "zone" in answer.context["form"].errors) == (422, True)


def test_a_lost_answer_is_read_back_and_not_sent_again(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    box.faults.add("lost", method="PATCH")
    assert "is paused" in press(cast, monday, "pause")
    box.faults.add("close", method="PATCH")
    assert "goes on" not in press(cast, monday, "resume")
    monday.refresh_from_db()
    assert monday.status == "paused"
    assert len(box.requests.to(f"{PATH}/{monday.external_id}", "PATCH")) <= 2


@pytest.mark.parametrize("fault", ["", "lost"])
def test_it_is_deleted_after_a_page_that_asks(cast: Cast, box: Sandbox, monday: PlacementTest, fault: str) -> None:
    page = text_of(signed_in(cast.mo).get(f"/clients/acme/tests/{monday.uuid}/delete/"))
    assert "can&#x27;t be brought back" in page or "can't be brought back" in page
    assert theirs(box, monday) is not None
    if fault:
        box.faults.add(fault, method="DELETE")
    assert "is deleted at the vendor" in press(cast, monday, "delete")
    monday.refresh_from_db()
    assert (theirs(box, monday), monday.gone_at is not None) == (None, True)
    assert actions()[-1] == "test.deleted"
    assert "no longer lists this test" in text_of(signed_in(cast.mo).get(f"/clients/acme/tests/{monday.uuid}/"))


def test_one_that_is_gone_there_is_gone_here(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    box.instantly.change("northwind", {"remove_tests": [monday.external_id]})
    assert "has this test no more" in press(cast, monday, "pause")
    monday.refresh_from_db()
    assert monday.gone_at is not None


def test_trouble_is_said_in_words(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    box.faults.add("error", method="PATCH", status=503)
    assert "answered 503" in press(cast, monday, "pause")
    box.faults.add("error", method="DELETE", status=402)
    assert "plan does not include" in press(cast, monday, "delete")
    Connection.objects.update(health="paused")
    assert "be asked: paused" in press(cast, monday, "pause")
    assert "test.paused" not in actions()


@pytest.mark.parametrize("page", ["new/", "{}/edit/"])
def test_a_form_comes_without_a_vendor_that_does_not_answer(
    cast: Cast, box: Sandbox, monday: PlacementTest, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    monkeypatch.setattr(calling, "GLANCE", replace(GLANCE, whole=0.3))
    box.faults.add("stall", times=None)
    answer = signed_in(cast.mo).get(f"/clients/acme/tests/{page.format(monday.uuid)}")
    assert (answer.status_code, "did not answer in time" in text_of(answer)) == (200, True)
    assert len(box.requests) == 1
