from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from agency.models import Agency
from clients.claiming import normal
from clients.models import Client, Connection, ScopeKind, SenderTag
from clients.vendors.base import Vendor

_HANDLE = re.compile(r"@[\w.-]{1,63}\Z|[^\s@,;<>\"/?#]{1,64}@[^\s@,;<>\"/?#]{1,180}\Z")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\Z")


class ScopesField(forms.CharField):
    """Domains or tags, parted by commas or lines → a list of them."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, required=False, **kwargs)

    def clean(self, value: Any) -> list[str]:
        return [part for part in (" ".join(one.split()) for one in re.split(r"[,\n;]", super().clean(value))) if part]


class ClaimForm(forms.Form):
    """Which part of a connection is which client's. `claims()` gives (kind, value) pairs, checked."""

    client = forms.ModelChoiceField(Client.objects.none(), to_field_name="slug", empty_label="Choose a client")
    kind = forms.ChoiceField(
        label="What is theirs",
        choices=[
            ("all", "Everything on this connection"),
            ("domain", "Mail from these domains"),
            ("tag", "Senders with these tags"),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )
    values = ScopesField(label="Domains or tags", help_text="Parted by commas. A domain covers its subdomains.")

    def __init__(self, *args: Any, agency: Agency, connection: Connection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if connection:
            self.fit(connection.vendor_class)
        self.fields["client"].queryset = Client.objects.of(agency).active()  # type: ignore[attr-defined]
        self._workspaces = _workspaces_of(connection) if connection else {}
        if listed := _handles_of(connection) if connection else []:
            self.fields["handles"] = forms.MultipleChoiceField(
                label="Identities", required=False, choices=listed, widget=forms.CheckboxSelectMultiple
            )
            self.fields["values"].label = "Others, by their handles"
            self.initial.setdefault("kind", ScopeKind.HANDLE.value)
        if self._workspaces:
            kind: Any = self.fields["kind"]
            kind.choices = [*kind.choices, ("workspace", "These workspaces")]
            self.fields["workspaces"] = forms.MultipleChoiceField(
                label="Workspaces", required=False, choices=list(self._workspaces.items()), widget=forms.CheckboxSelectMultiple
            )

    def fit(self, vendor: type[Vendor]) -> None:
        """A vendor with handles is asked for those, one without a list of them for nothing else."""
        if ScopeKind.HANDLE not in vendor.scopes:
            return
        kind: Any = self.fields["kind"]
        if vendor.lists_handles:
            kind.choices = [("all", "Everything on this connection"), ("handle", "These identities")]
            self.fields["values"].label = "Handles of the identities"
            self.fields["values"].help_text = f"Parted by commas, as {vendor.label} shows them, such as @acme."
            return
        kind.choices, kind.initial, kind.widget = [("handle", "These identities")], "handle", forms.HiddenInput()
        self.initial["kind"] = "handle"
        self.fields["values"].label = "Handles of the identities"
        self.fields["values"].help_text = f"Parted by commas, as {vendor.label} shows them: it has no list to choose from."

    def refuse_parts(self, unknown: Iterable[str]) -> None:
        """What the vendor does not know, at the field it was typed into."""
        for text in unknown:
            self.add_error("values", text)

    def ask_first(self, clash: object) -> None:
        """Unless it was answered already."""
        if clash and "anyway" not in self.data:
            self.fields["anyway"] = forms.BooleanField(label="Give it all the same", required=False)
            self.add_error(None, f"{clash} Remove the other claim first, or give it all the same.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "kind" in cleaned and "values" in cleaned and (cleaned.get("client") or self.fields["client"].required):
            try:
                chosen = cleaned.get("workspaces") or cleaned["values"]
                of_workspaces = cleaned["kind"] == ScopeKind.WORKSPACE
                named = [*cleaned.get("handles", ()), *cleaned["values"]]
                if cleaned["kind"] == ScopeKind.ALL and (named or cleaned.get("workspaces")):
                    said = "Either everything, or what is named here: choose its kind above, or empty this."
                    raise ValidationError(said, code="both")
                cleaned["claims"] = self._claimed(chosen) if of_workspaces else checked_claims(cleaned["kind"], named)
            except ValidationError as error:
                self.add_error("workspaces" if cleaned["kind"] == ScopeKind.WORKSPACE else "values", error)
        return cleaned

    def _claimed(self, chosen: list[str]) -> list[tuple[str, str]]:
        if not chosen or set(chosen) - set(self._workspaces):
            raise ValidationError("Choose at least one workspace.", code="required")
        return [(ScopeKind.WORKSPACE.value, workspace) for workspace in chosen]


def _workspaces_of(connection: Connection) -> dict[str, str]:
    """Id → name, the key's own first."""
    own = {connection.home.external_id: f"{connection.home} (the key's own)"} if connection.home.external_id else {}
    return own | {one.external_id: str(one) for one in connection.workspaces.filter(gone_at=None)}


def _handles_of(connection: Connection) -> list[tuple[str, str]]:
    """Those that nobody has claimed."""
    if not connection.vendor_class.lists_handles:
        return []
    taken = connection.scopes.filter(kind=ScopeKind.HANDLE).values("value")
    tags = SenderTag.objects.filter(sender__connection=connection, sender__gone_at=None).exclude(name__in=taken)
    return [(name, name) for name in sorted(set(tags.values_list("name", flat=True)))]


def checked_claims(kind: str, values: list[str]) -> list[tuple[str, str]]:
    """Raises ValidationError."""
    if kind == ScopeKind.ALL:
        return [(kind, "")]
    if not values:
        raise ValidationError(
            {ScopeKind.DOMAIN.value: "Name at least one domain.", ScopeKind.HANDLE.value: "Name at least one identity."}.get(
                kind, "Name at least one tag."
            ),
            code="required",
        )
    values = list(dict.fromkeys(normal(kind, value) for value in values))
    for value in values:
        if kind == ScopeKind.DOMAIN and not _DOMAIN.match(value):
            raise ValidationError(f"‘{value[:80]}’ is not a domain such as mail.example.com.", code="domain")
        if kind == ScopeKind.HANDLE and not _HANDLE.match(value):
            raise ValidationError(f"‘{value[:80]}’ is not a handle such as alice.acme@vendor.example or @acme.", code="handle")
        longest = {ScopeKind.HANDLE.value: 64}.get(kind, 120)
        if len(value) > longest:
            raise ValidationError(f"A {kind} may have {longest} letters.", code="long")
    return [(kind, value) for value in values]
