"""The filters over a list: choices that exist, bound to the URL, never an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django import forms

from reports.filters import WINDOW_CHOICES, Select, choices
from reports.listing.heads import Column, ways
from reports.scope import Scope

#: Field → its label and what may be chosen beside 'All'.
type Offers = Mapping[str, tuple[str, Sequence[tuple[str, str]]]]


class ListFilters(forms.Form):
    """`search` names what it looks through; `sorts` are the list's columns, and by which of them it is sorted unasked. A field
    with fewer than two choices stays away unless it is asked for."""

    def __init__(
        self,
        scope: Scope,
        offers: Offers,
        *,
        search: str = "",
        window: bool = False,
        sorts: tuple[Iterable[Column], str] | None = None,
    ) -> None:
        asked = {name: getattr(scope.filters, name) for name in ("search", "sort", *offers)}
        if sorts and asked["sort"] == sorts[1]:
            asked["sort"] = ""
        super().__init__({"window": str(scope.window.days), **asked}, auto_id="filter-%s")
        if search:
            self.fields["search"] = forms.CharField(
                required=False, widget=forms.TextInput({"type": "search", "placeholder": search, "size": max(18, len(search))})
            )
        if window:
            self.fields["window"] = forms.ChoiceField(choices=WINDOW_CHOICES, required=False, widget=Select)
        for name, (label, found) in offers.items():
            if len(found) > 1 or asked[name]:
                # A list may have its own words for 'not asked'.
                known = asked[name] in dict(found) and "" in dict(found)
                self.fields[name] = forms.ChoiceField(
                    label=label, required=False, widget=Select, choices=found if known else choices(found, asked[name], "All")
                )
        if sorts:
            self.fields["sort"] = forms.ChoiceField(required=False, widget=Select, choices=ways(*sorts))
        elif asked["sort"]:
            self.fields["sort"] = forms.CharField(required=False, widget=forms.HiddenInput)


def same(words: Sequence[str]) -> list[tuple[str, str]]:
    """Choices that are their own labels."""
    return [(word, word) for word in words]
