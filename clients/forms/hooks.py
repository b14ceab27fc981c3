from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from clients.keys import clean_key
from clients.vendors.hooks import HookScheme
from clients.webhooks.doors import OVERLAPS


class SecretForm(forms.Form):
    """The secret that the vendor signs with; it is never shown back."""

    secret = forms.CharField(
        max_length=1000, widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    overlap = forms.TypedChoiceField(
        label="The old secret is taken",
        coerce=int,
        choices=[(str(hours), {0: "no longer"}.get(hours, f"{words.lower()} more")) for hours, words in OVERLAPS.items()],
        initial="24",
    )

    def __init__(self, *args: Any, scheme: HookScheme, rotates: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prefix = scheme.secret_prefix
        self.fields["secret"].help_text = f"It begins with {self._prefix} and is shown by the vendor when the webhook is made."
        if not rotates:
            del self.fields["overlap"]

    @sensitive_variables()
    def clean_secret(self) -> str:
        secret = clean_key(self.cleaned_data["secret"])
        if not secret.startswith(self._prefix):
            raise ValidationError(f"That is not a webhook's secret: it begins with {self._prefix}.", code="prefix")
        return secret

    @property
    def hours(self) -> int:
        return int(self.cleaned_data.get("overlap", 0))
