"""What is asked of a placement test: what it sends, from whom, to which seeds, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Count
from django.forms.utils import ErrorDict

from agency import zones
from agency.ticks import looked_for
from clients.forms.automations import automation_forms, refuse
from clients.forms.lines import LineField, NameField, not_blank
from clients.forms.ticks import SendersToTick, Tick, Wholes
from clients.models import Client, SenderTag, TestKind
from clients.ordering import choosing, recipes
from clients.ordering.choosing import Place
from clients.ordering.offering import Offer
from clients.vendors.testing import AUTOMATED, ONCE

#: The form of a schedule begins the week where people do.
DAYS = [("1", "Mon"), ("2", "Tue"), ("3", "Wed"), ("4", "Thu"), ("5", "Fri"), ("6", "Sat"), ("0", "Sun")]


TIMING = ("days", "start", "end", "zone")


class Many(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class ScheduleForm(forms.Form):
    """The days and hours of an automated test."""

    days = Many(choices=DAYS, required=False, initial=["1"])
    start = forms.TimeField(label="From", required=False, initial="08:00", widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    end = forms.TimeField(label="To", required=False, initial="17:00", widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    zone = forms.ChoiceField(label="Time zone", required=False)

    def offer_zones(self, client: Client, offered: tuple[str, ...]) -> None:
        like = recipes.zone_like(client.timezone, offered)
        zone = self.fields["zone"]
        zone.choices = [("", "Choose one"), *zones.choices(offered)]  # type: ignore[attr-defined]
        zone.initial = like
        if not like:
            zone.help_text = f"The vendor knows no zone that is the same as the client's, {client.timezone}: choose the nearest."
        elif like != client.timezone:
            zone.help_text = f"The client's {client.timezone} is {like} here: the same clocks all year."

    def clean_schedule(self, cleaned: dict[str, Any]) -> None:
        for name, said in (("days", "Choose a day at least."), ("start", "Say from when."), ("end", "Say until when."),
                           ("zone", "Choose a time zone.")):  # fmt: skip
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, said)
        if cleaned.get("start") and cleaned.get("end") and cleaned["start"] >= cleaned["end"]:
            self.add_error("end", "This is before it begins.")

    @staticmethod
    def said_of(cleaned: dict[str, Any]) -> dict[str, Any]:
        times = {name: f"{cleaned[name]:%H:%M}" if cleaned.get(name) else "" for name in ("start", "end")}
        return {"days": list(cleaned["days"]), **times, "zone": cleaned["zone"]}


class NewTestForm(ScheduleForm):
    """`wanted` is what a valid one asks for. `refuse` puts the vendor's words at the fields that they are about."""

    refused_words = ""  # above the vendor's noes

    kind = forms.ChoiceField(choices=TestKind, initial=ONCE, widget=forms.RadioSelect)
    name = NameField(max_length=120)
    subject = LineField(max_length=255, validators=[not_blank])
    body = forms.CharField(
        label="Mail", max_length=200_000, widget=forms.Textarea({"rows": 10}), strip=False, validators=[not_blank]
    )
    body_as = forms.ChoiceField(
        label="Written as",
        choices=[(recipes.PLAIN, "Plain text"), (recipes.HTML, "HTML")],
        initial=recipes.PLAIN,
        widget=forms.RadioSelect,
    )
    text_only = forms.BooleanField(
        label="Text only", required=False, initial=True, help_text="Without the pixel that tells who has opened a mail."
    )
    senders = Many(required=False)
    domains = Many(required=False)
    tags = Many(required=False)
    groups = Many(
        label="Seed groups",
        error_messages={"required": "Choose a group of seeds at least."},
        help_text="What the account's plan has, as the vendor says just now.",
    )
    delivery = forms.ChoiceField(
        choices=[("one", "One by one"), ("together", "All together")], initial="one", widget=forms.RadioSelect
    )
    method = forms.ChoiceField(label="Sent", initial="vendor", widget=forms.RadioSelect)
    at_once = forms.BooleanField(label="Run it once now as well", required=False)

    def __init__(self, *args: Any, client: Client, place: Place, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client, self.place, self.offer = client, place, offer
        vendor = place.connection.vendor_class
        self._mine = choosing.own(client, place.connection, place.workspace)
        self.offer_zones(client, vendor.test_zones)
        for name in TIMING:
            self.fields[name].optional_because = " "  # type: ignore[attr-defined]  # shown only where they are needed
        self._choose("method", [("vendor", f"By {vendor.label}"), ("outside", "From outside, by you")])
        self.fields["method"].help_text = "From outside: you send the mail yourself, with a code in it that the next page tells."
        self._look = looked_for(str(self.data.get("find", "")))
        self.senders_to_tick = SendersToTick(self._mine, self._asked("senders"), self._look)
        self._choose("senders", ((str(uuid), email) for uuid, email, _ in self.senders_to_tick.rows))
        # Who can't be chosen is not counted.
        sending = self._mine.filter(status__in=vendor.sending_statuses)
        self._choose("domains", _counted(sending.order_by("domain").values_list("domain").annotate(n=Count("pk"))))
        tagged = SenderTag.objects.filter(sender__in=sending.order_by()).order_by("name")
        self._choose("tags", _counted(tagged.values_list("name").annotate(n=Count("pk"))))
        self._choose("groups", self._groups())
        kept = self.initial.get("automations") or []
        asked = self.data if self.is_bound else None
        self.automations = automation_forms(asked, kept, vendor.test_conditions, offer.labels)

    @property
    def ticks(self) -> list[Tick]:
        """Those that send stand first."""
        return self.senders_to_tick.ticks(self.place.connection)

    @property
    def wholes(self) -> list[tuple[str, str, Wholes]]:
        """Domains and tags, where there is something to choose from: field, legend, what to tick."""
        several = [("domains", "All of a domain", 1), ("tags", "All with a tag", 0)]
        offered = [(name, legend) for name, legend, few in several if len(self._choices(name)) > few]
        return [(name, legend, Wholes(self._choices(name), self._asked(name), self._look)) for name, legend in offered]

    def look(self) -> None:
        """Of one that somebody is still looking around in: nothing of it is judged."""
        for form in (self, *self.automations):
            form._errors, form.cleaned_data = ErrorDict(), {}  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._clean_senders(cleaned)
        if self.offer.trouble:
            self.errors.pop("groups", None)
            self.add_error("groups", self.offer.trouble)
        if cleaned.get("kind") == AUTOMATED:
            self.clean_schedule(cleaned)
            wrong = [automation for automation in self.automations if not automation.is_valid()]
            if wrong:
                self.add_error(None, "An automation is not complete: see below.")
        else:
            # Hidden with the choice: what stands there is not asked for, and not wrong.
            for name in TIMING:
                self.errors.pop(name, None)
        return cleaned

    @property
    def wanted(self) -> dict[str, Any]:
        given, automated = self.cleaned_data, self.cleaned_data["kind"] == AUTOMATED
        plain = ("kind", "name", "subject", "body", "body_as", "text_only", "senders", "domains", "tags", "groups")
        return {
            **{name: given[name] for name in (*plain, "delivery", "method")},
            "at_once": not automated or given["at_once"],
            **(self.said_of(given) if automated else {}),
            "automations": [one.said for one in self.automations if one.said] if automated else [],
        }

    def refuse(self, refusals: dict[str, str], otherwise: str) -> None:
        """Of a form that nobody has posted: what it holds was sent before."""
        self.full_clean()  # finds nothing, and makes room for errors
        self.cleaned_data = {}
        self.refused_words = f"{self.place.connection.vendor_class.label} did not make it:"
        for name, said in (refusals or {"": otherwise}).items():
            if not refuse(self.automations, name, said):
                self.add_error(name if name in self.fields else None, said)

    def _clean_senders(self, cleaned: dict[str, Any]) -> None:
        if {"senders", "domains", "tags"} & set(self.errors):
            return
        chosen = choosing.choose(self.client, self.place.connection, self.place.workspace, cleaned)
        if not chosen.sending:
            said = "None of these would send: each is paused or failing." if chosen.left_out else "Choose a sender at least."
            self.add_error("senders", said)

    def _groups(self) -> Iterable[tuple[str, str]]:
        """With those that were asked for while they can't be had: nothing chosen is lost."""
        offered = {group.key: group.label for group in self.offer.groups}
        if self.offer.trouble:
            asked = self.data.getlist("groups") if self.is_bound else self.initial.get("groups", [])  # type: ignore[attr-defined]
            offered |= {key: recipes.group(key).label for key in asked}
        return offered.items()

    def _asked(self, name: str) -> list[str]:
        """What is ticked."""
        return list(self.data.getlist(name) if self.is_bound else self.initial.get(name) or ())  # type: ignore[attr-defined]

    def _choices(self, name: str) -> list[tuple[str, str]]:
        return list(self.fields[name].choices)  # type: ignore[attr-defined]

    def _choose(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]


def _counted(rows: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(name, f"{name} ({number:,})") for name, number in rows if name]
