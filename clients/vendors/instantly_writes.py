"""What Instantly lets us change: mailboxes and campaigns paused and resumed, warmup on and off. Each such call is sent once.

Reference: https://developer.instantly.ai/api-reference, 'Account', 'Campaign', 'Background job'. Answers to changes are not
believed: who wants the truth reads the mailbox. A call without a body goes without its type, which the live API insists on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import quote

from clients.vendors import instantly_outreach_wire as outreach
from clients.vendors.bodies import loads
from clients.vendors.errors import AccessDenied, UnexpectedAnswer
from clients.vendors.instantly_lists import LABEL, Lists
from clients.vendors.instantly_wire import PATHS, word
from clients.vendors.records import Handed, JobRecord, Warmup, What
from clients.vendors.rows import BadField, Row, readable
from clients.vendors.text import lowered

ACCOUNTS, CAMPAIGNS, JOBS = PATHS["senders"], PATHS["campaigns"], PATHS["jobs"]
#: Addresses that one call takes.
MOST = 100
#: Pages of jobs, the newest first, that a call is looked for in.
JOB_PAGES = 5
RESUME, PAUSE = "active", "paused"
#: How jobs end; the vendor's own kit takes the last two as ends as well.
GOOD, BAD = ("success", "completed"), ("failed", "cancelled", "error")

JOB = {
    "external_id": ("id",),
    "status": ("status",),
    "data": ("data",),
    "at": ("created_at",),
}

_BROKEN = {
    "connection error": "It has a connection error: reconnect it in Instantly first.",
    "soft bounce error": "It is stopped by soft bounces: mend it in Instantly first.",
    "sending error": "It has a sending error: mend it in Instantly first.",
    "maintenance": "It is in maintenance, and resumes by itself.",
}
_NO_WARMUP = {
    "banned": "Its warmup is banned.",
    "spam folder unknown": "Its warmup stands still: the spam folder is unknown.",
    "suspended for good": "Its warmup is suspended for good.",
}
_AT_REST = {
    "draft": "It is a draft: it has not been started.",
    "completed": "It is completed.",
    "suspended": "Its account is suspended.",
}


class InstantlyWrites(Lists):
    sender_acts: ClassVar = {"status": (RESUME, PAUSE), "warmup": ("on", "off")}
    campaign_acts: ClassVar = {"status": (RESUME, PAUSE)}
    sender_bars: ClassVar = {
        **{("status", RESUME, now): why for now, why in _BROKEN.items()},
        **{("warmup", turned, now): why for turned in ("on", "off") for now, why in _NO_WARMUP.items()},
    }
    campaign_bars: ClassVar = {("status", turned, now): why for turned in (RESUME, PAUSE) for now, why in _AT_REST.items()}

    @classmethod
    def at_once(cls, what: What) -> int:
        return 1 if what == RESUME else MOST

    @classmethod
    def in_background(cls, what: What) -> bool:
        return isinstance(what, Warmup)

    def edit(self, external_id: str, what: What) -> None:
        """Reference: 'Pause an account', 'Resume a paused account'."""
        verb = "resume" if what == RESUME else "pause"
        self._send(f"{ACCOUNTS}/{quote(external_id, safe='')}/{verb}")

    def edit_several(self, external_ids: Sequence[str], what: What) -> Handed:
        """Reference: 'Pause multiple accounts', 'Enable warmup for accounts', 'Disable warmup for accounts'."""
        emails = {"emails": list(external_ids)}
        if isinstance(what, Warmup):
            answer = self._send(f"{ACCOUNTS}/warmup/{'enable' if what.on else 'disable'}", emails)
            return Handed(job=_job_id(answer))
        if len(external_ids) == 1:
            self.edit(external_ids[0], what)
            return Handed()
        failed = _object(self._send(f"{ACCOUNTS}/pause", emails)).get("failed_emails")
        return Handed(refused=tuple(one for one in failed if isinstance(one, str)) if isinstance(failed, list) else ())

    def job(self, external_id: str) -> JobRecord:
        """Reference: 'Get background job'."""
        path = f"{JOBS}/{quote(external_id, safe='')}"
        return self._allowed("jobs", lambda: self.http.get(path, decode=_job, headers=self._as))

    def jobs_since(self, moment: datetime) -> Sequence[JobRecord]:
        """Reference: 'List background job'. That the list shows whom a job is for, as one job does, is assumed."""
        found = []
        for job in self._newest_jobs():
            if job.started_at and job.started_at < moment:
                break
            found.append(job)
        return found

    def campaign_status(self, external_id: str) -> str:
        """Reference: 'Get campaign'."""
        path = f"{CAMPAIGNS}/{quote(external_id, safe='')}"
        return self._allowed("campaigns", lambda: self.http.get(path, decode=_campaign_status, headers=self._as))

    def edit_campaign(self, external_id: str, status: str) -> None:
        """Reference: 'Activate (start) or resume a campaign', 'Stop or pause a campaign'."""
        verb = "activate" if status == RESUME else "pause"
        self._send(f"{CAMPAIGNS}/{quote(external_id, safe='')}/{verb}", what="campaigns")

    def _send(self, path: str, body: Any = None, what: str = "accounts") -> bytes:
        try:
            return self.http.send("POST", path, body, headers=self._as)
        except AccessDenied as refusal:
            problem = self.lacks(refusal, f"{what}:update", f"change {what}")
        raise problem from None

    def _newest_jobs(self) -> Iterator[JobRecord]:
        asked = {"type": "update-warmup-accounts", "sort_column": "created_at", "sort_order": "desc"}
        cursor: str | None = None
        for _ in range(JOB_PAGES):
            listing = self._list("jobs", self._plain, cursor, asked)
            yield from readable(listing.loose, _job_row, "job")[0]
            if not (cursor := listing.cursor):
                return


def _object(body: bytes) -> dict[str, Any]:
    content = loads(body, LABEL)
    if not isinstance(content, dict):
        raise UnexpectedAnswer(f"{LABEL} sent something else than it should.", "id")
    return content


def _job(body: bytes) -> JobRecord:
    try:
        return _job_row(_object(body))
    except BadField as bad:
        raise UnexpectedAnswer(f"{LABEL} sent a job whose '{bad.field}' {bad.why}.", bad.field) from None


def _job_id(body: bytes) -> str:
    try:
        return Row(_object(body), JOB).key("external_id", 64)
    except BadField as bad:
        raise UnexpectedAnswer(f"{LABEL} sent a job whose '{bad.field}' {bad.why}.", bad.field) from None


def _job_row(content: dict[str, Any]) -> JobRecord:
    row = Row(content, JOB)
    status, data = row.text("status", 40), row.raw("data")
    data = data if isinstance(data, dict) else {}
    filters = data.get("filters")
    emails = filters.get("emails") if isinstance(filters, dict) else None
    named = [lowered(one, 320) for one in emails if isinstance(one, str)] if isinstance(emails, list) else []
    return JobRecord(
        external_id=row.key("external_id", 64),
        over=status in (*GOOD, *BAD),
        failed=status if status in BAD else "",
        senders=frozenset(named),
        what=Warmup(data["warmup_status"] == 1) if data.get("warmup_status") in (0, 1) else None,
        started_at=row.time("at"),
    )


def _campaign_status(body: bytes) -> str:
    status = word(outreach.STATUSES, _object(body).get("status"))[:20]
    if not status:
        raise UnexpectedAnswer(f"{LABEL} sent a campaign without a status.", "status")
    return status
