"""Which function answers which path, the scope it needs, and whether it needs a placement plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.answers import Answer, RefusedError
from sandbox.instantly import (
    accounts,
    analytics,
    campaigns,
    daily,
    jobs,
    reports,
    tags,
    testing,
    tests,
    workspaces,
)
from sandbox.instantly.call import Call
from sandbox.routing import Table

Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    handler: Handler
    scope: str
    placement: bool


_TESTS, _ROWS, _REPORTS = "inbox_placement_tests", "inbox_placement_analytics", "inbox_placement_reports"
_ROUTES: tuple[tuple[str, str, Handler, str], ...] = (
    ("GET", "workspaces/current", workspaces.current, "workspaces:read"),
    ("GET", "workspace-group-members", workspaces.members, "workspace_group_members:read"),
    ("GET", "workspace-group-members/admin", workspaces.admin, "workspace_group_members:read"),
    ("GET", "workspace-group-members/*", workspaces.member, "workspace_group_members:read"),
    ("GET", "inbox-placement-tests", tests.listed, f"{_TESTS}:read"),
    ("POST", "inbox-placement-tests", testing.create, f"{_TESTS}:create"),
    ("GET", "inbox-placement-tests/email-service-provider-options", tests.options, f"{_TESTS}:read"),
    ("GET", "inbox-placement-tests/*", tests.one, f"{_TESTS}:read"),
    ("PATCH", "inbox-placement-tests/*", testing.edit, f"{_TESTS}:update"),
    ("DELETE", "inbox-placement-tests/*", testing.delete, f"{_TESTS}:delete"),
    ("GET", "inbox-placement-analytics", analytics.listed, f"{_ROWS}:read"),
    ("POST", "inbox-placement-analytics/stats-by-test-id", analytics.by_test, f"{_ROWS}:read"),
    ("POST", "inbox-placement-analytics/stats-by-date", analytics.by_date, f"{_ROWS}:read"),
    ("POST", "inbox-placement-analytics/deliverability-insights", analytics.insights, f"{_ROWS}:read"),
    ("GET", "inbox-placement-analytics/*", analytics.one, f"{_ROWS}:read"),
    ("GET", "inbox-placement-reports", reports.listed, f"{_REPORTS}:read"),
    ("GET", "inbox-placement-reports/*", reports.one, f"{_REPORTS}:read"),
    ("GET", "accounts", accounts.listed, "accounts:read"),
    ("POST", "accounts/pause", accounts.pause_several, "accounts:update"),
    ("POST", "accounts/warmup/enable", accounts.warm_up, "accounts:update"),
    ("POST", "accounts/warmup/disable", accounts.cool_down, "accounts:update"),
    ("POST", "accounts/test/vitals", accounts.vitals, "accounts:read"),
    ("POST", "accounts/warmup-analytics", daily.warmup, "accounts:read"),
    ("GET", "accounts/analytics/daily", daily.accounts, "accounts:read"),
    ("GET", "accounts/*", accounts.one, "accounts:read"),
    ("POST", "accounts/*/pause", accounts.pause, "accounts:update"),
    ("POST", "accounts/*/resume", accounts.resume, "accounts:update"),
    ("POST", "accounts/*/mark-fixed", accounts.resume, "accounts:update"),
    ("GET", "background-jobs", jobs.listed, "background-jobs:read"),
    ("GET", "background-jobs/*", jobs.one, "background-jobs:read"),
    ("GET", "campaigns", campaigns.listed, "campaigns:read"),
    ("GET", "campaigns/analytics", daily.campaigns, "campaigns:read"),
    ("GET", "campaigns/analytics/daily", daily.campaign_days, "campaigns:read"),
    ("GET", "campaigns/*", campaigns.one, "campaigns:read"),
    ("POST", "campaigns/*/activate", campaigns.activate, "campaigns:update"),
    ("POST", "campaigns/*/pause", campaigns.pause, "campaigns:update"),
    ("GET", "custom-tags", tags.listed, "custom_tags:read"),
    ("POST", "custom-tags/toggle-resource", tags.toggle, "custom_tags:update"),
    ("GET", "custom-tags/*", tags.one, "custom_tags:read"),
    ("GET", "custom-tag-mappings", tags.mappings, "custom_tag_mappings:read"),
)
_TABLE = Table(
    (method, f"/api/v2/{path}", Route(handler, scope, path.startswith("inbox-placement")))
    for method, path, handler, scope in _ROUTES
)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """Raises RefusedError: a known path with another verb is not found either."""
    try:
        return _TABLE.find(method, path)
    except RefusedError:
        raise RefusedError(404, f"Route {method}:{path} not found") from None


def in_scope(route: Route, scopes: tuple[str, ...]) -> bool:
    resource, _, action = route.scope.partition(":")
    return not {route.scope, f"{resource}:all", f"all:{action}", "all:all"}.isdisjoint(scopes)
