"""Addresses that break where they have joints."""

from __future__ import annotations

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(address: str) -> SafeString:
    """'name@mail.example' with a place for a line break before each @ and dot; nowhere else does it break."""
    return mark_safe(re.sub(r"(?<=.)([@.])", r"<wbr>\1", escape(address)))  # noqa: S308
