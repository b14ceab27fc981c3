"""Whose campaign is it? That client's whose senders it sends from, as the connection's scopes say (`clients.scoping`).

A tag of its own that a scope names counts as a claim too. Where the claims are of several clients it is nobody's: `conflict`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from clients import outreach_days
from clients.models import ActivityDay, Campaign, Connection, Grain, SenderTag, sender_ref

if TYPE_CHECKING:
    from clients.scoping import Owner, Resolver


class Owners:
    """Of one connection's campaigns, by the resolver's scopes."""

    def __init__(self, connection: Connection, resolver: Resolver) -> None:
        self._connection, self._resolver = connection, resolver

    def of(self, campaign: Campaign) -> Owner:
        workspace, resolver = campaign.workspace, self._resolver
        owners = {self._of_sender(email, workspace) for email in campaign.senders}
        owners |= {resolver.owner(*one, workspace) for tag in campaign.sender_tags for one in self._tagged[workspace, tag]}
        claims = {owner.client_id for owner in owners if owner.client_id is not None}
        claims |= {resolver.tags[tag] for tag in campaign.tags if tag in resolver.tags}
        if not claims and not owners:
            return resolver.owner("", (), workspace)
        nobody = resolver.owner("", (), "")._replace(client_id=None, conflict=False)
        if len(claims) > 1 or any(owner.conflict for owner in owners):
            return nobody._replace(conflict=True)
        return nobody._replace(client_id=claims.pop() if claims else None)

    def _of_sender(self, email: str, workspace: str) -> Owner:
        domain = email.rpartition("@")[2][:255]
        return self._resolver.broadcast_owner(sender_ref(workspace, email), email, domain, workspace)

    @cached_property
    def _tagged(self) -> dict[tuple[str, str], set[tuple[str, tuple[str, ...]]]]:
        """(workspace, tag) → the domains and tags of the senders that have it. Read where a campaign sends by tag only."""
        tags: dict[int, list[str]] = defaultdict(list)
        where: dict[int, tuple[str, str]] = {}
        rows = SenderTag.objects.filter(sender__connection=self._connection, sender__gone_at=None)
        for pk, workspace, domain, name in rows.values_list("sender_id", "sender__workspace", "sender__domain", "name"):
            tags[pk].append(name)
            where[pk] = workspace, domain
        found: dict[tuple[str, str], set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
        for pk, names in tags.items():
            workspace, domain = where[pk]
            for name in names:
                found[workspace, name].add((domain, tuple(names)))
        return found


def give(campaign: Campaign, owner: Owner) -> bool:
    """Into the unsaved row; whether it is another's than before."""
    moved = campaign.client_id != owner.client_id
    campaign.client_id, campaign.conflict = owner
    return moved


def give_days(campaigns: Iterable[Campaign]) -> None:
    """To the client that each campaign has."""
    for campaign in campaigns:
        ActivityDay.objects.filter(campaign=campaign, grain=Grain.CAMPAIGN).update(client=campaign.client_id)


def move(connection: Connection, resolver: Resolver) -> None:
    """Every campaign, its days, and the days of senders to whom the scopes say now."""
    owners = Owners(connection, resolver)
    moved, days = [], []
    for campaign in Campaign.objects.filter(connection=connection).defer("schedule", "totals"):
        was = campaign.client_id, campaign.conflict
        days += [campaign] if give(campaign, owners.of(campaign)) else []
        moved += [campaign] if (campaign.client_id, campaign.conflict) != was else []
    Campaign.objects.bulk_update(moved, ["client", "conflict"], batch_size=500)
    give_days(days)
    _move_sender_days(connection, resolver)


def _move_sender_days(connection: Connection, resolver: Resolver) -> None:
    rows = ActivityDay.objects.filter(connection=connection, campaign=None, grain=Grain.SENDER)
    targets: dict[int | None, set[str]] = defaultdict(set)
    # One reference has one domain and one workspace.
    for ref, domain, workspace, was in rows.values_list("sender_ref", "domain", "workspace", "client_id").distinct():
        email = ref.removeprefix(f"{workspace}:") if workspace else ref
        owner = resolver.broadcast_owner(ref, email, domain, workspace).client_id
        if owner != was:
            targets[owner].add(ref)
    for client_id, refs in targets.items():
        rows.filter(sender_ref__among=sorted(refs)).update(client=client_id)
    if targets:
        outreach_days.rebuild(connection.pk)
