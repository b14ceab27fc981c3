"""When sign-in is locked: soon for an account, later for an address, behind which a whole office may sit."""

from __future__ import annotations

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_failure_limit
from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest


class Handler(AxesDatabaseHandler):  # type: ignore[misc]
    """axes has one limit for all that it counts. Here an address's failures are told to it as many lower as its own is higher."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        # In the order of AXES_LOCKOUT_PARAMETERS.
        of_account, of_address = (_failures(attempts) for attempts in self.get_user_attempts(request, credentials))
        more = settings.SIGN_IN_ADDRESS_TRIES - get_failure_limit(request, credentials)
        return int(max(of_account, of_address - more))


def limit_of(parameters: dict[str, str]) -> int:
    """How many failures lock those whom axes finds by these."""
    return int(settings.SIGN_IN_ADDRESS_TRIES if "ip_address" in parameters else settings.AXES_FAILURE_LIMIT)


def _failures(attempts: Any) -> int:
    return attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0
