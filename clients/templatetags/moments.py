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
    return "never" if then is None else _time(then, ages.ago(then, timezone.now()))


@register.filter
def due(at: datetime) -> SafeString | str:
    """Of what happens by itself: 'in 8 min', and 'due now' once the time has come."""
    now = timezone.now()
    if at <= now:
        return "due now"
    return _time(at, "within a minute" if at - now < ages.AT_ONCE else ages.ago(at, now))


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


def _time(at: datetime, said: str) -> SafeString:
    local = timezone.localtime(at)
    exact = f"{local:%-d %b %Y, %H:%M %Z}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), exact, said)
