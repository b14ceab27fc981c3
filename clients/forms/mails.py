"""A mail as a person writes it: from whom, to whom, what, and when."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from agency import zones
from clients.forms.lines import LineField, not_blank
from clients.models import Client, PlacementTest, Purpose
from clients.sending import asking, recipients
from clients.sending.asking import Draft, NotNow, Time
from clients.sending.identities import Identity
from clients.sending.recipients import BadLine, Recipient
from clients.sending.threads import Thread


class RecipientsField(forms.CharField):
    """What `recipients` reads → a list of them, each once."""

    def clean(self, value: Any) -> list[Recipient]:
        try:
            found = recipients.read(super().clean(value))
        except BadLine as error:
            raise ValidationError(str(error), code="line") from None
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(found) > asking.MOST:
            raise ValidationError(f"That are {len(found):,} recipients: at most {asking.MOST} at once.", code="many")
        return found


class ComposeForm(forms.Form):
    """`draft` is what was asked for, when it is valid. `answers`: the conversation it goes on with."""

    identity = forms.ChoiceField(label="From")
    to = RecipientsField(
        label="To",
        max_length=40_000,
        help_text=(
            "Parted by commas or lines. Each gets a mail of their own. A line may name the recipient's timezone: "
            "ann@there.example, Europe/Berlin. A CSV with the columns ‘email’ and ‘timezone’ can be pasted as it is."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "off"}),
    )
    subject = LineField(max_length=300, validators=[not_blank])
    text = forms.CharField(max_length=100_000, validators=[not_blank], widget=forms.Textarea(attrs={"rows": 10}))
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
        help_text="By each recipient's clocks.",
        max_length=20,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    zone = forms.ChoiceField(label="Recipients' timezone", help_text="Of those whose line names none.")
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
        fields["zone"].choices = zones.choices()
        if answers:
            fields["zone"].label, fields["zone"].help_text = "Recipient's timezone", ""
            del self.fields["to"], self.fields["subject"], self.fields["identity"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        times = self._times(cleaned) if cleaned.get("when") == "later" and "zone" in cleaned else {}
        if self._answers and not self._known:
            self.add_error(None, f"{self._answers.identity} may not send for this client now.")
        if not self.errors:
            self.draft = self._drafted(cleaned, times)
        return cleaned

    def _times(self, given: dict[str, Any]) -> dict[str, Time]:
        """By recipient. What makes no sense in one of their timezones is told once."""
        to = [Recipient(self._answers.to)] if self._answers else given.get("to", [])
        if not given.get("at"):
            self.add_error("at", "When?")
            return {}
        known: dict[str, Time] = {}
        wrong: dict[str, None] = {}
        for zone in dict.fromkeys(one.zone or given["zone"] for one in to):
            try:
                known[zone] = asking.at(given["at"], zone)
            except NotNow as error:
                wrong[str(error)] = None
        for said in wrong:
            self.add_error("at", said)
        return {} if wrong else {one.address: known[one.zone or given["zone"]] for one in to}

    def _drafted(self, given: dict[str, Any], times: dict[str, Time]) -> Draft:
        common = {"text": given["text"].replace("\r\n", "\n"), "html": given["html"], "times": times, "reason": given["reason"]}
        if self._answers:
            one = next(iter(self._known.values()))
            return Draft(one, [self._answers.to], "", reply_to=self._answers.conversation, purpose=Purpose.REPLY, **common)
        to = [one.address for one in given["to"]]
        return Draft(self._known[given["identity"]], to, given["subject"], purpose=self._purpose, test=self._test, **common)
