"""Addresses on the web that people give and a vendor calls."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError

from clients.vendors.guard import may_be_public


def without_password(url: str) -> str:
    """As it may stand on a page; what is no address at all stays as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url


class _AddressInput(forms.URLInput):
    def format_value(self, value: Any) -> str | None:
        """A password that was typed is not printed again."""
        shown = super().format_value(value)
        return without_password(str(shown)) if shown else None


class PublicAddressField(forms.URLField):
    """https on the public internet, and without a name or a password in it, which would be handed on to whoever reads it."""

    widget = _AddressInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **kwargs)

    def clean(self, value: Any) -> str:
        url: str = super().clean(value)
        if not url:
            return url
        parts = urlsplit(url)
        if parts.scheme != "https":
            raise ValidationError("It must begin with https://.", code="https")
        if "@" in parts.netloc:
            raise ValidationError("Leave out the name and the password before the @.", code="password")
        if not may_be_public(parts.hostname or ""):
            raise ValidationError("It does not lead to the public internet: the vendor can't call it.", code="inside")
        return url
