"""What is sent once and never again: a row that whoever holds its lease takes from step to step.

That it is sent is written down before it is. When the answer is lost, or its worker dies waiting for it, the vendor is asked what
became of it. No HTTP happens inside a transaction.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.utils import timezone

from agency.secrets import Unreadable
from clients import leases
from clients.models import Connection, Shuffle, TestOrder
from clients.vendors.errors import AccessDenied, Busy, PlanLacks, Rejected, VendorError

#: An answer lost so long ago, and still no trace of it at the vendor: it did not happen.
SURE_AFTER = timedelta(minutes=2)
#: So often what is not known yet is looked at.
AGAIN = timedelta(seconds=10)
#: What could not be found out by then needs a person.
GIVE_UP = timedelta(hours=24)


class Work[R: (Shuffle, TestOrder)]:
    #: Before it is sent, a vendor that can't be asked is asked again for so long.
    patience: ClassVar[timedelta]

    def __init__(self, row: R, token: uuid.UUID) -> None:
        self.row: R = row
        self.token = token
        self.connection: Connection = row.connection

    def go(self) -> R | None:
        """As far as it goes now. None where another worker has it since."""
        return leases.carried(self.row, self.token, self.step, broken=6 * AGAIN)

    def step(self) -> bool:
        """Whether there is another to take at once."""
        raise NotImplementedError

    def _fail(self, outcome: str) -> bool:
        """It did not happen."""
        raise NotImplementedError

    def _give_up(self, outcome: str) -> bool:
        """Nobody knows whether it happened."""
        raise NotImplementedError

    def _not_sent(self, error: VendorError | Unreadable) -> bool:
        lasting = isinstance(error, (AccessDenied, PlanLacks, Rejected, Unreadable))
        if lasting or timezone.now() - (self.row.confirmed_at or timezone.now()) > self.patience:
            return self._fail(f"{error} Nothing was sent.")
        return self._later(f"{error} Nothing has been sent yet.", error)

    def _later(self, outcome: str, error: Exception | None = None, until: datetime | None = None) -> bool:
        """Looked at again soon; `until`: since when it has been so."""
        if until and timezone.now() - until > GIVE_UP:
            return self._give_up(f"{outcome} It could not be found out for a day: look at the vendor's own pages.")
        wait = timedelta(seconds=error.retry_after) if isinstance(error, Busy) else AGAIN if error is None else 3 * AGAIN
        self._write(outcome=outcome[:300], next_at=timezone.now() + min(max(wait, AGAIN), self.patience))
        return False

    def _write(self, **values: Any) -> None:
        """Only while the lease is ours, which it prolongs."""
        leases.write(self.row, self.token, **values)
