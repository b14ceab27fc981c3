from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from agency.models import Membership
from clients.changes import fitting, payloads, selecting
from clients.changes.selecting import FILTERS, UNASSIGNED, SenderRows
from clients.models import Client
from clients.vendors import VENDORS
from clients.vendors.base import Vendor

PRESET, CUSTOM, STATUS, WARMUP = "preset", "custom", "status", "warmup"
#: What the vendor says of its presets, in a few words.
PRESETS = {
    "default": "Default: a healthy sender",
    "warmup": "Warmup: a new or cold domain",
    "repair": "Repair: a damaged reputation",
    "boost": "Boost: a push for a while",
    "protect": "Protect: an established sender",
}
MOST_PICKED = 5000
#: What is changed → the fields that say to what.
_ASKED = {PRESET: ("to_preset",), CUSTOM: tuple(payloads.ACTIONS), STATUS: ("to_status",), WARMUP: ("to_warmup",)}
_WHATS = {
    PRESET: "A preset of engagement rules",
    CUSTOM: "Percentages of your own",
    STATUS: "The status",
    WARMUP: "Warmup",
}
_STATUSES = {"active": "Active", "inactive": "Inactive", "paused": "Paused"}


class ChangeForm(forms.Form):
    """What is to change, and for whom: by the names of the Senders pages' filters, or ticked senders (`sender`, many)."""

    #: Fields of what was not chosen are hidden, and must not keep a browser from sending the form.
    use_required_attribute = False

    client = forms.ChoiceField(required=False)
    domain = forms.CharField(required=False, max_length=255, help_text="Exactly this one, without its subdomains.")
    tag = forms.CharField(required=False, max_length=120)
    what = forms.ChoiceField(
        label="What changes",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is to change."},
    )
    to_preset = forms.ChoiceField(
        label="Preset",
        choices=[("", "Choose a preset…"), *PRESETS.items()],
        error_messages={"required": "Choose a preset."},
    )
    to_status = forms.ChoiceField(
        label="Status",
        initial="active",
        error_messages={"required": "Choose a status."},
    )
    to_warmup = forms.ChoiceField(
        label="Warmup",
        choices=[("on", "On"), ("off", "Off")],
        initial="on",
        error_messages={"required": "Choose on or off."},
    )
    reason = forms.CharField(required=False, max_length=500, help_text="Stands beside it in the history and the audit log.")

    def __init__(self, *args: Any, member: Membership, asked: QueryDict, **kwargs: Any) -> None:
        self.member, self.asked = member, asked
        super().__init__(*args, **kwargs)
        for name, label in payloads.ACTIONS.items():
            number = forms.NumberInput(attrs={"min": 0, "max": 100, "inputmode": "numeric"})
            needed = dict.fromkeys(("required", "invalid", "min_value", "max_value"), "0 to 100 is needed.")
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=100, widget=number, error_messages=needed)
        clients = [
            ("", "All"),
            *((one.slug, str(one.name)) for one in Client.objects.visible_to(member).active().order_by("name", "pk")),
            (UNASSIGNED, "Nobody’s"),
        ]
        self.fields["client"].choices = clients  # type: ignore[attr-defined]
        self.picked = asked.getlist("sender")
        if self.picked:
            for name in ("client", "domain", "tag"):
                del self.fields[name]
        self._offer()

    def _offer(self) -> None:
        """Just what the vendors of those that are chosen have. What not all of them have says whose it is."""
        vendors = self._vendors()
        acts = fitting.offered(vendors)
        values = {part: [*acts.get(part, {})] for part in (PRESET, STATUS, WARMUP)}
        able = {PRESET: values[PRESET], CUSTOM: CUSTOM in values[PRESET], STATUS: values[STATUS], WARMUP: values[WARMUP]}
        parts = {CUSTOM: PRESET}
        whats = [
            (what, f"{label}{_whose(acts[parts.get(what, what)].values(), vendors)}")
            for what, label in _WHATS.items()
            if able[what]
        ]
        self.whats = [what for what, _ in whats]
        self.fields["what"].choices = whats  # type: ignore[attr-defined]
        self.fields["what"].initial = self.whats[0] if whats else None
        self.fields["to_status"].choices = [  # type: ignore[attr-defined]
            (value, f"{_STATUSES[value]}{_whose([acts[STATUS][value]], vendors)}") for value in values[STATUS]
        ]

    def _vendors(self) -> list[type[Vendor]]:
        """Of those that are chosen; before anybody is, of all senders that may be changed."""
        rows = self.matching if self.names_somebody else selecting.visible(self.member.agency, self.member)
        slugs = set(rows.order_by().values_list("connection__vendor", flat=True).distinct())
        found = [vendor for slug, vendor in VENDORS.items() if slug in slugs and vendor.sender_acts]
        return found or [vendor for vendor in VENDORS.values() if vendor.sender_acts]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What the form does not show and sends along."""
        if self.picked:
            return [("sender", one) for one in self.picked]
        return [
            (name, str(self.asked[name]))
            for name in ("vendor", "preset", "status", "health", "search", "all")
            if self.asked.get(name)
        ]

    @property
    def percentages(self) -> list[forms.BoundField]:
        return [self[name] for name in payloads.ACTIONS]

    @property
    def selector(self) -> dict[str, Any]:
        if self.picked:
            return selecting.by_senders([one for one in self.picked if is_uuid(one)])
        return selecting.by_filter({name: self.asked.get(name, "").replace("\x00", "").strip()[:200] for name in FILTERS})

    @property
    def names_somebody(self) -> bool:
        return bool(self.picked or self.selector["filters"] or self.asked.get("all"))

    @property
    def matching(self) -> SenderRows:
        return selecting.matching(self.selector, self.member.agency, self.member)

    @property
    def edit(self) -> dict[str, Any]:
        """Of a valid form."""
        given = self.cleaned_data
        if given["what"] in (STATUS, WARMUP):
            return {given["what"]: given[f"to_{given['what']}"]}
        if given["what"] == PRESET:
            return {"preset": given["to_preset"]}
        return {"preset": payloads.CUSTOM, **{name: given[name] for name in payloads.ACTIONS}}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        what = cleaned.get("what")
        for choice, names in _ASKED.items():
            for name in names if choice != what else ():
                self.errors.pop(name, None)
        if len(self.picked) > MOST_PICKED:
            said = f"At most {MOST_PICKED:,} senders can be picked at once: narrow the list instead."
            self.add_error(None, ValidationError(said, code="many"))
        elif not self.names_somebody:
            self.add_error("domain", ValidationError("Say for whom: a client, a domain or a tag.", code="required"))
        elif not self.errors and not self.matching.exists():
            self.add_error(
                None if self.picked else "domain", ValidationError("No sender that we know matches this.", code="nobody")
            )
        return cleaned


def is_uuid(text: str) -> bool:
    try:
        forms.UUIDField().clean(text)
    except ValidationError:
        return False
    return True


def _whose(labels: Iterable[Iterable[str]], vendors: Collection[type[Vendor]]) -> str:
    """' (Alpha)', where not all of the vendors have it."""
    having = {label for some in labels for label in some}
    names = [vendor.label for vendor in vendors if vendor.label in having]
    return f" ({', '.join(names)})" if len(names) < len(vendors) else ""
