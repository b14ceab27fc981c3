"""Whether an event is this account's: a webhook at the vendor may also send what happened in its test mode, or elsewhere."""

from __future__ import annotations

import json

from clients.ledgers import TEST
from clients.models import Connection, Event

#: In the account's settings: the workspace that its first event was of, since nothing else tells.
WORKSPACE = "events_of"


def why_not(connection: Connection, event: Event) -> str:
    """Why nothing is done with it; '' where it is the account's. The caller holds the connection's lock."""
    scheme = connection.vendor_class.hooks
    if scheme is None or not (scheme.live or scheme.workspace):
        return ""
    content = json.loads(event.raw)
    live, workspace = content.get(scheme.live), content.get(scheme.workspace)
    if isinstance(live, bool) and live == (connection.ledger == TEST):
        return f"{'Live' if live else 'Test'} mode: not counted."
    if isinstance(workspace, str) and workspace != _own(connection, workspace):
        return "Of another workspace: not counted."
    return ""


def forget(connection: Connection) -> None:
    """With a new secret comes another webhook, which may be another workspace's."""
    if connection.settings.pop(WORKSPACE, None) is not None:
        connection.save(update_fields=["settings"])


def _own(connection: Connection, workspace: str) -> str:
    if WORKSPACE not in connection.settings:
        connection.settings = {**connection.settings, WORKSPACE: workspace}
        connection.save(update_fields=["settings"])
    return str(connection.settings[WORKSPACE])
