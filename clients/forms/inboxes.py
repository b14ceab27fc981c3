from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.views.decorators.debug import sensitive_variables

from agency.models import Membership
from agency.secrets import Unreadable, seal, unseal
from clients.forms.lines import LineField
from clients.forms.refused import RefusedForm
from clients.models import Connection
from clients.vendors.inboxes import SMTP, NewInbox, Server

#: Where the mailbox has a password.
_NEEDED = {"smtp_host": "Say which host.", "smtp_port": "Say which port.", "password": "Type its password."}


class NewInboxForm(RefusedForm):
    """A form shown again must not hold the password in clear, and nobody wants to type it twice: it is sent along sealed,
    readable to this installation, this member and this account only."""

    email = forms.EmailField(label="Address", max_length=255)
    name = LineField(label="Name", required=False, max_length=120, help_text="What recipients see beside the address.")
    provider = forms.ChoiceField(label="Where the mailbox is", widget=forms.RadioSelect)
    smtp_host = LineField(label="SMTP host", required=False, max_length=255)
    smtp_port = forms.IntegerField(label="SMTP port", required=False, initial=587, min_value=1, max_value=65_535)
    tls = forms.BooleanField(label="With TLS", required=False, initial=True)
    imap_host = LineField(label="IMAP host", required=False, max_length=255, help_text="Replies are read there.")
    imap_port = forms.IntegerField(label="IMAP port", required=False, initial=993, min_value=1, max_value=65_535)
    username = LineField(required=False, max_length=255, help_text="The address, if left out.")
    password = forms.CharField(
        required=False, max_length=1_000, strip=False, help_text="It goes to the vendor, and is not kept here.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    daily_limit = forms.IntegerField(label="Mails a day", required=False, min_value=1, max_value=100_000, initial=40)
    warms_up = forms.BooleanField(label="Warm it up", required=False, initial=True)
    kept = forms.CharField(required=False, max_length=8_000, widget=forms.HiddenInput)

    of_smtp = ("smtp_host", "smtp_port", "tls", "imap_host", "imap_port", "username", "password")

    def __init__(self, *args: Any, connection: Connection, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._owner = f"form:{member.uuid}:{connection.uuid}"
        fields: Any = self.fields
        fields["provider"].choices = list(connection.vendor_class.inbox_providers.items())
        for name in self.of_smtp:
            fields[name].optional_because = " "  # shown only where they are needed

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed = cleaned.get("password") or self._opened(cleaned.pop("kept", ""))
        if cleaned.get("provider") != SMTP:
            for name in self.of_smtp:
                # Hidden with the choice: what stands there is not asked for, and not wrong.
                self.errors.pop(name, None)
            self._resend("")
            return cleaned
        cleaned["password"] = typed
        for name, said in _NEEDED.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, said)
        self._resend(seal({"password": typed}, owner=self._owner) if typed else "")
        return cleaned

    @property
    @sensitive_variables()
    def new(self) -> NewInbox:
        given = self.cleaned_data
        smtp = imap = None
        if given["provider"] == SMTP:
            who = (given["username"] or given["email"], given["password"])
            smtp = Server(given["smtp_host"], given["smtp_port"], *who, given["tls"])
            imap = Server(given["imap_host"], given["imap_port"] or 993, *who) if given["imap_host"] else None
        return NewInbox(given["email"], given["provider"], given["name"], smtp, imap, given["daily_limit"], given["warms_up"])

    def _resend(self, value: str) -> None:
        """As if it had been posted so; posted data itself can't be written to."""
        posted = self.data.dict() if isinstance(self.data, QueryDict) else self.data
        self.data = {**posted, "kept": value}
        note = "Kept: type only to change it" if value else ""
        self.fields["password"].widget.attrs["placeholder"] = note

    def _opened(self, sealed: str) -> str:
        try:
            return unseal(sealed, owner=self._owner).get("password", "") if sealed else ""
        except Unreadable:
            return ""
