"""What is asked of a shuffle: a form for each method, the confirmation, and the monthly schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from clients.models import Client, Connection, MailboxProvider, Method, Shuffle
from clients.shuffles import mixing
from clients.shuffles.mixing import DryRun, NoSense
from clients.vendors.shuffles import IN_PLACE, Order

_PREFIX = "share-"


class OrderForm(forms.Form):
    """One method's own form. When it is valid `order` is what was asked for and `run` what would become of the mix."""

    reason = forms.CharField(required=False, max_length=500, help_text="For the audit log: what it is for.")

    def __init__(self, *args: Any, method: str, connection: Connection, mix: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{method}_%s"
        self.method, self.mix = method, mix
        self.label = Method(method).label
        self.order = Order(method)
        self.run: DryRun | None = None
        if method == IN_PLACE:
            self.fields["percentage"] = _percent("Percentage", 50, least=1)
            self.fields["percentage"].help_text = "Of all seeds; each mailbox provider keeps its share of them."
        else:
            self._add_shares(method, connection)
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def _add_shares(self, method: str, connection: Connection) -> None:
        named = _providers(connection, self.mix, all_of_them=method == Method.CUSTOM)
        weights = {provider: self.mix[provider] for provider in named if self.mix.get(provider)}
        now = mixing.shared_out(100, weights) if weights and method == Method.CUSTOM else {}
        for provider in named:
            label = str(MailboxProvider(provider).label)
            have = self.mix.get(provider, 0)
            field = _percent(f"{label}, %", now.get(provider, 0))
            field.help_text = f"{have:,} seed{'' if have == 1 else 's'} now."
            self.fields[f"{_PREFIX}{provider}"] = field

    @property
    def wrong(self) -> list[str]:
        """All that is wrong with it, each with its field's label."""
        return [
            f"{self.fields[name].label}: {error}" if name in self.fields else str(error)
            for name, errors in self.errors.items()
            for error in errors
        ]

    @property
    def shares(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(_PREFIX)]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith(_PREFIX)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        shares = {name.removeprefix(_PREFIX): cleaned.get(name) or 0 for name in self.fields if name.startswith(_PREFIX)}
        self.order = Order(self.method, cleaned.get("percentage"), shares)
        if not self.errors:
            try:
                self.run = self._dry_run()
            except NoSense as error:
                named = error.field if error.field in self.fields else f"{_PREFIX}{error.field}"
                self.add_error(named if named in self.fields else None, ValidationError(str(error)))
        return cleaned

    def _dry_run(self) -> DryRun | None:
        return mixing.dry_run(self.order, self.mix)


class ScheduleForm(OrderForm):
    day = forms.IntegerField(
        label="Day of the month",
        min_value=1,
        max_value=28,
        initial=1,
        help_text="1 to 28, so that every month has it; at 07:00 UTC.",
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"]
        self.order_fields(["day"])

    def _dry_run(self) -> DryRun | None:
        """Which seeds there will be on that day nobody knows."""
        mixing.check(self.order)
        return None


class ConfirmForm(forms.Form):
    """The account's label, typed; and whom the page named, so that nobody is hit whom the page did not name."""

    typed = forms.CharField(
        max_length=200,
        error_messages={"required": "Nothing was sent: type the account's label first."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    named = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, shuffle: Shuffle, served: Iterable[Client], **kwargs: Any) -> None:
        self._label, self._named = shuffle.connection.label, " ".join(str(client.uuid) for client in served)
        super().__init__(*args, **kwargs)
        self.initial["named"] = self._named
        self.fields["typed"].label = f"Type ‘{self._label}’ to shuffle its seeds"

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"])
        if _folded(typed) != _folded(self._label):
            raise ValidationError("That is not the account's label: nothing was sent.", code="mismatch")
        return typed

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("named") != self._named:
            # As if it had been posted so: shown again, the page names those of now.
            posted = self.data.dict() if isinstance(self.data, QueryDict) else self.data
            self.data = {**posted, "named": self._named}
            self.add_error(None, "The account serves other clients than it did when this page was made: look at them again.")
        return cleaned


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _percent(label: str, initial: int, least: int = 0) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=100, initial=initial, widget=widget)


def _providers(connection: Connection, mix: Mapping[str, int], *, all_of_them: bool) -> list[str]:
    """Those the vendor has a word for: for a part of each, where there are seeds; for a new mix, all."""
    known = connection.vendor_class.split_providers
    return [provider for provider in known if all_of_them or mix.get(provider)]
