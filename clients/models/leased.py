"""Rows that one worker at a time works on, by a lease: `clients.leases` takes it, prolongs it and lets go of it.

Times are the database's: workers whose clocks disagree must not take rows from each other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

#: A worker that died is followed by another after so long.
LEASE = timedelta(seconds=45)


class LeasedQuerySet[M: models.Model](models.QuerySet[M]):
    def unclaimed(self) -> Self:
        """Nobody works on them."""
        # A lease further away than any lease reaches was given by a clock that has been set back since.
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=Now()) | Q(claimed_until__gt=Now() + 4 * LEASE))


class Leased(models.Model):
    claim = models.UUIDField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True
