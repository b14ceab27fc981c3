"""What accounts are called: pages tell them apart by it."""

from __future__ import annotations

from itertools import count

from django.db.models import QuerySet

from agency.models import Agency
from clients.models import Connection
from clients.vendors.base import Vendor


def called(agency: Agency, label: str) -> QuerySet[Connection]:
    """The accounts that are called so."""
    return Connection.objects.of(agency).present().filter(label__iexact=label.strip())


def taken(agency: Agency, label: str, vendor: type[Vendor]) -> str:
    """Words, where another account of this vendor is called so."""
    if not called(agency, label).filter(vendor=vendor.slug).exists():
        return ""
    return f"Another {vendor.label} account is called so: call this one ‘{free(agency, label)}’, for example."


def free(agency: Agency, label: str) -> str:
    """'Acme', and 'Acme 2' where an account is called Acme."""
    names = (label if n == 1 else f"{label[:110]} {n}" for n in count(1))
    return next(name for name in names if not called(agency, name).exists())
