"""Which function answers which path."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.answers import Answer, Json, RefusedError
from sandbox.imail import analytics, campaigns, inboxes, leads, metrics, webhooks
from sandbox.imail.call import Call, refused
from sandbox.routing import Table

Handler = Callable[[Call], Answer]

_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "campaigns", campaigns.listed),
    ("POST", "campaigns", campaigns.create),
    ("GET", "campaigns/*", campaigns.one),
    ("PATCH", "campaigns/*", campaigns.edit),
    ("DELETE", "campaigns/*", campaigns.delete),
    ("POST", "campaigns/*/start", campaigns.start),
    ("POST", "campaigns/*/pause", campaigns.pause),
    ("POST", "campaigns/*/resume", campaigns.resume),
    ("GET", "leads", leads.listed),
    ("POST", "leads", leads.create),
    ("POST", "leads/bulk", leads.bulk),
    ("GET", "leads/*", leads.one),
    ("PATCH", "leads/*", leads.edit),
    ("DELETE", "leads/*", leads.delete),
    ("GET", "inboxes", inboxes.listed),
    ("POST", "inboxes", inboxes.create),
    ("GET", "inboxes/*", inboxes.one),
    ("PATCH", "inboxes/*", inboxes.edit),
    ("DELETE", "inboxes/*", inboxes.delete),
    ("POST", "inboxes/*/reconnect", inboxes.reconnect),
    ("GET", "analytics", analytics.listed),
    ("GET", "analytics/daily", analytics.daily),
    ("GET", "analytics/campaigns/*", analytics.of_campaign),
    ("GET", "analytics/inboxes/*", analytics.of_inbox),
    ("GET", "webhooks", webhooks.listed),
    ("POST", "webhooks", webhooks.create),
    ("GET", "webhooks/*", webhooks.one),
    ("PATCH", "webhooks/*", webhooks.edit),
    ("DELETE", "webhooks/*", webhooks.delete),
    ("POST", "webhooks/*/test", webhooks.test),
)
_TABLE = Table((method, f"/v1/{path}", handler) for method, path, handler in _ROUTES)
OPENAPI = "/openapi.json"


def find(method: str, path: str) -> tuple[Handler, tuple[str, ...]]:
    """Raises RefusedError: a known path with another verb is not found either."""
    try:
        return _TABLE.find(method, path)
    except RefusedError:
        raise refused(404, "not_found", f"No such route: {method} {path}") from None


def openapi() -> dict[str, Json]:
    """Paths and verbs alone."""
    paths: dict[str, Json] = {metrics.PATH: {"get": {"security": []}}}
    for method, path, _ in _ROUTES:
        paths.setdefault(f"/v1/{path.replace('*', '{id}')}", {})[method.lower()] = {}
    return {"openapi": "3.1.0", "info": {"title": "imail", "version": "1.0.0"}, "paths": paths}
