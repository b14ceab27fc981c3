"""A mail as a person writes it: from whom, to whom, what, and when."""

from __future__ import annotations

import re
import uuid
import zoneinfo
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clients.forms.lines import LineField
from clients.models import Client, PlacementTest, Purpose
from clients.sending import asking
from clients.sending.asking import Draft, NotNow
from clients.sending.identities import Identity
from clients.sending.threads import Thread


class RecipientsField(forms.CharField):
    """Addresses, parted by commas, spaces or lines → a list of them, each once."""

    def clean(self, value: Any) -> list[str]:
        found: dict[str, str] = {}
        for one in filter(None, re.split(r"[\s,;]+", super().clean(value))):
            try:
                validate_email(one)
            except ValidationError:
                raise ValidationError(f"‘{one[:80]}’ is no e-mail address.", code="address") from None
            found.setdefault(one.casefold(), one)
        if len(found) > asking.MOST:
            raise ValidationError(f"That are {len(found):,} recipients: at most {asking.MOST} at once.", code="many")
        return list(found.values())


class ComposeForm(forms.Form):
    """`draft` is what was asked for, when it is valid. `answers`: the conversation it goes on with."""

    identity = forms.ChoiceField(label="From")
    to = RecipientsField(
        label="To",
        max_length=40_000,
        help_text="Parted by commas or lines. Each gets a mail of their own.",
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off"}),
    )
    subject = LineField(max_length=300)
    text = forms.CharField(max_length=100_000, widget=forms.Textarea(attrs={"rows": 10}))
    html = forms.CharField(
        label="HTML",
        required=False,
        max_length=200_000,
        help_text="Sent beside the text, as it stands.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    when = forms.ChoiceField(
        choices=[("now", "As soon as it is confirmed"), ("later", "At a time of the recipients' day")],
        initial="now",
        widget=forms.RadioSelect,
    )
    at = forms.CharField(
        label="Date and time there",
        required=False,
        help_text="For the second choice, by the clocks of the timezone below.",
        max_length=20,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    zone = forms.ChoiceField(label="Recipients' timezone")
    reason = forms.CharField(required=False, max_length=500, help_text="For the audit log: what it is for.")
    batch = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        client: Client,
        identities: Sequence[Identity],
        answers: Thread | None = None,
        purpose: Purpose = Purpose.LETTER,
        test: PlacementTest | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {"zone": client.timezone, "batch": uuid.uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self._known = {one.value: one for one in identities}
        self._answers, self._purpose, self._test = answers, purpose, test
        self.draft: Draft | None = None
        fields: Any = self.fields
        fields["identity"].choices = [(one.value, f"{one.handle}, {one.room}" if one.cap else one.handle) for one in identities]
        fields["zone"].choices = [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]
        if answers:
            del self.fields["to"], self.fields["subject"], self.fields["identity"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        at = None
        if cleaned.get("when") == "later" and "zone" in cleaned:
            try:
                at = asking.at(cleaned.get("at", ""), cleaned["zone"])
            except NotNow as error:
                self.add_error("at", str(error) if cleaned.get("at") else "When?")
        if self._answers and not self._known:
            self.add_error(None, f"{self._answers.identity} may not send for this client now.")
        if not self.errors:
            self.draft = self._drafted(cleaned, at)
        return cleaned

    def _drafted(self, given: dict[str, Any], at: Any) -> Draft:
        common = {"text": given["text"].replace("\r\n", "\n"), "html": given["html"], "at": at, "reason": given["reason"],
                  "zone": given["zone"] if at else ""}  # fmt: skip
        if self._answers:
            one = next(iter(self._known.values()))
            return Draft(one, [self._answers.to], "", reply_to=self._answers.conversation, purpose=Purpose.REPLY, **common)
        return Draft(
            self._known[given["identity"]], given["to"], given["subject"], purpose=self._purpose, test=self._test, **common
        )
