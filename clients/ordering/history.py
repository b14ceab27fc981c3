"""Who made, paused or deleted which test, written down."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from agency import audit
from agency.models import AuditEntry
from clients.models import Client, PlacementTest, TestKind, TestOrder


def said(order: TestOrder) -> dict[str, Any]:
    """What the audit log keeps of it; its mail is no matter of the log's."""
    wanted = order.wanted
    return {
        "account": order.connection.label,
        "name": wanted["name"],
        "kind": str(TestKind(wanted["kind"]).label),
        "senders": len(order.senders),
        "seed groups": len(wanted["groups"]),
    }


def record(order: TestOrder, action: str, by: HttpRequest | None = None, **said: Any) -> None:
    audit.record(
        by, action, order, agency=order.connection.agency, subject=order.client.uuid,
        user=order.user, actor=order.actor or "terminal", page=("test-order", order.uuid), **said,
    )  # fmt: skip


def steered(test: PlacementTest, client: Client, action: str, by: HttpRequest, **said: Any) -> None:
    audit.record(by, action, test, agency=client.agency, subject=client.uuid, **said)


def turned(test: PlacementTest, what: str, now: str) -> str:
    """When and by whom `what` became what it says now; what nobody changed from here was changed at the vendor."""
    entries = AuditEntry.objects.filter(agency=test.connection.agency_id, action="test.edited", target=str(test)[:254])
    last = entries.filter(after__has_key=what).order_by("-at", "-pk").first()
    if last and last.after[what] == now:
        return f"at {last.at:%H:%M} UTC by {last.actor}"
    return "at the vendor"
