"""The frame's forms, and how every form of the product is drawn."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.contrib.auth.password_validation import (
    get_default_password_validators,
    password_validators_help_text_html,
    validate_password,
)
from django.contrib.auth.tokens import default_token_generator
from django.core.files.uploadedfile import UploadedFile
from django.forms.renderers import TemplatesSetting
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.views.decorators.debug import sensitive_variables

from agency import mail, pictures
from agency.branding import LARGEST_LOGO
from agency.invitations import may_grant, may_replace
from agency.meanwhile import CatchesUp
from agency.models import Agency, Membership, Role, User
from agency.naming import visible
from agency.ticks import ClientsToTick, looked_for


class FormRenderer(TemplatesSetting):
    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    error_messages = {  # noqa: RUF012  (Django declares it so)
        "invalid_login": "That e-mail and password do not belong together.",
        "inactive": "That e-mail and password do not belong together.",
    }

    def clean_username(self) -> str:
        return User.objects.normalise(self.cleaned_data["username"])


class NewPassword(forms.Form):
    """A password of one's own choice, by the rules of AUTH_PASSWORD_VALIDATORS. Subclasses say for whom."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=password_validators_help_text_html(),
    )

    def person(self) -> User:
        raise NotImplementedError

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if password := cleaned.get("password"):
            try:
                validate_password(password, self.person())
            except forms.ValidationError as error:
                self.add_error("password", error)
                self._leave_out_what_is_said(password)
        return cleaned

    @sensitive_variables()
    def _leave_out_what_is_said(self, password: str) -> None:
        """A rule that was broken stands in the error: beside it, the rules that were not."""
        kept = [one for one in get_default_password_validators() if self._accepts(one, password)]
        self["password"].help_text = password_validators_help_text_html(kept)

    @sensitive_variables()
    def _accepts(self, validator: Any, password: str) -> bool:
        try:
            validator.validate(password, self.person())
        except forms.ValidationError:
            return False
        return True


class SetupForm(NewPassword):
    agency = forms.CharField(label="Your agency's name", max_length=120, validators=[visible])
    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label="Your e-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"}))

    field_order = ("agency", "name", "email", "password")

    def person(self) -> User:
        return User(email=self.cleaned_data.get("email", ""), name=self.cleaned_data.get("name", ""))


class JoinForm(NewPassword):
    """An invited person who is new here."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "password")

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def person(self) -> User:
        return User(email=self.email, name=self.cleaned_data.get("name", ""))


class ResetForm(PasswordResetForm):
    """Does the same work for an address that nobody has: neither the page nor its time tells the two apart."""

    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"}))

    def save(self, *, request: HttpRequest | None = None, **_: Any) -> None:  # type: ignore[override]
        assert request is not None  # noqa: S101  (PasswordResetView always passes it)
        address = User.objects.normalise(self.cleaned_data["email"])
        user = User.objects.filter(email=address, is_active=True).first()
        message = mail.compose(
            "agency/mail/password_reset.txt", address, {"link": _reset_link(request, user or User(pk=0, email=address))}
        )
        if user is not None:
            mail.send(message)


def _reset_link(request: HttpRequest, user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return mail.link(request, reverse("password-reset-confirm", args=[uid, default_token_generator.make_token(user)]))


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for django-stubs only
    class Meta:
        model = User
        fields: ClassVar = ["name"]
        widgets: ClassVar = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254)
    role = forms.ChoiceField(choices=(), widget=forms.RadioSelect)
    clients = forms.MultipleChoiceField(
        required=False,
        error_messages={"invalid_choice": "A client that was ticked is not among yours in use, or archived since. Look again."},
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        told = [(value, f"{label}: {Role(value).does}") for value, label in grantable(member)]
        self.fields["role"].choices = told  # type: ignore[attr-defined]
        self.fields["role"].initial = Role.ANALYST
        in_use = member.agency.clients.filter(archived_at=None).order_by("name", "pk")
        self.clients_to_tick = ClientsToTick(in_use, self._ticked(), looked_for(self.data.get("find", "")))
        self.fields["clients"].choices = [  # type: ignore[attr-defined]
            (value, name) for value, name, _ in self.clients_to_tick.ticks
        ]

    def look(self) -> None:
        """Of one that somebody is still looking around in: nothing of it is judged."""
        self._errors, self.cleaned_data = ErrorDict(), {}

    def clean_email(self) -> str:
        email = User.objects.normalise(self.cleaned_data["email"])
        if Membership.objects.filter(agency_id=self.member.agency_id, user__email=email).exists():
            raise forms.ValidationError("This person is on the team already.")
        if not may_replace(self.member, email):
            raise forms.ValidationError("This person is invited already, to a role above those that you may give.")
        return email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("role", Role.VIEWER) != Role.VIEWER:
            # Hidden with the role: what stands there is not asked for, and not wrong.
            self.errors.pop("clients", None)
            cleaned["clients"] = []
        return cleaned

    @property
    def leaves_out(self) -> bool:
        """Of a valid one: clients were ticked for a role that sees all of them."""
        return bool(self._ticked()) and not self.cleaned_data["clients"]

    def _ticked(self) -> list[str]:
        if self.is_bound:
            return list(self.data.getlist("clients"))  # type: ignore[attr-defined]
        return list(self.initial.get("clients", ()))


def grantable(member: Membership) -> list[tuple[str, str]]:
    return [(role.value, str(role.label)) for role in Role if may_grant(member, role)]


class BrandingForm(CatchesUp, forms.ModelForm):  # type: ignore[type-arg]  # generic for django-stubs only
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG or WebP, at most 200 KB and 2,000 × 2,000 pixels. It stands at the top of every report page.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    no_logo = forms.BooleanField(label="Take the logo away", required=False)

    class Meta:
        model = Agency
        fields: ClassVar = ["name", "colour"]
        widgets: ClassVar = {"colour": forms.TextInput(attrs={"type": "color"})}
        help_texts: ClassVar = {"colour": "The line at the top of report pages, and their links."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(visible)
        if not self.instance.logo:
            del self.fields["no_logo"]
        self.catch_up("name", "colour")

    def clean_logo_file(self) -> UploadedFile[bytes] | None:
        file: UploadedFile[bytes] | None = self.cleaned_data["logo_file"]
        if file is None:
            return None
        if (file.size or 0) > LARGEST_LOGO:
            raise forms.ValidationError("This file is larger than 200 KB.")
        picture = pictures.read(file.read())
        file.seek(0)
        if picture is None:
            raise forms.ValidationError("This file is not a PNG, JPEG or WebP image.")
        if max(picture.width, picture.height) > pictures.LONGEST_SIDE:
            longest = f"{pictures.LONGEST_SIDE:,} × {pictures.LONGEST_SIDE:,}"
            raise forms.ValidationError(
                f"This image has {picture.width} × {picture.height} pixels: {longest} are the most, and 600 × 200 are plenty."
            )
        self.picture = picture
        return file

    def save(self, commit: bool = True) -> Agency:
        """Only what was changed: the rest may be newer than what was read."""
        written = [name for name in self._meta.fields or () if name in self.changed_data]
        file = self.cleaned_data.get("logo_file")
        if file:
            self.instance.logo = file.read()
            self.instance.logo_type = self.picture.type
        elif self.cleaned_data.get("no_logo"):
            self.instance.logo, self.instance.logo_type = None, ""
        if file or self.cleaned_data.get("no_logo"):
            written += ["logo", "logo_type"]
        agency: Agency = self.instance
        agency.save(update_fields=written)
        return agency
