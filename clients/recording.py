"""What the audit log keeps of a client."""

from __future__ import annotations

from typing import Any

from clients.models import Client


def said(client: Client) -> dict[str, Any]:
    return {
        "name": client.name,
        "slug": client.slug,
        "timezone": client.timezone,
        "tags": sorted(client.tags.values_list("name", flat=True)),
        "manager": str(client.manager.user) if client.manager else "",
        "viewers": sorted(client.viewers.values_list("user__email", flat=True)),
    }
