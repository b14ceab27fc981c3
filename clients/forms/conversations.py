"""A message into a conversation, the first one to somebody, and where a conversation stands."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from clients.forms.lines import LineField, not_blank
from clients.models import LabelKind, Sender
from clients.talking.reading import Names, Standing
from clients.vendors.base import Vendor
from clients.vendors.conversations import Edit


class _TextForm(forms.Form):
    text = forms.CharField(label="Message", strip=False, validators=[not_blank], widget=forms.Textarea(attrs={"rows": 4}))
    nonce = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, limit: int, **kwargs: Any) -> None:
        kwargs["initial"] = {"nonce": uuid.uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self._limit = limit

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if len(text) > self._limit:
            raise forms.ValidationError(f"That are {len(text):,} letters: at most {self._limit:,} go into one.", code="long")
        return text


class ReplyForm(_TextForm):
    """What is typed, and the mark by which it is one message however often it is sent."""


class FirstForm(_TextForm):
    """`accounts`: those that a conversation may be begun from."""

    account = forms.ChoiceField(label="From")
    kind = forms.ChoiceField(label="Named by")
    person = LineField(label="To", max_length=255, help_text="As chosen above: a user name, or a number or id.")

    field_order = ("account", "kind", "person", "text")

    def __init__(self, *args: Any, accounts: Sequence[Sender], kinds: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts = {str(one.uuid): one for one in accounts}
        fields: Any = self.fields
        fields["account"].choices = [(key, f"{one.email}, {one.connection.label}") for key, one in self.accounts.items()]
        fields["kind"].choices = list(kinds.items())

    @property
    def sender(self) -> Sender:
        return self.accounts[self.cleaned_data["account"]]

    def clean_person(self) -> str:
        return str(self.cleaned_data["person"]).strip().removeprefix("@")


class StandingForm(forms.Form):
    """Only what differs from what was shown is asked for; each field carries that along."""

    assignee = forms.ChoiceField(label="Assigned to", required=False, show_hidden_initial=True)
    status = forms.ChoiceField(required=False, show_hidden_initial=True)
    tags = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple, show_hidden_initial=True)
    valuation = forms.DecimalField(label="Value", required=False, max_digits=14, decimal_places=2, show_hidden_initial=True)
    notes = forms.CharField(required=False, max_length=20_000, show_hidden_initial=True, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, vendor: type[Vendor], names: Names, standing: Standing | None = None, **kwargs: Any) -> None:
        if standing:
            kwargs["initial"] = _shown(standing)
        # Apart from other forms of the page.
        super().__init__(*args, **{"auto_id": "standing_%s", **kwargs})
        for name in set(self.fields) - vendor.conversation_acts:
            del self.fields[name]
        if "valuation" in self.fields and names.currency:
            self.fields["valuation"].label = f"Value, {names.currency}"
        self._offer("assignee", LabelKind.MEMBER, names, "nobody")
        self._offer("status", LabelKind.STATUS, names, "none")
        self._offer("tags", LabelKind.TAG, names, "")

    @property
    def notes_before(self) -> str:
        return str(self._before("notes") or "").replace("\r\n", "\n")

    @property
    def wanted(self) -> Edit:
        """Of a valid form."""
        given, changed = self.cleaned_data, set(self.changed_data)
        said: dict[str, Any] = {name: given[name] for name in ("assignee", "status") if name in changed}
        if "notes" in changed:
            said["notes"] = given["notes"].replace("\r\n", "\n")
        if "tags" in changed:
            was, now = set(self._before("tags") or ()), set(given["tags"])
            said |= {"add_tags": tuple(sorted(now - was)), "remove_tags": tuple(sorted(was - now))}
        worth: Decimal | None = given.get("valuation")
        if "valuation" in changed:
            said |= {"valuation": worth, "no_valuation": worth is None}
        return Edit(**said)

    def clean_valuation(self) -> Decimal | None:
        """What the vendor itself had below 0 hinders nobody who changes something else."""
        worth: Decimal | None = self.cleaned_data["valuation"]
        if worth is not None and worth < 0 and "valuation" in self.changed_data:
            raise forms.ValidationError("It can’t be below 0.", code="negative")
        return worth

    def _before(self, name: str) -> Any:
        field = self.fields[name]
        return field.hidden_widget().value_from_datadict(self.data, self.files, self.add_initial_prefix(name))

    def _offer(self, name: str, kind: LabelKind, names: Names, none: str) -> None:
        if name not in self.fields:
            return
        fields: Any = self.fields
        shown = self._before(name) if self.is_bound else self.initial.get(name)
        beside = [shown] if isinstance(shown, str) else shown or []
        fields[name].choices = [*([("", none)] if none else []), *names.choices(kind, beside)]
        if not fields[name].choices:
            del self.fields[name]


def _shown(standing: Standing) -> dict[str, Any]:
    worth = standing.valuation
    return {
        "assignee": standing.assignee,
        "status": standing.status,
        "tags": list(standing.tags),
        "valuation": None if worth is None else worth.normalize() if worth != worth.to_integral() else int(worth),
        "notes": standing.notes or "",
    }
