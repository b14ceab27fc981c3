"""Two keys, one account: which account a key opens is told by the first senders that it lists, so that no mail counts twice.

Accounts of workspaces are told by the key's own; what they share is for `clients.overlaps`. Nothing of another agency is
looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count

from agency.models import Agency
from clients.models import Connection, Sender
from clients.vendors.base import Vendor
from clients.vendors.errors import PlanLacks, Rejected, UnexpectedAnswer, VendorError

#: In a connection's settings: who was met with its key, from its test to the first complete reading of its senders. None for a
#: key that was stored before it could be asked.
MET = "met"
MOST = 100
#: The vendor is there and will not list its senders, now or later.
CANT_BE_TOLD = (PlanLacks, Rejected, UnexpectedAnswer)

type Met = dict[str, str]  # by the id that we know a sender by: the vendor's own, and its address


class SecondKey(Exception):
    """The key opens an account that the agency has already. The text is for people."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(f"{opens(connection)}: read with two keys, its mail would be counted twice.")
        self.connection = connection


def opens(twin: Connection) -> str:
    if twin.removed_at:
        return f"This key opens the account of ‘{twin.label}’, which was removed on {twin.removed_at:%-d %b %Y}"
    return f"This key opens the account that is connected as ‘{twin.label}’ already"


def meet(connection: Connection, vendor: Vendor) -> None:
    """Into the row, which the caller saves. Called outside of any transaction. Raises what the vendor raises."""
    if vendor.told_by_senders():
        listed = (vendor.senders(None, which).records for which in vendor.sender_passes)
        first = next(filter(None, listed), ())[:MOST]
        met = {one.external_id: _mark(vendor, one.external_id, one.email, one.raw) for one in first}
        # A new dict: a copy of this row would share the old one.
        connection.settings = {**connection.settings, MET: met}


def try_to_meet(connection: Connection, vendor: Vendor) -> None:
    """As `meet`; where the vendor does not answer, the first sync asks again."""
    try:
        meet(connection, vendor)
    except VendorError:
        return


def noted(connection: Connection) -> dict[str, Any]:
    """Its settings as they are to be stored with its key."""
    return {MET: None, **connection.settings} if connection.vendor_class.told_by_senders() else connection.settings


def forgotten(connection: Connection) -> dict[str, Any]:
    """Its settings for a key that nobody was met with yet."""
    return {name: value for name, value in connection.settings.items() if name != MET}


def known(connection: Connection) -> None:
    """Its senders have been read to the end: they tell it from now on. Under the connection's lock."""
    if connection.settings.get(MET) is not None:
        kept = Connection.objects.only("settings").get(pk=connection.pk)
        kept.settings = connection.settings = forgotten(kept)
        kept.save(update_fields=["settings"])


def twin_of(connection: Connection) -> Connection | None:
    """The agency's other connection, present or removed, whose account the key of this one opens, saved or not; None where there
    is none, and where it can't be told. What was this one's own account stays so, unless a present one reads it as well.

    Inside a transaction: two keys of one account that are stored at the same moment are looked at one after the other.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=connection.agency_id)
    there = Connection.objects.of(connection.agency).filter(vendor=connection.vendor)
    same = _of_the_account(connection, [one for one in there if one.ledger == connection.ledger])
    nearest = min(same, key=lambda one: _rank(one, connection), default=None)
    return None if nearest and nearest.pk == connection.pk else nearest


def counting_twice(connection: Connection) -> list[Connection]:
    """The agency's other connections that have the same account by what was read, the present ones first; of those that serve a
    client, where this one does."""
    vendor = connection.vendor_class
    if not vendor.told_by_senders() or not connection.scopes.all():
        return []
    rows = Sender.objects.filter(connection=connection, gone_at=None).order_by("pk")[:MOST]
    met = {ref: _mark(vendor, ref, email, raw) for ref, email, raw in rows.values_list("external_id", "email", "raw")}
    there = Connection.objects.of(connection.agency).filter(vendor=connection.vendor).exclude(pk=connection.pk)
    there = there.filter(scopes__isnull=False).distinct()
    same = _knowing(met, [one for one in there if one.ledger == connection.ledger], vendor) if met else []
    return sorted(same, key=lambda one: _rank(one, connection))


def _of_the_account(connection: Connection, there: list[Connection]) -> list[Connection]:
    if home := connection.home.external_id:
        return [one for one in there if one.home.external_id == home and (one.removed_at or one.pk == connection.pk)]
    met: Met = connection.settings.get(MET) or {}
    return _knowing(met, there, connection.vendor_class) if met else []


def _knowing(met: Met, there: list[Connection], vendor: type[Vendor]) -> list[Connection]:
    """Those that know more than half of whom was met; or, having fewer, met more than half of whom they know."""
    told = {one.pk: set((one.settings.get(MET) or {}).items()) for one in there}
    sizes, shared = _sizes(there), _shared(met, there, vendor)
    for pk, theirs in told.items():
        if theirs:
            sizes[pk], shared[pk] = len(theirs), len(theirs & set(met.items()))
    return [one for one in there if 2 * shared[one.pk] > min(len(met), sizes[one.pk])]


def _sizes(there: Iterable[Connection]) -> Counter[int]:
    listed = Sender.objects.filter(connection__in=there, gone_at=None)
    return Counter(dict(listed.values_list("connection").annotate(Count("pk")).order_by()))


def _shared(met: Met, there: Iterable[Connection], vendor: type[Vendor]) -> defaultdict[int, int]:
    shared: defaultdict[int, int] = defaultdict(int)
    rows = Sender.objects.filter(connection__in=there, external_id__in=met, gone_at=None)
    for pk, external_id, email, raw in rows.values_list("connection", "external_id", "email", "raw"):
        shared[pk] += met[external_id] == _mark(vendor, external_id, email, raw)
    return shared


def _mark(vendor: type[Vendor] | Vendor, external_id: str, email: str, raw: Mapping[str, Any]) -> str:
    return f"{vendor.sender_id(external_id, raw)} {email.lower()}"


def _rank(one: Connection, connection: Connection) -> tuple[int, bool, float]:
    """The present ones, then itself, then those removed: the one of the very key first, and the last to be removed."""
    place = 1 if one.pk == connection.pk else 2 if one.removed_at else 0
    return place, one.fingerprint != connection.fingerprint, -(one.removed_at or one.created_at).timestamp()
