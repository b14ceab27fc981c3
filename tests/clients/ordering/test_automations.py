"""What the vendor does by itself after a run of a test that is there: changed, taken off, refused."""

from __future__ import annotations

from typing import Any

import pytest

from clients.models import PlacementTest
from clients.vendors.instantly_making import recipe
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import newest_entry, signed_in
from tests.clients.ordering.ordering import PATH, theirs

pytestmark = pytest.mark.django_db

BELOW: dict[str, Any] = {
    "when": {"condition": "placement_goes_below", "condition_value": 60},
    "then": {"pause_sending_campaigns_for": 3},
}


class Editor:
    """The page as somebody fills it in: all that it shows, with what they change."""

    def __init__(self, cast: Cast, monday: PlacementTest) -> None:
        self.browser, self.url = signed_in(cast.mo), f"/clients/acme/tests/{monday.uuid}/edit/"
        self.opened = self.browser.get(self.url).context

    def fields(self) -> dict[str, Any]:
        form = self.opened["form"]
        bound = [*form, *(field for one in form.automations for field in one)]
        found = {field.html_name: field.value() for field in bound if field.value() not in (None, False)}
        return {**found, "seen": self.opened["seen"]}

    def save(self, **changed: Any) -> Any:
        return self.browser.post(
            self.url, {**self.fields(), **{name.replace("_", "-", 1): each for name, each in changed.items()}}
        )


def patched(box: Sandbox, monday: PlacementTest) -> int:
    return len(box.requests.to(f"{PATH}/{monday.external_id}", "PATCH"))


def test_one_is_changed_and_another_put_beside_it(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    tag = next(iter(box.instantly.workspace("northwind").tags.values())).id
    second = {
        "when2_condition": "listed",
        "when2_pause": "on",
        "when2_webhook": "https://hooks.example/k3y",
        "when2_add_tags": [tag],
    }
    answer = Editor(cast, monday).save(when1_threshold="40", **second)
    assert answer.status_code == 302, answer.context["form"].errors
    first = {**BELOW, "when": {**BELOW["when"], "condition_value": 40.0}}
    then = {"webhook_url": "https://hooks.example/k3y", "pause": True, "add_tags": [tag]}
    assert theirs(box, monday).more["automations"] == [first, {"when": {"condition": "added_to_blacklists"}, "then": then}]
    entry = newest_entry()
    assert entry.before == {"automations": "when inboxing goes below 60 %, pause campaigns for 3 days"}
    assert "when a blacklist takes a sender on, pause the sender, call a webhook at hooks.example" in entry.after["automations"]
    assert "k3y" not in str(entry.after), "it may be as good as a key"


def test_one_is_taken_off_by_its_condition_alone(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    assert Editor(cast, monday).save(when1_condition="").status_code == 302
    assert theirs(box, monday).more["automations"] == []


def test_what_nobody_touched_is_not_sent_nor_judged(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    inside = [{"when": {"condition": "added_to_blacklists"}, "then": {"webhook_url": "http://10.0.0.1/x"}}]
    PlacementTest.objects.filter(pk=monday.pk).update(raw={**monday.raw, "automations": inside})
    assert Editor(cast, monday).save(name="Mondays").status_code == 302
    assert theirs(box, monday).more["automations"] == [BELOW]
    assert patched(box, monday) == 1


def test_an_incomplete_one_is_told_at_its_field_and_nothing_is_lost(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    answer = Editor(cast, monday).save(when1_threshold="", when2_condition="unlisted")
    one, two, _ = answer.context["form"].automations
    assert (answer.status_code, list(one.errors), list(two.errors)) == (422, ["threshold"], ["condition"])
    assert two["condition"].value() == "unlisted"
    assert patched(box, monday) == 0


def test_the_vendors_refusal_stands_at_the_field_that_it_is_about(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    said = "body/automations/1/then/webhook_url must be reachable"
    editor = Editor(cast, monday)
    box.instantly.switches.refuses_tests = said
    answer = editor.save(when3_condition="listed", when3_webhook="https://hooks.example/x")
    third = answer.context["form"].automations[2]
    assert (answer.status_code, third.errors) == (422, {"webhook": [said]}), "the second of those that were sent"
    assert third["webhook"].value() == "https://hooks.example/x"


def test_what_somebody_put_in_at_the_vendor_meanwhile_is_not_lost_unseen(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    editor = Editor(cast, monday)
    theirs(box, monday).more["automations"] = [BELOW, {"when": {"condition": "added_to_blacklists"}, "then": {"pause": True}}]
    answer = editor.save(when1_threshold="40")
    assert (answer.status_code, patched(box, monday)) == (422, 0)
    assert "changed at the vendor meanwhile" in str(answer.context["form"].non_field_errors())
    assert answer.context["form"].automations[0]["threshold"].value() == "40"
    assert editor.save(when1_threshold="40").status_code == 422, "of the page that was opened before"
    editor.opened = {"form": editor.opened["form"], "seen": answer.context["seen"]}
    assert editor.save(when1_threshold="40").status_code == 302
    assert [one["when"].get("condition_value") for one in theirs(box, monday).more["automations"]] == [40.0]


@pytest.mark.parametrize(
    ("automation", "odd"),
    [
        (BELOW, False),
        ({**BELOW, "then": {**BELOW["then"], "pause": False, "webhook_url": None, "add_tags": []}}, False),
        ({**BELOW, "then": {**BELOW["then"], "sing": True}}, True),
        ({**BELOW, "then": {"pause_sending_campaigns_for": 9000}}, True),
        ({"when": {"condition": "rain"}, "then": {"pause": True}}, True),
        ("what", True),
    ],
)
def test_those_that_we_could_not_say_again_in_full_are_not_offered(automation: Any, odd: bool) -> None:
    assert recipe({"automations": [automation]}).odd is odd


def test_odd_ones_are_left_to_the_vendors_own_pages(cast: Cast, box: Sandbox, monday: PlacementTest) -> None:
    PlacementTest.objects.filter(pk=monday.pk).update(raw={**monday.raw, "automations": [{"when": {"condition": "rain"}}]})
    editor = Editor(cast, monday)
    assert editor.opened["form"].automations == []
    assert editor.save(name="Mondays").status_code == 302
    assert theirs(box, monday).more["automations"] == [BELOW]
