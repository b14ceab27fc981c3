"""A key that was stored before its vendor could be asked: the first run looks whom it opens, before it reads anything."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from clients import outcomes, twins
from clients.models import Connection, Health
from clients.twins import MET
from clients.vendors.base import Vendor


def refusal(connection: Connection, vendor: Vendor) -> str:
    """Why nothing may be read with the key: its account is another connection's, and this one is paused. '' where nothing is
    against it. Raises what the vendor raises."""
    if connection.settings.get(MET, {}) is not None:
        return ""
    try:
        twins.meet(connection, vendor)
    except twins.CANT_BE_TOLD:
        return ""
    with transaction.atomic():
        twin = twins.twin_of(connection)
        kept = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
        if kept.removed_at or kept.fingerprint != connection.fingerprint:
            # A run that goes on with a new key looks for itself.
            return ""
        if twin:
            why = outcomes.cut(f"{twins.opens(twin)}. Nothing is read with it, so that no mail counts twice: {_way_out(twin)}")
            kept.health, kept.health_reason, kept.health_since = Health.PAUSED, why, timezone.now()
            kept.save(update_fields=["health", "health_reason", "health_since"])
            return why
        kept.settings = {**kept.settings, MET: connection.settings[MET]}
        kept.save(update_fields=["settings"])
    return ""


def _way_out(twin: Connection) -> str:
    return "remove this one and connect the key anew." if twin.removed_at else "replace the key there, or remove this one."
