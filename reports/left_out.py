"""What of an account's workspaces the last complete runs could not read, said to the clients that are concerned."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from clients.models import Client, Feed, RunState, ScopeKind, Sender, SyncRun
from clients.models import Scope as ClientScope
from clients.passes.outreach import WHOSE
from reports.headlines import Banner
from reports.queries.freshness import Account


def banners(client: Client, accounts: Sequence[Account], feeds: Collection[str] = ()) -> list[Banner]:
    """One for each reason, of the client's own workspaces: another's are nobody's business here. `accounts`: with `parted`.
    `feeds`: those that the page shows, where that is not all."""
    by_pk = {account.pk: account for account in accounts if account.health == "ok" and account.parted}
    found = _left_out(by_pk, feeds) if by_pk else []
    if not found:
        return []
    concerned = _concerned(client, {pk for pk, _, _ in found})
    said: dict[tuple[int, str], None] = {}
    for pk, workspace, why in found:
        if (pk, workspace) in concerned or (pk, None) in concerned:
            said[pk, why] = None
    return [_banner(by_pk[pk], why) for pk, why in said]


def _left_out(accounts: Iterable[int], shown: Collection[str]) -> list[tuple[int, str, str]]:
    """Connection, workspace, why. One query."""
    whole = SyncRun.objects.filter(feed=OuterRef("pk"), state__in=[RunState.OK, RunState.PARTIAL]).order_by("-started_at")
    some = Q(resource__in=shown) if shown else Q()
    feeds = Feed.objects.filter(some, connection__in=list(accounts)).annotate(told=Subquery(whole.values("left_out")[:1]))
    rows = feeds.order_by("connection", "pk").values_list("connection", "told")
    # What names mailboxes and campaigns may name another client's.
    return [(pk, place.partition("/")[0], why.partition(WHOSE)[0]) for pk, told in rows for place, why in (told or {}).items()]


def _concerned(client: Client, accounts: set[int]) -> set[tuple[int, str | None]]:
    """(connection, workspace); None for all of them."""
    return set(_claimed(client, accounts)) | set(
        Sender.objects.filter(client=client, connection__in=accounts).order_by().values_list("connection", "workspace").distinct()
    )


def _claimed(client: Client, accounts: set[int]) -> Iterator[tuple[int, str | None]]:
    scopes = ClientScope.objects.filter(client=client, connection__in=accounts)
    for pk, kind, value in scopes.values_list("connection", "kind", "value"):
        if kind in (ScopeKind.ALL, ScopeKind.WORKSPACE):
            yield pk, None if kind == ScopeKind.ALL else value


def _banner(account: Account, why: str) -> Banner:
    text = f"Part of {account.vendor_label}, {account.label}, can't be read. {why} What was read before is shown."
    return Banner(text, "look", "cloud-off", reverse("connection", args=[account.uuid]), "Look at it")
