from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from agency.secrets import COLUMNS, Sealed
        from clients import bulk  # noqa: F401  (its lookup `among` is there for every process that asks, not only for a sync)

        COLUMNS.add(Sealed("clients.Connection", "credentials"))
