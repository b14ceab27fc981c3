import atexit
import gc

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AgencyConfig(AppConfig):
    default = True
    name = "agency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agency import accounts, checks, searching  # noqa: F401  (registers the system checks, and a lookup)

        accounts.listen()
        # At the end of a process the collector goes through all that it has loaded, a quarter of a second for nothing. Not
        # sooner: with little to compare with, it would go through all that comes after far more often.
        atexit.register(gc.freeze)


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "agency.admin_site.Site"
