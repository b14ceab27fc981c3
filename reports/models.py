"""Links that open a client's report page without a sign-in, which behave like keys; and the filters that members keep by name."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agency.models import Membership, User
from clients.models import Client


class ReportLinkQuerySet(models.QuerySet["ReportLink"]):
    def open(self) -> ReportLinkQuerySet:
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None, client__archived_at=None)


class ReportLink(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="report_links")
    name = models.CharField(max_length=120)  # for whom
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    window = models.PositiveSmallIntegerField(default=30)  # days that the page shows
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    first_opened_at = models.DateTimeField(null=True, blank=True)
    last_opened_at = models.DateTimeField(null=True, blank=True)
    opened = models.PositiveIntegerField(default=0)

    objects: ClassVar = ReportLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.name} ({self.client})"


class SavedView(models.Model):
    """A page's filters under a name of its member's, whom it leaves with; nobody else sees it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=40)  # a URL's name, of `reports.saved_views.PAGES`
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000)  # cleaned: `reports.saved_views.cleaned`
    is_default = models.BooleanField(default=False)  # the page opens with it
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["membership", "page", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(fields=["membership", "page"], condition=Q(is_default=True), name="saved_view_one_default"),
        ]

    def __str__(self) -> str:
        return self.name
