from __future__ import annotations

from collections.abc import Iterable

from django import forms

from agency.naming import visible
from clients.models import Client
from reports.filters import Select, choices
from reports.listing.heads import ways
from reports.queries.overview import ClientLine
from reports.roster import COLUMNS, STATUSES
from reports.scope import Filters

EXPIRIES = {"7": "In 7 days", "30": "In 30 days", "90": "In 90 days", "365": "In a year", "never": "Never"}
SPANS = {"7": "7 days", "30": "30 days", "90": "90 days"}


class ClientFilters(forms.Form):
    search = forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Name or tag"}))
    tag = forms.ChoiceField(required=False)
    manager = forms.ChoiceField(required=False)
    status = forms.ChoiceField(label="Show", required=False, choices=list(STATUSES.items()))
    sort = forms.ChoiceField(required=False, choices=ways(COLUMNS, "name"), widget=Select)

    def __init__(self, filters: Filters, lines: Iterable[ClientLine]) -> None:
        asked = {name: getattr(filters, name) for name in self.base_fields}
        super().__init__(asked | ({"sort": ""} if filters.sort == "name" else {}), auto_id="filter-%s")
        lines = list(lines)
        tags = sorted({tag for line in lines for tag in line.tags}, key=str.lower)
        managers = sorted(
            {line.manager: line.manager_name for line in lines if line.manager}.items(), key=lambda pair: pair[1].lower()
        )
        self.fields["tag"].widget = Select(choices=choices(((tag, tag) for tag in tags), filters.tag, "All"))
        self.fields["manager"].widget = Select(choices=choices(managers, filters.manager, "Everyone"))


class LinkForm(forms.Form):
    name = forms.CharField(
        label="For whom",
        max_length=120,
        validators=[visible],
        help_text="One link for each recipient: each can be closed on its own.",
    )
    expires = forms.ChoiceField(label="It closes", choices=list(EXPIRIES.items()), initial="90")
    window = forms.ChoiceField(label="It shows the last", choices=list(SPANS.items()), initial="30")

    def __init__(self, *args: object, client: Client, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.client = client

    @property
    def days(self) -> int | None:
        """Until it closes; None for never."""
        asked = self.cleaned_data["expires"]
        return None if asked == "never" else int(asked)


class ViewForm(forms.Form):
    name = forms.CharField(label="Name of the view", max_length=60, validators=[visible])
