from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.text import capfirst

from agency.meanwhile import CatchesUp
from agency.models import Membership
from clients.changes import payloads
from clients.forms.changes import PRESETS
from clients.forms.lines import LineField
from clients.forms.refused import RefusedForm
from clients.forms.scopes import ScopesField
from clients.models import Connection, Health, Sender
from clients.vendors import VENDORS
from clients.vendors.errors import PlanLacks
from clients.vendors.records import NewSender, Rules

_STATUSES = [(name, name.capitalize()) for name in payloads.STATUSES]


class TagsField(ScopesField):
    """Tags, parted by commas or lines → a list of them."""

    def clean(self, value: Any) -> list[str]:
        tags = list(dict.fromkeys(super().clean(value)))
        if long := next((tag for tag in tags if len(tag) > 120), None):
            raise forms.ValidationError(f"‘{long[:40]}…’ is too long: a tag may have 120 letters.", code="long")
        return tags


class _ProfileForm(RefusedForm):
    name = LineField(max_length=255)
    tags = TagsField(help_text="Parted by commas.")
    status = forms.ChoiceField(choices=_STATUSES, initial="active")

    def worded(self, said: str) -> str:
        return _sentence(said)

    def place_of(self, error: Exception) -> str | None:
        return "email" if isinstance(error, PlanLacks) and "email" in self.fields else None


class NewSenderForm(_ProfileForm):
    connection = forms.ModelChoiceField(Connection.objects.none(), label="Account", to_field_name="uuid", empty_label=None)
    email = forms.EmailField(label="From-address", max_length=320, help_text="On a domain that the vendor has verified.")
    preset = forms.ChoiceField(choices=list(PRESETS.items()), initial="default")

    field_order = ("connection", "email", "name", "tags", "status", "preset")

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = "The address, if left out."
        able = [slug for slug, vendor in VENDORS.items() if "engagement" in vendor.can]
        accounts = Connection.objects.visible_to(member).present().filter(health=Health.OK, vendor__in=able)
        self.fields["connection"].queryset = accounts.select_related("agency")  # type: ignore[attr-defined]

    @property
    def new(self) -> NewSender:
        given = self.cleaned_data
        named = given["name"] or given["email"]
        return NewSender(given["email"], named, tuple(given["tags"]), given["status"], Rules(given["preset"]))


class EditSenderForm(CatchesUp, _ProfileForm):
    def __init__(self, *args: Any, sender: Sender, **kwargs: Any) -> None:
        tags = ", ".join(tag.name for tag in sender.tags.all())
        kwargs["initial"] = {"name": sender.name, "tags": tags, "status": sender.status}
        super().__init__(*args, **kwargs)
        self.catch_up(*self.fields)


def _sentence(said: str) -> str:
    first = said.partition(" ")[0]
    # A domain or an address is spelt as it is.
    begun = said if re.search(r"[.@]\w", first) else capfirst(said)
    return begun + ("" if said.endswith(".") else ".")
