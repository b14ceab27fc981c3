"""Where a conversation's pages stand, and the forms on them."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from clients.models import Conversation


def at(name: str, row: Conversation) -> str:
    return reverse(name, args=["acme", row.uuid])


def form_of(shown: str, action: str) -> dict[str, Any]:
    """What a browser would send of that form, untouched."""
    form = re.search(rf'<form[^>]+action="{re.escape(action)}"(.*?)</form>', shown, re.DOTALL)
    assert form, action
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="(?:hidden|text|number)" name="([^"]+)"(?: value="([^"]*)")?', form[1]):
        fields.setdefault(name, []).append(value)
    for name, chosen in re.findall(r'<select name="([^"]+)".*?<option value="([^"]*)" selected', form[1], re.DOTALL):
        fields[name] = [chosen]
    fields["tags"] = re.findall(r'name="tags" value="([^"]*)"[^>]* checked', form[1])
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>\s*(.*?)</textarea>', form[1], re.DOTALL):
        fields[name] = [text]
    return fields
