import gc

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AgencyConfig(AppConfig):
    default = True
    name = "agency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agency import accounts, checks  # noqa: F401  (registers the system checks)

        accounts.listen()
        # Models and modules stay until the process ends: the collector need not go through them, at the end least of all.
        gc.freeze()


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "agency.admin_site.Site"
