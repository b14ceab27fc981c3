"""A form of what stands already, whose page somebody else may have overtaken."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict


class CatchesUp(forms.BaseForm):
    """Each field goes along as it was shown. One that nobody touched is as it is by now; one that was changed here and meanwhile
    elsewhere is refused, once. Whoever posts without what was shown says all of it anew."""

    _crossed: tuple[str, ...] = ()

    def catch_up(self, *names: str) -> None:
        """Once the fields and their initial values, which are those of now, are complete."""
        for name in names:
            self.fields[name].show_hidden_initial = True
        if self.is_bound:
            self._crossed = tuple(self._caught_up(names))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in self._crossed:
            if name not in self.errors:
                self.add_error(name, f"{self.meanwhile(name)} To put this in its place, save once more.")
        return cleaned

    def meanwhile(self, name: str) -> str:
        return f"Somebody has changed it meanwhile: it says ‘{self.said_now(name)}’ now."

    def said_now(self, name: str) -> str:
        field, now = self.fields[name], self._now(name)
        labels = {str(value): str(label) for value, label in getattr(field, "choices", ())}
        return ", ".join(labels.get(value, value) for value in _texts(now)) or labels.get("", "nothing")

    def _caught_up(self, names: tuple[str, ...]) -> list[str]:
        """Which fields were changed both here and elsewhere; the others that changed elsewhere are taken over."""
        data, crossed = QueryDict(mutable=True), []
        data.update(self.data)
        # An empty list of ticks leaves nothing in a form: one field tells for all of them.
        told = any(self.add_initial_prefix(name) in data for name in names)
        for name in names:
            field, now, at = self.fields[name], self._now(name), self.add_prefix(name)
            shown_at = self.add_initial_prefix(name)
            if told:
                shown = field.hidden_widget().value_from_datadict(data, self.files, shown_at)
                given = field.widget.value_from_datadict(data, self.files, at)
                if not _differ(field, shown, given):
                    _put(data, at, now)
                elif _differ(field, shown, now) and _differ(field, now, given):
                    crossed.append(name)
            _put(data, shown_at, now)
        self.data = data
        return crossed

    def _now(self, name: str) -> Any:
        field = self.fields[name]
        return field.prepare_value(self.get_initial_for_field(field, name))


def _differ(field: forms.Field, one: Any, other: Any) -> bool:
    if isinstance(field, forms.ModelChoiceField | forms.MultipleChoiceField):
        return sorted(_texts(one)) != sorted(_texts(other))
    try:
        first, second = (field.to_python(value) for value in (one, other))
    except ValidationError:
        return True
    return bool(first != second)


def _texts(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return [] if value in (None, "") else [str(value)]


def _put(data: QueryDict, name: str, value: Any) -> None:
    data.setlist(name, value if isinstance(value, list) else ["" if value is None else value])
