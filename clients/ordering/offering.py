"""What the vendor says, just now, that a test may be made of; asked while somebody waits for the form."""

from __future__ import annotations

from dataclasses import dataclass, field

from agency.secrets import Unreadable
from clients.calling import glance
from clients.models import Connection
from clients.ordering import choosing
from clients.ordering.choosing import Place
from clients.vendors.errors import Rejected, VendorError
from clients.vendors.testing import NewTest, SeedGroup


@dataclass(frozen=True, slots=True)
class Offer:
    """`trouble`: why there are no groups, in words. `labels`: tags for automations, id → name."""

    groups: tuple[SeedGroup, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    again: NewTest | None = None  # how the test was made that is to be made again
    lost: str = ""  # why that is not known


def labels(connection: Connection, workspace: str, made: NewTest) -> tuple[dict[str, str], str]:
    """Tags for the automations of a test that is there; those that it names already among them, whatever the vendor says. And why
    there are no others, in words."""
    named = [tag for one in made.automations for tag in (*one.add_tags, *one.remove_tags)]
    known = {tag: f"A tag without a name here ({tag[:8]}…)" for tag in named}
    if choosing.barred(connection, workspace):
        return known, ""
    try:
        with glance(connection) as opened:
            return known | opened.acting_for(workspace).tag_names(), ""
    except (VendorError, Unreadable) as error:
        return known, str(error)


def offer(place: Place, again: str = "") -> Offer:
    """`again` is the vendor's id of a test. Raises nothing: a form without groups is still a form."""
    if why := choosing.barred(place.connection, place.workspace):
        return Offer(trouble=why)
    try:
        with glance(place.connection) as opened:
            vendor = opened.acting_for(place.workspace)
            groups = tuple(vendor.seed_groups())
            try:
                labels = vendor.tag_names()
            except VendorError:
                labels = {}  # an automation can do without
            try:
                made = vendor.recipe(again) if again else None
            except VendorError as error:
                gone = isinstance(error, Rejected) and error.status == 404
                said = "The vendor has the test no more, and with it its mail." if gone else str(error)
                return Offer(groups, labels, lost=said)
    except (VendorError, Unreadable) as error:
        return Offer(trouble=str(error))
    return Offer(groups, labels, "" if groups else "The plan has no seeds to test with.", made)
