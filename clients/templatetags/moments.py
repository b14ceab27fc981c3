"""How long ago something was, in words, with the exact time beside them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clients import ages

register = template.Library()


@register.filter
def ago(then: datetime | None) -> SafeString | str:
    """A <time> that reads '8 min ago'; 'never' for None."""
    if then is None:
        return "never"
    local = timezone.localtime(then)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%-d %b %Y, %H:%M %Z}",
        ages.ago(then, timezone.now()),
    )


@register.filter
def minutes(span: timedelta) -> str:
    count = round(span.total_seconds() / 60)
    return f"{count} min" if count < 120 else f"{count / 60:g} h"


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.filter
def singular(noun: str) -> str:
    """'tests' → 'test', 'entries' → 'entry'."""
    return f"{noun.removesuffix('ies')}y" if noun.endswith("ies") else noun.removesuffix("s")
