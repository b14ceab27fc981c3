"""What a vendor shall do by itself when a run of an automated test goes so or so."""

from __future__ import annotations

from collections.abc import Sequence
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
AUTOMATIONS = 3  # at least so many are offered
_EFFECTS = ("webhook", "pause_days", "pause", "slow_ramp", "add_tags", "remove_tags")


def automation_forms(
    asked: Any, kept: Sequence[dict[str, Any]], conditions: tuple[str, ...], labels: dict[str, str]
) -> list[AutomationForm]:
    """Of those that are there, and with room for more. `kept`: as `said` has them."""
    number = max(AUTOMATIONS, len(kept) + 1)
    rows = [*kept, *({} for _ in range(number - len(kept)))]
    return [
        AutomationForm(asked, prefix=f"when{at + 1}", initial=initial, conditions=conditions, labels=labels)
        for at, initial in enumerate(rows)
    ]


def refuse(several: Sequence[AutomationForm], name: str, said: str) -> bool:
    """Puts the vendor's words about 'automations/0/webhook' at that field of the first that was sent. False where it is about
    something else."""
    first, _, rest = name.partition("/")
    number, _, field = rest.partition("/")
    sent = [one for one in several if one.asks]
    if first != "automations" or not number.isdigit() or int(number) >= len(sent):
        return False
    one = sent[int(number)]
    if not one.is_bound:
        one.full_clean()  # finds nothing, and makes room for errors
        one.cleaned_data = {}
    one.add_error(field if field in one.fields else None, said)
    return True


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
        self._labels = labels
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
        # One that was there is taken off by its condition alone.
        if effects and not condition and not self.initial.get("condition") and "condition" not in self.errors:
            self.add_error("condition", "Say when.")
        return cleaned

    @property
    def asks(self) -> bool:
        return bool(self["condition"].value())

    @property
    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not given.get("condition"):
            return {}
        threshold = given["threshold"] if given["condition"] in (BELOW, ABOVE) else None
        tags = [*(given.get("add_tags") or ()), *(given.get("remove_tags") or ())]
        names = {"tag_names": {tag: self._labels[tag] for tag in tags}} if tags else {}
        return {"condition": given["condition"], "threshold": threshold} | {name: given.get(name) for name in _EFFECTS} | names
