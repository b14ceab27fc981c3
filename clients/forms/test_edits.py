"""What can be changed of a placement test that is there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from clients.forms.automations import automation_forms, refuse
from clients.forms.lines import NameField
from clients.forms.tests import DAYS, TIMING, ScheduleForm
from clients.models import Client, PlacementTest
from clients.ordering import automating, history, recipes, steering
from clients.vendors.base import Vendor
from clients.vendors.errors import Rejected
from clients.vendors.testing import Automation, NewTest, Schedule, TestEdit


class EditTestForm(ScheduleForm):
    """`made`: how the test is made by now; `labels`: tags for its automations, id → name.

    Each field goes along as it was shown. One that nobody touched is as the test has it by now; one that was changed here and
    meanwhile elsewhere is refused, once.
    """

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
        for field in self.fields.values():
            field.show_hidden_initial = True
        self._crossed = self._catch_up() if self.is_bound else []
        kept = list(map(recipes.said, made.automations))
        asked = self.data if self.is_bound else None
        able = automated and not made.odd
        self.automations = automation_forms(asked, kept, vendor.test_conditions, labels) if able else []

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.automated:
            self.clean_schedule(cleaned)
        for name in self._crossed:
            if name not in self.errors:
                self.add_error(name, self._meanwhile(name))
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

    def _catch_up(self) -> list[str]:
        """Which fields were changed both here and elsewhere; the others that changed elsewhere are taken over."""
        data, crossed = QueryDict(mutable=True), []
        data.update(self.data)
        for name, field in self.fields.items():
            now, shown_as = self.get_initial_for_field(field, name), self.add_initial_prefix(name)
            if shown_as in data:
                shown = field.hidden_widget().value_from_datadict(data, self.files, shown_as)
                given = field.widget.value_from_datadict(data, self.files, name)
                if not _differ(field, shown, given):
                    _put(data, name, now)
                elif _differ(field, shown, now) and _differ(field, now, given):
                    crossed.append(name)
            _put(data, shown_as, now)
        self.data = data
        return crossed

    def _meanwhile(self, name: str) -> str:
        now = self.get_initial_for_field(self.fields[name], name)
        says = ", ".join(label for day, label in DAYS if day in now) if name == "days" else now
        what = "name" if name == "name" else "schedule"
        at = history.turned(self._test, what, steering.said(self._test)[what])
        return f"Changed meanwhile {at}: it says ‘{says}’ now. To put this in its place, save once more."

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


def _differ(field: forms.Field, one: Any, other: Any) -> bool:
    try:
        first, second = (field.to_python(value) for value in (one, other))
    except ValidationError:
        return True
    return bool(sorted(first) != sorted(second or ()) if isinstance(first, list) else first != second)


def _put(data: Any, name: str, value: Any) -> None:
    data.setlist(name, value if isinstance(value, list) else [value])
