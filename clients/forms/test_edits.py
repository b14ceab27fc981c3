"""What can be changed of a placement test that is there."""

from __future__ import annotations

from typing import Any

from agency.meanwhile import CatchesUp
from clients.forms.automations import automation_forms, refuse
from clients.forms.lines import NameField
from clients.forms.tests import TIMING, ScheduleForm
from clients.models import Client, PlacementTest
from clients.ordering import automating, history, recipes, steering
from clients.vendors.base import Vendor
from clients.vendors.errors import Rejected
from clients.vendors.testing import Automation, NewTest, Schedule, TestEdit


class EditTestForm(CatchesUp, ScheduleForm):
    """`made`: how the test is made by now; `labels`: tags for its automations, id → name."""

    name = NameField(max_length=120)

    field_order = ("name",)

    def __init__(
        self,
        *args: Any,
        client: Client,
        vendor: type[Vendor],
        test: PlacementTest,
        made: NewTest,
        automated: bool,
        labels: dict[str, str],
        **kwargs: Any,
    ) -> None:
        at = made.schedule
        timing = {"days": [str(day) for day in at.days], "start": at.start, "end": at.end, "zone": at.zone} if at else {}
        kwargs["initial"] = {"name": test.name, **timing}
        super().__init__(*args, **kwargs)
        self.automated, self.made, self._test, self._named = automated, made, test, test.name
        self.offer_zones(client, vendor.test_zones)
        for name in TIMING:
            if automated:
                self.fields[name].required = True
            else:
                del self.fields[name]
        self.catch_up(*self.fields)
        kept = list(map(recipes.said, made.automations))
        asked = self.data if self.is_bound else None
        able = automated and not made.odd
        self.automations = automation_forms(asked, kept, vendor.test_conditions, labels) if able else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.automated:
            self.clean_schedule(cleaned)
        # What the vendor took once is left alone, whatever we would say of it now.
        wrong = [one for one in self.automations if not one.is_valid()] if self._turned else []
        if wrong:
            self.add_error(None, "An automation is not complete: see below.")
        elif self._turned and self.data.get("seen") != automating.digest(self.made):
            self.add_error(None, steering.MEANWHILE)
        return cleaned

    @property
    def wanted(self) -> TestEdit:
        """Only what differs is sent."""
        given = self.cleaned_data
        at, then = self._schedule, self._automations
        return TestEdit(
            name=given["name"] if given["name"] != self._named else None,
            schedule=at if at != self.made.schedule else None,
            automations=then if then != self.made.automations else None,
        )

    def refuse(self, error: Exception) -> None:
        """Puts the vendor's words at the fields that they are about."""
        named = error.fields if isinstance(error, Rejected) else {}
        for name, words in (named or {"": str(error)}).items():
            if not refuse(self.automations, name, words):
                self.add_error(name if name in self.fields else None, words if name in self.fields else str(error))

    def meanwhile(self, name: str) -> str:
        what = "name" if name == "name" else "schedule"
        at = history.turned(self._test, what, steering.said(self._test)[what])
        return f"Changed meanwhile {at}: it says ‘{self.said_now(name)}’ now."

    @property
    def _turned(self) -> bool:
        """Whoever posts without them asks nothing of them."""
        return "seen" in self.data and any(one.has_changed() for one in self.automations)

    @property
    def _schedule(self) -> Schedule | None:
        said = self.said_of(self.cleaned_data) if self.automated else None
        return Schedule(tuple(sorted(map(int, said["days"]))), said["start"], said["end"], said["zone"]) if said else None

    @property
    def _automations(self) -> tuple[Automation, ...]:
        if not self._turned:
            return self.made.automations
        return tuple(recipes.automation(one.said) for one in self.automations if one.said)
