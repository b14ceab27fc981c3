from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate

from agency.environment import given, vendor_url

if TYPE_CHECKING:
    from clients.vendors.base import Vendor


class ClientsConfig(AppConfig):
    name = "clients"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agency.secrets import COLUMNS, Sealed
        from clients import bulk, deleting, feeding  # noqa: F401  (a lookup and signals that every process has, not only a sync's)
        from clients.vendors import VENDORS

        heed(VENDORS.values())
        COLUMNS.add(Sealed("clients.Connection", "credentials"))
        post_migrate.connect(feeding.complete_all, sender=self)
        COLUMNS.add(Sealed("clients.Hook", "secrets"))


def heed(vendors: Iterable[type[Vendor]]) -> None:
    """Puts into the settings where each vendor is asked and how often, as <SLUG>_URL and <SLUG>_RATE in the environment say.

    Raises ImproperlyConfigured: at the start, not with the first call.
    """
    env = given()
    for vendor in vendors:
        url, rate = f"{vendor.slug.upper()}_URL", f"{vendor.slug.upper()}_RATE"
        setattr(settings, url, vendor_url(env, url, vendor.address))
        calls = env.float(rate, default=vendor.calls_a_second)
        if not 0 <= calls < float("inf"):
            raise ImproperlyConfigured(f"{rate}: {calls} is no number of calls a second; 0 lifts the limit")
        setattr(settings, rate, calls)
