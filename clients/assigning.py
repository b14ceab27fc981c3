"""Which clients a viewer may see."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction

from agency.models import Membership
from clients.models import Client

#: Ticks on one page; a form may have a thousand fields.
MOST = 500


class Choice(NamedTuple):
    client: Client
    chosen: bool


def choices(member: Membership, viewer: Membership, search: str = "") -> list[Choice]:
    """The clients in use that the name's part fits, by name."""
    seen = _seen(viewer)
    rows = Client.objects.visible_to(member).active().filter(name__icontains=search).order_by("name", "pk")
    return [Choice(client, client.pk in seen) for client in rows]


@transaction.atomic
def assign(
    member: Membership, viewer: Membership, before: Collection[str], ticked: Collection[str]
) -> tuple[list[str], list[str]]:
    """(Names of the clients seen from now on, and of those no longer seen.) Takes uuids: `before` were ticked when the page was
    shown. What nobody has touched stays as it is by now."""
    added, taken = set(ticked) - set(before), set(before) - set(ticked)
    asked = choices(member, viewer)
    fresh = [choice.client for choice in asked if not choice.chosen and str(choice.client.uuid) in added]
    gone = [choice.client for choice in asked if choice.chosen and str(choice.client.uuid) in taken]
    viewer.assigned.add(*fresh)
    viewer.assigned.remove(*gone)
    return [client.name for client in fresh], [client.name for client in gone]


def _seen(viewer: Membership) -> set[int]:
    return set(viewer.assigned.values_list("pk", flat=True))
