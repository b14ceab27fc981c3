from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from agency.models import Membership
from clients.changes import fitting, payloads, selecting
from clients.changes.campaigns import CampaignRows
from clients.forms.changes import MOST_PICKED, is_uuid

_WORDS = {"paused": "Pause", "active": "Resume"}


class CampaignChangeForm(forms.Form):
    """What the ticked campaigns (`campaign`, many) shall do, or all that match the tab's filters (`all`)."""

    to_status = forms.ChoiceField(
        label="What shall they do",
        choices=[(value, _WORDS[value]) for value in _WORDS],
        initial="paused",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they shall do."},
    )
    reason = forms.CharField(required=False, max_length=500, help_text="Stands beside it in the history and the audit log.")

    def __init__(self, *args: Any, member: Membership, asked: QueryDict, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member, self.picked = member, asked.getlist("campaign")
        self.filters = selecting.by_campaign_filter(asked)["filters"] if not self.picked else {}

    @property
    def selector(self) -> dict[str, Any]:
        if self.filters:
            return selecting.by_campaign_filter(self.filters)
        return selecting.by_campaigns([one for one in self.picked if is_uuid(one)])

    @property
    def matching(self) -> CampaignRows:
        return selecting.matching_campaigns(self.selector, self.member.agency, self.member)

    @property
    def edit(self) -> dict[str, Any]:
        """Of a valid form."""
        return {payloads.STATUS: self.cleaned_data["to_status"]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if len(self.picked) > MOST_PICKED:
            raise ValidationError(f"At most {MOST_PICKED:,} campaigns can be picked at once.", code="many")
        if not any(
            fitting.acts(row.connection.vendor_class, campaigns=True) for row in self.matching.select_related("connection")
        ):
            raise ValidationError("Their vendor lets nobody change campaigns from outside.", code="nobody")
        return cleaned
