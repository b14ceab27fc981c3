"""What the filters over a list fold into where there is little room."""

from __future__ import annotations

from typing import NamedTuple

from django import forms, template

register = template.Library()

#: With fewer, folding them away would save next to nothing.
_MANY = 4


class Fold(NamedTuple):
    #: How many of them leave something out.
    narrowing: int


@register.filter
def fold(form: forms.Form) -> Fold | None:
    """None for a form of a few filters. The search and the order stay in view, and are no part of it."""
    shown = [field for field in form.visible_fields() if field.name != "sort"]
    if len(shown) < _MANY:
        return None
    # Only what can be left open is counted: a window of days always says something.
    return Fold(sum(bool(field.value()) and _may_be_open(field.field) for field in shown if field.name != "search"))


def _may_be_open(field: forms.Field) -> bool:
    return any(key == "" for key, _ in getattr(field.widget, "choices", ()))
