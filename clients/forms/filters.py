from __future__ import annotations

from django import forms
from django.db.models import Q, QuerySet

from clients.models import Connection, Health


class ConnectionFilters(forms.Form):
    search = forms.CharField(
        required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Client, domain"})
    )
    health = forms.ChoiceField(required=False, choices=[("", "All"), *Health.choices])

    @property
    def any(self) -> bool:
        return self.is_bound and any(self.data.get(name) for name in self.fields)

    def narrow(self, found: QuerySet[Connection]) -> QuerySet[Connection]:
        """Nothing matches a health that nobody knows."""
        if not self.is_valid():
            return found.none()
        search, health = self.cleaned_data["search"], self.cleaned_data["health"]
        if search:
            theirs = Q(scopes__value__icontains=search) | Q(scopes__client__name__icontains=search)
            found = found.filter(Q(label__icontains=search) | theirs).distinct()
        return found.filter(health=health) if health else found
