"""What a vendor shall do by itself when a run of an automated test goes so or so."""

from __future__ import annotations

from typing import Any

from django import forms

from clients.forms.addresses import PublicAddressField
from clients.vendors.testing import ABOVE, BELOW, LISTED, UNLISTED

CONDITIONS = {
    BELOW: "inboxing goes below",
    ABOVE: "inboxing goes above",
    LISTED: "a blacklist takes a sender on",
    UNLISTED: "a blacklist takes a sender off",
}
_EFFECTS = ("webhook", "pause_days", "pause", "slow_ramp", "add_tags", "remove_tags")


class AutomationForm(forms.Form):
    """One of several; an empty one asks for nothing. `said` is what `wanted` keeps of a valid one."""

    condition = forms.ChoiceField(label="When", required=False)
    threshold = forms.FloatField(label="Percent", required=False, min_value=0, max_value=100)
    pause_days = forms.IntegerField(
        label="Pause campaigns, days", required=False, min_value=1, max_value=365, help_text="So long, then they go on."
    )
    pause = forms.BooleanField(label="Pause the sender", required=False)
    slow_ramp = forms.ChoiceField(
        label="Slow ramp", required=False, choices=[("", "As it is"), ("on", "Turn on"), ("off", "Turn off")]
    )
    webhook = PublicAddressField(
        label="Call a webhook", required=False, max_length=500, help_text="Called by the vendor: https, on the public internet."
    )
    add_tags = forms.MultipleChoiceField(label="Put tags on", required=False)
    remove_tags = forms.MultipleChoiceField(label="Take tags off", required=False)

    def __init__(self, *args: Any, conditions: tuple[str, ...], labels: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "Nothing"), *((name, CONDITIONS[name].capitalize()) for name in conditions)]
        self.fields["condition"].choices = offered  # type: ignore[attr-defined]
        self.fields["threshold"].optional_because = "with below and above"  # type: ignore[attr-defined]
        for name in ("add_tags", "remove_tags"):
            if labels:
                self.fields[name].choices = list(labels.items())  # type: ignore[attr-defined]
                self.fields[name].widget.attrs["size"] = min(4, len(labels))
            else:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        effects = any(cleaned.get(name) for name in _EFFECTS)
        condition = cleaned.get("condition")
        if condition in (BELOW, ABOVE) and cleaned.get("threshold") is None and "threshold" not in self.errors:
            self.add_error("threshold", "Say below or above how many percent.")
        if condition and not effects and not self.errors:
            self.add_error("condition", "Say what shall be done then.")
        if effects and not condition and "condition" not in self.errors:
            self.add_error("condition", "Say when.")
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not given.get("condition"):
            return {}
        threshold = given["threshold"] if given["condition"] in (BELOW, ABOVE) else None
        return {"condition": given["condition"], "threshold": threshold} | {name: given.get(name) for name in _EFFECTS}
