"""What a test may turn about Instantly's answers without anything being at fault. Defaults are what was seen live."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.switches import Turned


@dataclass(slots=True)
class Switches(Turned):
    choices = {  # noqa: RUF012
        "over_limit": ("empty", "400"),
        "last_cursor": ("absent", "carries", "empty", "null"),
        "analytics_order": ("desc", "asc"),
        "stats_without_rows": ("zero", "absent"),
    }

    default_limit: int = 10
    max_limit: int = 100
    over_limit: str = "empty"
    """A limit above the most: 200 with no rows, or 400."""
    last_cursor: str = "absent"
    """The last page with rows: no cursor, one that leads to an empty page, "" or null."""
    short_pages: int = 0
    """When not 0: no page holds more rows than this, whatever the limit."""
    explicit_nulls: bool = False
    """Null fields are sent instead of left out."""
    numbers_for_booleans: bool = False
    """0 and 1 in analytics rows, as in early 2025."""
    unknown_codes: bool = False
    """The seeds of a test's last label have ESP 77, and every third mailbox provider_code 99."""
    extra_keys: bool = False
    """Rows carry keys that are declared nowhere."""
    analytics_order: str = "desc"
    stats_without_rows: str = "zero"
    """stats-by-test-id for a test without rows: all zero, or not there."""
    missing_scope: int = 401
    """The status for a key without the scope: 401 or 403."""
    foreign_workspace: int = 401
    """The status for an x-as-workspace that is unknown, pending, rejected, or none of this key's."""
    not_an_admin: int = 403
    """The status of the group members' list for a workspace that leads no group; 0 = an empty list."""
    placement_plan_lacks: bool = False
    """Every workspace is without a placement plan: 402, also for reads."""
    daily_without_emails: bool = False
    """accounts/analytics/daily answers without `emails`, as until June 2026; else 413."""
    unattributed_rows: bool = False
    """accounts/analytics/daily has a row of no mailbox on each day."""
    refuses_tests: str = ""
    """The words with which making or changing a test is refused with 400: its validator has more of them than are known."""
    asks_for_campaign: bool = False
    """A test from the vendor needs a campaign_id, as one user saw it."""
    block_agents: bool = True
    """The edge's web page with 403 for no User-Agent and for urllib's."""
    job_seconds: int = 60
    """How long a background job takes; the first third it is pending."""
    jobs_fail: bool = False
