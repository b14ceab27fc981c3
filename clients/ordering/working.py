"""A confirmed test on its way: look → write down that it is sent → send once → keep what was made.

What was sent is never sent again: after a lost answer the vendor's list tells whether it was made.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agency.secrets import Unreadable
from clients import lacking, leases
from clients.calling import open_vendor
from clients.models import OrderState, TestOrder
from clients.once import SURE_AFTER, Work
from clients.ordering import choosing, history, recipes, storing
from clients.vendors.base import Vendor
from clients.vendors.errors import PlanLacks, Rejected, UnexpectedAnswer, VendorDown, VendorError
from clients.vendors.records import PlacementTestRecord

MOST_PAGES = 20  # of the list of tests, newest first


def run(order_id: int) -> TestOrder | None:
    """Takes the order as far as it goes now. None when another worker has it, or when there is nothing to do."""
    token = leases.take(TestOrder.objects.on_its_way().unclaimed().filter(pk=order_id))
    if token is None:
        return None
    row = TestOrder.objects.select_related("connection__agency", "client", "user").get(pk=order_id)
    return _Work(row, token).go()


class _Work(Work[TestOrder]):
    #: Mail is not sent when nobody expects it any more.
    patience = timedelta(minutes=15)

    def step(self) -> bool:
        if self.row.state == OrderState.READY:
            return self._send()
        return self.row.state == OrderState.SENT and self._find_out()

    def _send(self) -> bool:
        if why := choosing.barred(self.connection, self.row.workspace):
            return self._fail(f"Nothing was sent: {why}")
        try:
            with open_vendor(self.connection, foreground=True) as opened:
                vendor = opened.acting_for(self.row.workspace)
                known = [record.external_id for record in vendor.tests(None).records]
                self._write(state=OrderState.SENT, sent_at=timezone.now(), known=known, outcome="")
                return self._sent(vendor)
        except (VendorError, Unreadable) as error:
            return self._not_sent(error)

    def _sent(self, vendor: Vendor) -> bool:
        """From here on nothing is raised for `_not_sent`: it may have been made."""
        try:
            record = vendor.create_test(recipes.new_test(self.row))
        except (VendorDown, UnexpectedAnswer) as error:
            self._write(outcome=f"{error} Whether it was made is being found out."[:300])
            return True
        except VendorError as refusal:
            return self._refused(refusal)
        return self._made(record)

    def _find_out(self) -> bool:
        """After a lost answer: ours is in the vendor's list, or it was not made."""
        try:
            with open_vendor(self.connection, foreground=True) as opened:
                record = self._ours(opened.acting_for(self.row.workspace))
        except (VendorError, Unreadable) as error:
            return self._later(f"{error} Whether it was made is not known yet.", error, until=self.row.sent_at)
        if record:
            return self._made(record)
        if timezone.now() - (self.row.sent_at or timezone.now()) >= SURE_AFTER:
            return self._fail("It was not made: the vendor knows of no such test. Send it again.")
        return self._later("Its answer was lost. Whether it was made is being found out.", until=self.row.sent_at)

    def _ours(self, vendor: Vendor) -> PlacementTestRecord | None:
        known, cursor = set(self.row.known), None
        for _ in range(MOST_PAGES):
            page = vendor.tests(cursor)
            for record in page.records:
                if record.external_id not in known and self._is_ours(record):
                    return record
            cursor = page.cursor
            # Newest first: behind one that was there before, nothing is newer.
            if not cursor or known.intersection(record.external_id for record in page.records):
                break
        return None

    def _is_ours(self, record: PlacementTestRecord) -> bool:
        """By the mark it carries; where the vendor gives none back, by all that was asked for."""
        if record.mark:
            return record.mark == self.row.mark
        wanted = self.row.wanted
        asked = (wanted["name"], wanted["subject"], wanted["kind"], set(self.row.senders))
        return asked == (record.name, record.subject, record.kind, set(record.senders))

    def _refused(self, refusal: VendorError) -> bool:
        """A no in so many words: nothing was made."""
        lacking.refuse(self.connection, lacking.TESTS, refusal)
        said = dict(refusal.fields) if isinstance(refusal, Rejected) else {}
        if isinstance(refusal, PlanLacks) and self.row.wanted["kind"] == "automated":
            said = {"kind": str(refusal)}
        return self._fail(f"{refusal} Nothing was made.", refusals=said)

    def _made(self, record: PlacementTestRecord) -> bool:
        """Its row and the end of the order are one: nobody finds the one without the other."""
        with transaction.atomic():
            test = storing.keep(self.connection, record, self.row.workspace)
            kept = {name: value for name, value in self.row.wanted.items() if name != "body"}
            self._write(state=OrderState.MADE, finished_at=timezone.now(), test=test, wanted=kept, outcome="")
            history.record(self.row, "test.created", after={"test": test.external_id})
        lacking.allow(self.connection, lacking.TESTS)
        return False

    def _fail(self, outcome: str, **values: Any) -> bool:
        with transaction.atomic():
            self._write(state=OrderState.FAILED, outcome=outcome[:300], finished_at=timezone.now(), **values)
            history.record(self.row, "test.failed", after={"result": self.row.outcome})
        return False

    def _give_up(self, outcome: str) -> bool:
        self._write(state=OrderState.UNCLEAR, outcome=outcome[:300], finished_at=timezone.now())
        history.record(self.row, "test.unclear", after={"result": self.row.outcome})
        return False
