"""One worker at a time on one change: a lease like a feed's (`clients.leases`), by the database's clock."""

from __future__ import annotations

import time
import uuid

from django.db.models.functions import Now

from clients import sync
from clients.models import Change
from clients.models.operations import LEASE

#: A holder renews its lease so often, in seconds.
HEARTBEAT = 10.0


class Lost(Exception):
    """Somebody took over, or the change was deleted. Nothing more may be written."""


class Stopped(Exception):
    """The worker is asked to stop; the next one goes on."""


class Hold:
    """The lease of one change, held by this worker."""

    def __init__(self, change: Change, token: uuid.UUID) -> None:
        self.change, self.token = change, token
        self._renewed = time.monotonic()

    def renew(self) -> None:
        """Inside a transaction it also keeps the change's row to us until the end. Raises `Lost`."""
        if not Change.objects.filter(pk=self.change.pk, claim=self.token).update(claimed_until=Now() + LEASE):
            raise Lost
        self._renewed = time.monotonic()

    def beat(self) -> None:
        """To be called often while something is read. Raises `Lost`, and `Stopped`."""
        if sync.stopping.is_set():
            raise Stopped
        self.keep()

    def keep(self) -> None:
        """The same where calls are on their way. Raises `Lost`."""
        if time.monotonic() - self._renewed > HEARTBEAT:
            self.renew()

    def save(self, *names: str) -> None:
        """The named columns of the change. Raises `Lost`."""
        values = {name: getattr(self.change, name) for name in names}
        if not Change.objects.filter(pk=self.change.pk, claim=self.token).update(**values):
            raise Lost

    def release(self) -> None:
        Change.objects.filter(pk=self.change.pk, claim=self.token).update(claim=None, claimed_until=None)


def take(change_id: int) -> Hold | None:
    """None when another worker has it, or when nothing is to be done about it now."""
    token = uuid.uuid4()
    if not Change.objects.due().order_by().filter(pk=change_id).update(claim=token, claimed_until=Now() + LEASE):
        return None
    change = Change.objects.select_related("agency", "made_by", "applied_by").get(pk=change_id)
    return Hold(change, token)
