"""One worker at a time on one change, by a lease (`clients.leases`) that is renewed while the work goes on."""

from __future__ import annotations

import time
import uuid

from clients import leases, sync
from clients.models import Change


class Stopped(Exception):
    """The worker is asked to stop; the next one goes on."""


class Hold:
    """The lease of one change, held by this worker."""

    def __init__(self, change: Change, token: uuid.UUID) -> None:
        self.change, self.token = change, token
        self._renewed = time.monotonic()

    def renew(self) -> None:
        """Inside a transaction it also keeps the change's row to us until the end. Raises `Lost`."""
        leases.renew(Change, self.change.pk, self.token)
        self._renewed = time.monotonic()

    def beat(self) -> None:
        """To be called often while something is read. Raises `Lost`, and `Stopped`."""
        if sync.stopping.is_set():
            raise Stopped
        self.keep()

    def keep(self) -> None:
        """The same where calls are on their way. Raises `Lost`."""
        if time.monotonic() - self._renewed > leases.HEARTBEAT:
            self.renew()

    def save(self, *names: str) -> None:
        """The named columns of the change. Raises `Lost`."""
        values = {name: getattr(self.change, name) for name in names}
        leases.renew(Change, self.change.pk, self.token, **values)

    def release(self) -> None:
        leases.release(Change, self.change.pk, self.token)


def take(change_id: int) -> Hold | None:
    """None when another worker has it, or when nothing is to be done about it now."""
    token = leases.take(Change.objects.due().filter(pk=change_id))
    if token is None:
        return None
    change = Change.objects.select_related("agency", "made_by", "applied_by").get(pk=change_id)
    return Hold(change, token)
