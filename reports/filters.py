"""The forms that stand over a page: choices that exist, bound to the URL, never an error."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from clients.vendors import VENDORS
from reports.looks import NEEDED
from reports.queries.freshness import Account
from reports.queries.overview import ClientLine
from reports.scope import MAILBOX_PROVIDERS, WINDOWS, Scope

WINDOW_CHOICES = [(str(days), f"Last {days} days" if days < 365 else "Last year") for days in WINDOWS]


def choices(found: Iterable[tuple[str, str]], asked: str, everything: str) -> list[tuple[str, str]]:
    """All, then what there is; what was asked for stays choosable even where nothing matches it."""
    known = [("", everything), *found]
    return known if asked in dict(known) else [*known, (asked, asked)]


class Select(forms.Select):
    """As Django's own, written at once: a template for each option would take a tenth of the Overview's time."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = self.format_value(value)
        options = ((key, _SELECTED if str(key) in chosen else "", label) for key, label in self.choices)
        inner = format_html_join("", '<option value="{}"{}>{}</option>', options)
        return format_html("<select{}>{}</select>", flatatt(self.build_attrs({"name": name}, attrs)), inner)


_SELECTED = mark_safe(" selected")


class _Filters(forms.Form):
    window = forms.ChoiceField(label="Window", choices=WINDOW_CHOICES, widget=Select)

    def __init__(self, scope: Scope) -> None:
        asked = {name: getattr(scope.filters, name) for name in self.base_fields if hasattr(scope.filters, name)}
        super().__init__({"window": str(scope.window.days), **asked}, auto_id="filter-%s")
        # htmx sends no form whose required fields are empty, and 'all' is empty.
        for field in self.fields.values():
            field.required = False


class PlacementFilters(_Filters):
    mailbox_provider = forms.ChoiceField(label="Mailbox provider")
    domain = forms.ChoiceField(label="Domain")
    tag = forms.ChoiceField(label="Sender tag")
    vendor = forms.ChoiceField(label="Vendor")

    def __init__(self, scope: Scope, domains: Iterable[str], tags: Iterable[str], accounts: Iterable[Account]) -> None:
        super().__init__(scope)
        vendors = {account.vendor: account.vendor_label for account in accounts}
        vendors |= {slug: VENDORS[slug].label for slug in {scope.filters.vendor} & {*VENDORS}}
        offered = {
            "mailbox_provider": MAILBOX_PROVIDERS,
            "domain": [(domain, domain) for domain in domains],
            "tag": [(tag, tag) for tag in tags],
            "vendor": sorted(vendors.items()),
        }
        for name, found in offered.items():
            asked = getattr(scope.filters, name)
            self.fields[name].widget = Select(choices=choices(found, asked, "All"))
            # One choice is none: a filter that could only say 'all' stays away.
            if len(found) < 2 and not asked:
                del self.fields[name]


class OverviewFilters(_Filters):
    tag = forms.ChoiceField(label="Tags")
    manager = forms.ChoiceField(label="Manager")
    look = forms.ChoiceField(label="Show")
    sort = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, scope: Scope, lines: Iterable[ClientLine]) -> None:
        super().__init__(scope)
        lines = list(lines)
        tags = sorted({tag for line in lines for tag in line.tags}, key=str.lower)
        managers = {line.manager: line.manager_name for line in lines if line.manager}
        self.fields["tag"].widget = Select(choices=choices(((tag, tag) for tag in tags), scope.filters.tag, "All"))
        by_name = sorted(managers.items(), key=lambda pair: pair[1].lower())
        self.fields["manager"].widget = Select(choices=choices(by_name, scope.filters.manager, "Everyone"))
        # It is the strip that asks for it; here it is seen, and left.
        if scope.filters.look:
            self.fields["look"].widget = Select(choices=choices([(NEEDED, "Need a look")], scope.filters.look, "All"))
        else:
            del self.fields["look"]
