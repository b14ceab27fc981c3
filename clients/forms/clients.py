from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.utils.text import slugify

from agency import zones
from agency.meanwhile import CatchesUp
from agency.models import Agency, Membership, Role
from agency.naming import visible
from clients.models import Client, ClientTag

#: Words that stand where a slug could: /clients/new/, /clients/export/….
RESERVED = {"new", "export"}
_SIGNS = "Small letters, digits and hyphens."
_short_name = RegexValidator(r"^[a-z0-9-]+\Z", _SIGNS)
_OLD = ("Etc/", "SystemV/", "posix", "right")


class ClientForm(CatchesUp, forms.ModelForm):  # type: ignore[type-arg]  # it takes no parameter when it runs
    """Saves the client with its tags and viewers. `instance.agency` must be set."""

    slug = forms.CharField(
        label="Short name in addresses",
        max_length=80,
        required=False,
        help_text=f"{_SIGNS} Left empty, it is made from the name.",
    )
    tags = forms.CharField(required=False, max_length=600, help_text="Parted by commas: retail, vip")
    timezone = forms.ChoiceField(help_text="Its days are counted in this timezone, where a vendor gives a time.")

    class Meta:
        model = Client
        fields: ClassVar = ["name", "slug", "tags", "timezone", "manager", "viewers"]
        labels: ClassVar = {"manager": "Account manager", "viewers": "Viewers who may see this client"}
        widgets: ClassVar = {"viewers": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.agency = agency
        members = Membership.objects.filter(agency=agency).select_related("user").order_by("user__name", "user__email")
        _choose(self.fields["manager"], members.exclude(role=Role.VIEWER), "Nobody")
        _choose(self.fields["viewers"], members.filter(role=Role.VIEWER))
        if not members.filter(role=Role.VIEWER).exists():
            del self.fields["viewers"]
        self.fields["name"].validators.append(visible)
        self.fields["timezone"].choices = _timezones()  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["manager"] = self.instance.manager
            self.initial["tags"] = ", ".join(tag.name for tag in self.instance.tags.all())
            self.fields["slug"].help_text = "Changing it changes the addresses of this client's pages."
            self.catch_up(*self.fields)

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        # One from before this rule stays, until it is changed.
        if slug and slug != self.instance.slug:
            _short_name(slug)
        return slug

    def clean_tags(self) -> list[str]:
        return tag_list(self.cleaned_data["tags"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "slug" not in self.errors and cleaned.get("name"):
            try:
                cleaned["slug"] = free_slug(self.instance, cleaned.get("slug") or slugify(cleaned["name"])[:80])
            except ValidationError as error:
                self.add_error("slug", error)
        return cleaned

    def save(self, commit: bool = True) -> Client:
        """Of a client that stands already, only what differs from what it says by now."""
        client: Client = self.instance
        given, changed = self.cleaned_data, self.changed_data
        with transaction.atomic():
            if client.pk is None:
                super().save()
            else:
                client.save(update_fields=[name for name in ("name", "slug", "timezone", "manager") if name in changed])
                if "viewers" in changed:
                    client.viewers.set(given["viewers"])
            if "tags" in changed:
                set_tags(client, given["tags"])
        return client


def tag_list(text: str) -> list[str]:
    """'VIP, retail,vip' → ['vip', 'retail']: small letters, each once, in the order typed."""
    tags = [" ".join(tag.lower().split()) for tag in text.split(",")]
    if any(len(tag) > 60 for tag in tags):
        raise ValidationError("A tag may have 60 letters.")
    tags = [tag for tag in tags if tag]
    for tag in tags:
        visible(tag)
    return list(dict.fromkeys(tags))


def set_tags(client: Client, tags: list[str]) -> None:
    client.tags.exclude(name__in=tags).delete()
    ClientTag.objects.bulk_create([ClientTag(client=client, name=name) for name in tags], ignore_conflicts=True)


def free_slug(client: Client, slug: str) -> str:
    """`slug`, if this client may have it. Raises ValidationError that says who has it, and what is free."""
    if not slug:
        raise ValidationError("This name has no Latin letters to make an address of: type one, such as client-7.")
    others = Client.objects.of(client.agency).exclude(pk=client.pk)
    holder = others.filter(slug=slug).first()
    if not holder and slug not in RESERVED:
        return slug
    used = set(others.filter(slug__startswith=slug[:70]).values_list("slug", flat=True)) | RESERVED
    free = next(name for number in range(2, 10_000) if (name := f"{slug[:74]}-{number}") not in used)
    whose = (
        f"is taken by {holder.name}{' (archived)' if holder.is_archived else ''}"
        if holder
        else "is a word Inboxdeck needs itself"
    )
    raise ValidationError(f"‘{slug}’ {whose}. Free is ‘{free}’.", code="taken")


def _timezones() -> list[tuple[str, str]]:
    """Without the names that only older machines use."""
    known = [(name, label) for name, label in zones.choices() if "/" in name and not name.startswith(_OLD)]
    return [("UTC", "UTC"), *known]


def _choose(field: forms.Field, members: Any, empty: str | None = None) -> None:
    choice = cast("forms.ModelChoiceField", field)  # type: ignore[type-arg]
    # By uuid: a row's number tells how many there are, and one with thirty digits breaks the query.
    choice.queryset, choice.to_field_name, choice.required = members, "uuid", False
    choice.label_from_instance = lambda member: str(member.user)  # type: ignore[method-assign,assignment]
    if empty is not None:
        choice.empty_label = empty
