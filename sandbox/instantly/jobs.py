"""Background jobs: pending, in progress, done, by the sandbox's clock."""

from __future__ import annotations

from sandbox.answers import Answer, Json
from sandbox.instantly.call import Call, bad, missing
from sandbox.instantly.ids import object_id, stamp
from sandbox.instantly.workspace import Job, Workspace

STATUSES = ("pending", "in-progress", "success", "failed", "draining", "paused", "cancelled")


def listed(call: Call) -> Answer:
    """Newest first, unless asked otherwise."""
    settle(call)
    statuses, wanted = call.comma_list("status"), call.comma_list("ids") or call.comma_list("included_ids")
    if statuses and any(status not in STATUSES for status in statuses):
        raise bad("querystring/status must be equal to one of the allowed values")
    unwanted, kind = call.comma_list("excluded_ids") or [], call.query.get("type", "update-warmup-accounts")
    newest_first = call.one_of("sort_order", ("asc", "desc")) != "asc"
    after = call.cursor()
    found = [
        job
        for job in call.workspace.jobs
        if (statuses is None or job.status in statuses)
        and (wanted is None or job.id in wanted)
        and job.id not in unwanted
        and kind == "update-warmup-accounts"
        and (after is None or (job.id < after if newest_first else job.id > after))
    ]
    found.sort(key=lambda job: job.id, reverse=newest_first)
    return call.listed(iter(found), lambda job: values(call.workspace, job), lambda job: job.id)


def one(call: Call) -> Answer:
    settle(call)
    for job in call.workspace.jobs:
        if job.id == call.named[0]:
            shown, fields = values(call.workspace, job), call.comma_list("data_fields")
            if fields is not None:
                shown["data"] = {name: job.data[name] for name in fields if name in job.data}
            return call.one(shown)
    raise missing()


def start(call: Call, data: dict[str, Json]) -> Job:
    now = call.now
    made = Job(object_id(now, call.workspace.next_serial()), now, data, updated=now)
    call.workspace.jobs.append(made)
    return made


def settle(call: Call) -> None:
    """Carries out what is due. Everything that shows a mailbox asks this first."""
    lasts = call.switches.job_seconds * 1000
    for job in call.workspace.jobs:
        gone = call.now - job.created
        if job.done or gone < lasts / 3:
            continue
        job.updated = min(call.now, job.created + lasts)
        if gone < lasts:
            job.status, job.progress = "in-progress", int(100 * gone / lasts)
            continue
        job.done = True
        if call.switches.jobs_fail:
            job.status = "failed"
            continue
        job.status, job.progress = "success", 100
        for email in job.data.pop("_emails"):
            found = call.workspace.mailboxes.find(email)
            if found:
                call.workspace.mailboxes.change(found).warmup_status = job.data["warmup_status"]
        job.data["step"] = "DONE"


def values(workspace: Workspace, job: Job) -> dict[str, Json]:
    return {
        "id": job.id,
        "workspace_id": workspace.id,
        "type": "update-warmup-accounts",
        "status": job.status,
        "progress": job.progress,
        "entity_type": "workspace",
        "entity_id": workspace.id,
        "user_id": None,
        "data": {name: value for name, value in job.data.items() if not name.startswith("_")},
        "created_at": stamp(job.created),
        "updated_at": stamp(job.updated),
    }
