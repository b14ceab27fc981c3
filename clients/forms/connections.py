from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.views.decorators.debug import sensitive_variables

from agency.models import Membership
from agency.naming import visible
from agency.secrets import Unreadable, seal, unseal
from clients import labels
from clients.forms.scopes import ClaimForm
from clients.keys import clean_key
from clients.models import Connection, ScopeKind
from clients.moving import Move
from clients.vendors.base import CredentialField, Vendor


class KeyForm(forms.Form):
    """The fields that a vendor declares; `secrets` holds them when valid.

    A form shown again must not hold the key in clear, and nobody wants to paste it twice: `keep` sends it along sealed,
    readable to this installation, this member and this vendor only.
    """

    kept = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, vendor: type[Vendor], member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vendor, self._owner = vendor, f"form:{member.uuid}:{vendor.slug}"
        self.secrets: dict[str, str] = {}
        for declared in vendor.fields:
            self.fields[declared.name] = _credential(declared)
        self._say_kept(bool(self.data.get(self.add_prefix("kept"))))

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kept = self._opened(cleaned.pop("kept", ""))
        self._forget()
        for declared in self.vendor.fields:
            value = cleaned.pop(declared.name, "") or kept.get(declared.name, "")
            if value:
                self.secrets[declared.name] = value
            elif declared.name not in self.errors:
                self.add_error(
                    declared.name, ValidationError("Paste the key." if declared.secret else "Needed.", code="required")
                )
        if len(self.secrets) == len(self.vendor.fields):
            self.keep()
        return cleaned

    def keep(self) -> None:
        self._resend("kept", seal(self.secrets, owner=self._owner))
        self._say_kept(True)

    def refuse(self, text: str) -> None:
        """The vendor's no, at the key's field. The key is kept, sealed, as after every other answer: where the handle beside it
        was wrong, nobody pastes it twice; and who pastes another writes over it."""
        self.add_error(self.vendor.key_field, text)

    def _forget(self) -> None:
        self._resend("kept", "")
        self._say_kept(False)

    def _say_kept(self, kept: bool) -> None:
        for declared in self.vendor.fields:
            field = self.fields[declared.name]
            field.required = not kept
            field.optional_because = "kept from what you sent" if kept else ""  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            if kept:
                field.widget.attrs["placeholder"] = "Paste here only to change it"

    def _resend(self, name: str, value: str) -> None:
        """As if it had been posted so; posted data itself can't be written to."""
        posted = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**posted, self.add_prefix(name): value}

    def _opened(self, sealed: str) -> dict[str, str]:
        try:
            return unseal(sealed, owner=self._owner) if sealed else {}
        except Unreadable:
            return {}


class ConnectionForm(ClaimForm, KeyForm):
    label = forms.CharField(
        max_length=120, validators=[visible], help_text="What you call this account: the client's name, or the plan's."
    )

    def __init__(self, *args: Any, vendor: type[Vendor], member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, vendor=vendor, member=member, agency=member.agency, **kwargs)
        self.fit(vendor)
        self.fields["client"].required = False
        self.fields["client"].label = "For client"
        self.fields["client"].empty_label = "Nobody yet: show it as unassigned"  # type: ignore[attr-defined]
        if ScopeKind.WORKSPACE in vendor.scopes:
            self.fields["kind"].help_text = (
                "A key that acts for several workspaces: connect it for nobody, and give each workspace to its client once they "
                "are read, under ‘Whose it is’."
            )
        self.order_fields(["label", *[declared.name for declared in vendor.fields], "client", "kind", "values", "kept"])
        self._agency, self.agreed = member.agency, False

    def is_taken(self, label: str) -> bool:
        """By another account of this vendor; then the field says so."""
        if said := labels.taken(self._agency, label, self.vendor):
            self.add_error("label", said)
        return bool(said)

    def agrees(self, move: Move) -> bool:
        """Whether the box was ticked under just this question."""
        self.agreed = self.data.get("take_history") == "on" and self.data.get("move") == move.token
        return self.agreed

    def ask_about(self, move: Move) -> None:
        whose = ", ".join(client.name for client in move.gaining) or "nobody"
        self.fields["move"] = forms.CharField(widget=forms.HiddenInput)
        self.fields["take_history"] = forms.BooleanField(required=False, label=f"The account's history shall belong to {whose}")
        self._resend("move", move.token)
        self._resend("take_history", "")
        self.add_error("take_history", f"{move} Tick this if it shall be so, or choose another client.")


class RemoveForm(forms.Form):
    typed = forms.CharField(
        max_length=200,
        error_messages={"required": "Nothing was removed: type its label first."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = connection
        self.fields["typed"].label = f"Type ‘{connection.label}’ to remove it"

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"])
        if " ".join(typed.split()).casefold() != " ".join(self.connection.label.split()).casefold():
            raise ValidationError("That is not its label: nothing was removed.", code="mismatch")
        return typed


class _Credential(forms.CharField):
    def __init__(self, cleaner: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cleaner = cleaner

    @sensitive_variables()
    def clean(self, value: Any) -> str:
        text = "" if value is None else str(value)[:20_000]
        return self.cleaner(text) if text.strip() else ""


def _credential(declared: CredentialField) -> forms.Field:
    quiet = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    if not declared.secret:
        return _Credential(str.strip, label=declared.label, help_text=declared.help, widget=forms.TextInput(attrs=quiet))
    widget = forms.PasswordInput(render_value=False, attrs=quiet | {"autocomplete": "new-password"})
    return _Credential(clean_key, label=declared.label, help_text=declared.help, widget=widget)
