"""Text that goes to a vendor, as a field of a form takes it."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from agency.naming import is_seen, visible


class LineField(forms.CharField):
    """One line: a break in a subject is where somebody else's header would begin."""

    default_validators = [  # noqa: RUF012  (as Django's own fields have it)
        RegexValidator("[\x00-\x1f\x7f\x85\u2028\u2029]", "This is one line, without line breaks.", "line", inverse_match=True)
    ]


class NameField(LineField):
    """What others know it by."""

    default_validators = [*LineField.default_validators, visible]  # noqa: RUF012


def not_blank(text: str) -> None:
    """For what is kept as it was typed, spaces and all."""
    if not text.strip():
        raise ValidationError("There is nothing in it but spaces.", code="blank")
    if not is_seen(text):
        raise ValidationError("There is nothing in it that can be seen.", code="blank")
