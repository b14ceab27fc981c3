"""What those who run the installation may look up: reading only, and no secret among it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clients.models import Change, ChangeItem, Client, Connection, Feed, SeedFileDownload, Shuffle, ShuffleSchedule, SyncRun


class _Reading(admin.ModelAdmin):  # type: ignore[type-arg]
    """Pages and commands change these rows, and write it down; the admin site would do it behind their backs."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Client)
class ClientAdmin(_Reading):
    list_display = ("name", "agency", "slug", "timezone", "archived_at")
    list_select_related = ("agency",)
    search_fields = ("name", "slug")


@admin.register(Connection)
class ConnectionAdmin(_Reading):
    list_display = ("label", "agency", "vendor", "health", "last_ok_at", "removed_at")
    list_select_related = ("agency",)
    list_filter = ("vendor", "health")
    search_fields = ("label",)
    fields = ("uuid", "agency", "vendor", "label", "last4", "health", "health_reason", "health_since", "last_ok_at", "removed_at")


@admin.register(Feed)
class FeedAdmin(_Reading):
    list_display = ("connection", "resource", "next_at", "claimed_until", "last_ok_at", "failures")
    list_select_related = ("connection",)
    list_filter = ("resource",)


@admin.register(SyncRun)
class SyncRunAdmin(_Reading):
    list_display = ("feed", "state", "trigger", "started_at", "finished_at", "rows", "outcome")
    list_select_related = ("feed__connection",)
    list_filter = ("state", "trigger")


@admin.register(Change)
class ChangeAdmin(_Reading):
    list_display = ("created_at", "agency", "client", "made_by", "applied_by", "state", "outcome")
    list_select_related = ("agency", "client", "made_by", "applied_by")
    list_filter = ("state",)


@admin.register(ChangeItem)
class ChangeItemAdmin(_Reading):
    list_display = ("email", "change", "connection", "state", "why", "sent_at")
    list_select_related = ("change", "connection")
    list_filter = ("state",)
    search_fields = ("email",)


@admin.register(Shuffle)
class ShuffleAdmin(_Reading):
    list_display = ("connection", "state", "origin", "actor", "method", "planned_at", "sent_at", "outcome")
    list_select_related = ("connection",)
    list_filter = ("state", "origin")


@admin.register(ShuffleSchedule)
class ShuffleScheduleAdmin(_Reading):
    list_display = ("connection", "day", "method", "next_at", "last_outcome")
    list_select_related = ("connection",)


@admin.register(SeedFileDownload)
class SeedFileDownloadAdmin(_Reading):
    list_display = ("at", "actor", "connection", "client", "which", "layout", "rows")
    list_select_related = ("connection", "client")
