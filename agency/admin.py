"""What those who run the installation may look up. Nothing here shows or edits a secret."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from agency.models import Agency, AuditEntry, Membership, User


@admin.register(Agency)
class AgencyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "created_at")
    fields = ("name", "slug", "colour")
    search_fields = ("name", "slug")


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "last_login")
    readonly_fields = ("email", "last_login")
    search_fields = ("email", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an invitation makes users, or manage.py createsuperuser


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("user", "agency", "role", "created_at")
    list_select_related = ("user", "agency")
    list_filter = ("role",)


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "agency", "actor", "action", "target", "address")
    list_select_related = ("agency",)
    list_filter = ("action",)
    search_fields = ("actor", "target")
    date_hierarchy: ClassVar = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
