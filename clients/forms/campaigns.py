"""A new campaign: from whom, in which steps, when, and how much a day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict

from agency import zones
from clients.campaigning import choosing
from clients.campaigning.sequence import EVENTS
from clients.forms.lines import LineField, NameField, not_blank
from clients.forms.refused import RefusedForm
from clients.models import Client, Connection
from clients.vendors.campaigns import Branch, NewCampaign, SendWindow, Step

DAYS = [(str(number), name) for number, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), 1)]
#: Of a branch.
_NEEDED = {"on": "Say which step's mail.", "event": "Say what it depends on.", "within": "Say within how long."}
AT_FIRST, MORE = 3, 3  # steps that the form shows, and how many it shows more when asked
THE_LEADS = "lead"
ENDS = "0"


class StepForm(forms.Form):
    """One of several; an empty one asks for nothing."""

    subject = LineField(required=False, max_length=255, validators=[not_blank])
    body = forms.CharField(
        label="Mail", required=False, max_length=100_000, strip=False, validators=[not_blank], widget=forms.Textarea({"rows": 6})
    )
    delay = forms.IntegerField(label="Days after the step before", required=False, min_value=0, max_value=60)
    on = forms.ChoiceField(label="Look at the mail of", required=False)
    event = forms.ChoiceField(label="Whether it", required=False, choices=[("", "–"), *EVENTS.items()])
    within = forms.IntegerField(label="Within days", required=False, min_value=1, max_value=60)
    then = forms.ChoiceField(label="If so, go on with", required=False)
    otherwise = forms.ChoiceField(label="If not, go on with", required=False)

    branch = ("on", "event", "within", "then", "otherwise")

    def __init__(self, *args: Any, place: int, steps: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        fields: Any = self.fields
        for name in self.fields:
            fields[name].optional_because = " "
        earlier = [(str(number), f"step {number}") for number in range(1, place + 1)]
        later = [(str(number), f"step {number}") for number in range(place + 1, steps + 1)]
        fields["on"].choices = [("", "no step: no branch"), *earlier]
        fields["then"].choices = fields["otherwise"].choices = [(ENDS, "nothing: it ends"), *later]
        if place == 1:
            del self.fields["delay"]
        else:
            fields["subject"].help_text = "Each step needs one, a follow-up too."

    @property
    def is_empty(self) -> bool:
        """As it was typed: an unsent branch alone is a mistake, and not nothing."""
        typed = ("subject", "body", "delay", "on", "event", "within")
        return not any(str(self[name].value() or "").strip() for name in typed if name in self.fields)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_empty:
            return cleaned
        for name, said in (("subject", "Write a subject."), ("body", "Write the mail.")):
            if not (cleaned.get(name) or "").strip() and name not in self.errors:
                self.add_error(name, said)
        wants = {name for name in ("on", "event", "within") if cleaned.get(name)}
        for name, said in _NEEDED.items():
            if wants and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, said)
        return cleaned

    def check_ways(self, steps: int) -> None:
        """Where a branch leads to a step that is not filled in."""
        for name in ("then", "otherwise"):
            if self.cleaned_data.get("on") and int(self.cleaned_data.get(name) or ENDS) > steps:
                self.add_error(name, "This step is empty.")

    @property
    def branches(self) -> bool:
        """Whether its branch is to be seen."""
        return bool(self["on"].value() or set(self.branch) & set(self.errors))

    @property
    def step(self) -> Step:
        given = self.cleaned_data
        branch = None
        if given.get("on"):
            then, otherwise = (int(given.get(name) or ENDS) or None for name in ("then", "otherwise"))
            branch = Branch(int(given["on"]), given["event"], given["within"], then, otherwise)
        body = given["body"].replace("\r\n", "\n")
        return Step(given["subject"], body, given.get("delay") or 0, branch)


class NewCampaignForm(RefusedForm):
    name = NameField(help_text="By this name it is known: no other of the account may have it.")
    senders = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose a sender at least."}
    )
    daily_limit = forms.IntegerField(
        label="Mails a day", required=False, min_value=1, max_value=1_000_000,
        help_text="Left out: as many as the plan allows, and never more than the senders' own limits together.",
    )  # fmt: skip
    days = forms.MultipleChoiceField(
        choices=DAYS, initial=["1", "2", "3", "4", "5"], widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose a day at least."},
    )  # fmt: skip
    start = forms.TimeField(label="From, each day", initial="09:00", widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    end = forms.TimeField(label="To", initial="17:00", widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    zone = forms.ChoiceField(label="By the clocks of", initial=THE_LEADS)
    tracks_opens = forms.BooleanField(label="Track opens", required=False, initial=True)
    tracks_clicks = forms.BooleanField(label="Track clicks", required=False, initial=True)
    shown = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, client: Client, connection: Connection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vendor = connection.vendor_class
        self.fields["name"].validators.append(not_blank)
        fields: Any = self.fields
        fields["name"].max_length = self.vendor.longest_campaign_name
        fields["name"].widget.attrs["maxlength"] = self.vendor.longest_campaign_name
        fields["senders"].choices = [
            (email, email) for email in choosing.senders(client, connection).values_list("email", flat=True)
        ]
        fields["zone"].choices = [(THE_LEADS, "each lead's own timezone"), *zones.choices()]
        many = self._shown()
        data = self.data if self.is_bound else None
        self.steps = [StepForm(data, prefix=f"step{place}", place=place, steps=many) for place in range(1, many + 1)]
        quiet: list[Any] = [self, *self.steps] if self.wants_more else []
        for form in quiet:
            form._errors = ErrorDict()  # nothing is asked for yet, so nothing is wrong

    @property
    def wants_more(self) -> bool:
        return "more" in self.data

    @property
    def placeholders(self) -> list[str]:
        return [f"{{{{{name}}}}}" for name in self.vendor.placeholders]

    @property
    def may_have_more(self) -> bool:
        return len(self.steps) < self.vendor.most_steps

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if len(name) > self.vendor.longest_campaign_name:
            raise forms.ValidationError(f"At most {self.vendor.longest_campaign_name} letters.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("start") and cleaned.get("end") and cleaned["start"] >= cleaned["end"]:
            self.add_error("end", "This is before it begins.")
        filled = [step for step in self.steps if not step.is_empty]
        if not filled:
            self.add_error(None, "A campaign has one step at least.")
        elif filled != self.steps[: len(filled)]:
            empty = next(step.place for step in self.steps if step not in filled)
            self.add_error(None, f"Step {empty} is empty, and a later one is not: fill it in, or move the later ones up.")
        if wrong := [str(step.place) for step in filled if not self._fits(step, len(filled))]:
            self.add_error(None, f"Look at step {', '.join(wrong)}: something is not right there.")
        return cleaned

    @property
    def new(self) -> NewCampaign:
        given = self.cleaned_data
        zone = "" if given["zone"] == THE_LEADS else given["zone"]
        window = SendWindow(tuple(sorted(map(int, given["days"]))), f"{given['start']:%H:%M}", f"{given['end']:%H:%M}", zone)
        return NewCampaign(
            name=given["name"],
            senders=tuple(given["senders"]),
            steps=tuple(step.step for step in self.steps if not step.is_empty),
            window=window,
            daily_limit=given["daily_limit"],
            tracks_opens=given["tracks_opens"],
            tracks_clicks=given["tracks_clicks"],
        )

    def _shown(self) -> int:
        try:
            many = int(self.data.get("shown") or AT_FIRST)
        except ValueError:
            many = AT_FIRST
        many = many + MORE if self.wants_more else many
        return max(1, min(many, self.vendor.most_steps))

    def _fits(self, step: StepForm, steps: int) -> bool:
        if step.is_valid():
            step.check_ways(steps)
        return step.is_valid()
