from __future__ import annotations

from django import forms
from django.db.models import Q

from clients.models import Feed, Health
from clients.models.accounts import ConnectionQuerySet
from clients.models.operations import held_off, left_out

#: Not a health, but looked for at the same place: the key is forgotten, the history stays.
REMOVED = "removed"
#: Named as the badges name them.
HEALTHS = [
    ("ok", "Working"),
    ("failing", "Failing"),
    ("waiting", "Asked to wait"),
    ("lacking", "Part not read"),
    ("refused", "Key refused"),
    ("paused", "Paused"),
    (REMOVED, "Removed"),
]


class ConnectionFilters(forms.Form):
    search = forms.CharField(
        required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search", "placeholder": "Client, domain"})
    )
    health = forms.ChoiceField(required=False, choices=[("", "All"), *HEALTHS])

    @property
    def any(self) -> bool:
        return self.is_bound and any(self.data.get(name) for name in self.fields)

    def narrow(self, found: ConnectionQuerySet) -> ConnectionQuerySet:
        """Removed ones only where they are asked for. Nothing matches a health that nobody knows."""
        if not self.is_valid():
            return found.none()
        search, health = self.cleaned_data["search"], self.cleaned_data["health"]
        if search:
            theirs = Q(scopes__value__icontains=search) | Q(scopes__label__icontains=search)
            theirs |= Q(scopes__client__name__icontains=search)
            found = found.filter(Q(label__icontains=search) | theirs).distinct()
        if health == REMOVED:
            return found.removed()
        troubles: dict[str, Q] = {
            "failing": Q(pk__in=Feed.objects.filter(failures__gt=0).values("connection")),
            "lacking": Q(pk__in=Feed.objects.with_told().filter(~Q(lacks="") | left_out()).values("connection")),
            # What can't be read is asked for again only tomorrow, whatever its vendor asks.
            "waiting": Q(pk__in=Feed.objects.filter(held_off(), lacks="").values("connection")),
        }
        if health == Health.OK:
            return found.present().filter(health=health).exclude(Q(*troubles.values(), _connector=Q.OR))
        if health in troubles:
            return found.present().filter(troubles[health], health=Health.OK)
        return found.present().filter(health=health) if health else found.present()
