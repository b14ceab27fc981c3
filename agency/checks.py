"""System checks of our own."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Notice
from django.core.exceptions import ImproperlyConfigured

from agency import secrets


@register(Tags.security)
def proxies_are_addresses(**_: Any) -> list[CheckMessage]:
    return [
        Error(f"TRUSTED_PROXIES: '{proxy}' is not an address or a network such as 10.0.0.0/8.", id="agency.E001")
        for proxy in settings.TRUSTED_PROXIES
        if not _is_network(proxy)
    ]


#: Setting → the least that makes sense.
LEAST = {"SYNC_MINUTES": 1, "WORKER_THREADS": 1, "DISPATCH_SECONDS": 0.1, "AXES_FAILURE_LIMIT": 1, "SIGN_IN_ADDRESS_TRIES": 1}


@register()
def numbers_make_sense(**_: Any) -> list[CheckMessage]:
    names = {"AXES_FAILURE_LIMIT": "SIGN_IN_TRIES"}
    return [
        Error(f"{names.get(name, name)}: {getattr(settings, name)} is too little, {least} is the least.", id="agency.E003")
        for name, least in LEAST.items()
        if not getattr(settings, name) >= least
    ]


@register(Tags.security)
def ring_has_keys(**_: Any) -> list[CheckMessage]:
    try:
        secrets.ring()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="agency.E004")]
    return []


# Not tagged as 'database': those run only when a database is named, and `check --deploy` should tell without that.
@register(Tags.security, deploy=True)
def ring_opens_what_is_stored(**_: Any) -> list[CheckMessage]:
    try:
        secrets.verify_ring(at_start=False)
    except ImproperlyConfigured as error:
        return [Error(str(error), id="agency.E002")]
    return []


@register(Tags.security, deploy=True)
def links_have_an_address(**_: Any) -> list[CheckMessage]:
    if settings.PUBLIC_URL and not settings.PUBLIC_URL.startswith("https://"):
        return [
            Notice("PUBLIC_URL does not start with https://: invitations and reports would travel in the open.", id="agency.W001")
        ]
    return []


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
