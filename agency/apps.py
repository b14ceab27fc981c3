from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AgencyConfig(AppConfig):
    default = True
    name = "agency"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agency import accounts, checks  # noqa: F401  (registers the system checks)

        accounts.listen()


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "agency.admin_site.Site"
