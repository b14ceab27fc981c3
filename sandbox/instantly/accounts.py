"""Mailboxes: read, paused, resumed, their warmup turned by background jobs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from sandbox.answers import Answer, Json, ok
from sandbox.instantly import jobs
from sandbox.instantly.call import Call, bad, missing
from sandbox.instantly.ids import stamp
from sandbox.instantly.mailboxes import Mailbox
from sandbox.instantly.vocabulary import ACCOUNT_STATUSES, PAUSED, PROVIDER_CODES
from sandbox.instantly.workspace import Tag

FILTERS: dict[str, Callable[[Mailbox], bool]] = {
    "ACC_FILTER_PAUSED": lambda one: one.status == PAUSED,
    "ACC_FILTER_ERROR": lambda one: one.status < 0,
    "ACC_FILTER_NO_CTD": lambda one: True,
    "ACC_FILTER_PW_ACCOUNTS": lambda one: False,
    "ACC_FILTER_DFY": lambda one: False,
    "ACC_FILTER_DFY_SETUP_PENDING": lambda one: False,
    "ACC_FILTER_W_ACTIVE": lambda one: one.warmup_status == 1,
    "ACC_FILTER_W_PAUSED": lambda one: one.warmup_status == 0,
    "ACC_FILTER_W_ERROR": lambda one: one.warmup_status < 0,
}
SORTS: dict[str, Callable[[Mailbox], str | int]] = {
    "timestamp_created": lambda one: one.created,
    "email": lambda one: one.email,
    "stat_warmup_score": lambda one: one.score,
    "status": lambda one: one.status,
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")


def listed(call: Call) -> Answer:
    """Newest first with a cursor; sorted otherwise, `skip` leads on and there is no cursor."""
    jobs.settle(call)
    wanted = _wanted(call)
    sort, order = call.one_of("sort_by", SORTS), call.one_of("sort_order", ("asc", "desc")) or "desc"
    skip = call.number("skip") or 0
    if skip < 0:
        raise bad("querystring/skip must be >= 0")
    after, boxes = call.cursor(), call.workspace.mailboxes

    def values(one: Mailbox) -> dict[str, Json]:
        return shown(call, one, whole=False)

    if sort:
        found = sorted(filter(wanted, boxes.newest_first()), key=SORTS[sort], reverse=order == "desc")
        limit = call.limit()
        return ok({"items": [call.shown(values(one)) for one in found[skip : skip + limit]]})
    rows = islice(filter(wanted, boxes.newest_first(_time(after) if after else None)), skip, None)
    return call.listed(rows, values, lambda one: f"{stamp(one.created)}&{one.email}")


def one(call: Call) -> Answer:
    return call.one(shown(call, _the_mailbox(call), whole=True))


def pause(call: Call) -> Answer:
    return _turned(call, PAUSED)


def resume(call: Call) -> Answer:
    return _turned(call, 1)


def pause_several(call: Call) -> Answer:
    body = call.json()
    emails = _emails(body, required=True)
    for name in body:
        if name != "emails":
            raise bad("body must NOT have additional properties")
    paused: list[str] = []
    failed: list[str] = []
    for email in dict.fromkeys(emails or ()):
        found = call.workspace.mailboxes.find(email)
        if found:
            call.workspace.mailboxes.change(found).turn(PAUSED, call.now)
        (paused if found else failed).append(email)
    return ok({"paused_emails": paused, "failed_emails": failed})


def warm_up(call: Call) -> Answer:
    return _warmup(call, 1)


def cool_down(call: Call) -> Answer:
    return _warmup(call, 0)


def vitals(call: Call) -> Answer:
    """The DNS of each domain of the mailboxes."""
    asked = _emails(call.json(), "accounts") or []
    found = [box for box in map(call.workspace.mailboxes.find, asked) if box]
    failing = {domain for domain, since in call.workspace.dkim_fails.items() if since <= call.now}
    lists: dict[str, list[Json]] = {"success_list": [], "failure_list": []}
    for domain in dict.fromkeys(box.domain for box in found):
        good = domain not in failing
        checks = {"allPass": good, "mx": True, "spf": True, "dkim": good, "dmarc": good}
        lists["success_list" if good else "failure_list"].append({"domain": domain, **checks})
    return ok({"status": "success", **lists})


def shown(call: Call, mailbox: Mailbox, whole: bool) -> dict[str, Json]:
    values = mailbox.values(call.workspace.id, whole)
    if call.switches.unknown_codes and mailbox.index % 3 == 0:
        values["provider_code"] = 99
    if not whole and call.query.get("include_tags") == "true":
        values["tags"] = [
            {"id": tag.id, "label": tag.label, **({"description": tag.description} if tag.description else {})}
            for tag in tags_of(call, mailbox)
        ]
    return values


def tags_of(call: Call, mailbox: Mailbox) -> list[Tag]:
    return [tag for tag in call.workspace.tags.values() if tag.number in mailbox.tags]


def _wanted(call: Call) -> Callable[[Mailbox], bool]:
    search = call.query.get("search", "").lower()
    status, code = call.number("status", ACCOUNT_STATUSES), call.number("provider_code", PROVIDER_CODES)
    kind = call.one_of("filter", FILTERS)
    some, every = call.comma_list("tag_ids"), call.comma_list("tag_ids_all")
    numbers = {tag.id: tag.number for tag in call.workspace.tags.values()}

    def wanted(one: Mailbox) -> bool:
        return (
            search in one.email
            and status in (None, one.status)
            and code in (None, one.provider_code)
            and (kind is None or FILTERS[kind](one))
            and (some is None or any(numbers.get(tag) in one.tags for tag in some))
            and (every is None or all(numbers.get(tag) in one.tags for tag in every))
        )

    return wanted


def _time(cursor: str) -> int:
    """`timestamp_created&email`, or the time alone."""
    moment, _, _ = cursor.partition("&")
    if not _TIME.match(moment):
        raise bad("querystring/starting_after is not valid")
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _the_mailbox(call: Call) -> Mailbox:
    jobs.settle(call)
    found = call.workspace.mailboxes.find(call.named[0])
    if found is None:
        raise missing()
    return found


def _turned(call: Call, status: int) -> Answer:
    changed = call.workspace.mailboxes.change(_the_mailbox(call))
    changed.turn(status, call.now)
    return call.one(shown(call, changed, whole=True))


def _emails(body: dict[str, Json], name: str = "emails", required: bool = False) -> list[str] | None:
    given = body.get(name)
    if given is None:
        if required:
            raise bad(f"body must have required property '{name}'")
        return None
    if not isinstance(given, list) or not all(isinstance(email, str) for email in given):
        raise bad(f"body/{name} must be array")
    if required and not given:
        raise bad(f"body/{name} must NOT have fewer than 1 items")
    if len(given) > 100:
        raise bad(f"body/{name} must NOT have more than 100 items")
    return given


def _warmup(call: Call, status: int) -> Answer:
    body = call.json()
    emails, excluded, filtered = _emails(body), _emails(body, "excluded_emails"), body.get("filter")
    if not emails and body.get("include_all_emails") is not True:
        raise bad("Either emails or include_all_emails must be provided")
    if filtered is not None and not isinstance(filtered, dict):
        raise bad("body/filter must be object")
    jobs.settle(call)
    targets = emails if emails else list(_chosen(call, body, set(excluded or ())))
    asked = {"emails": emails, "includeAllEmails": body.get("include_all_emails"), "excludedEmails": excluded,
             "filter": filtered, "search": body.get("search")}  # fmt: skip
    job = jobs.start(call, {"filters": asked, "warmup_status": status, "_emails": targets})
    return call.one(jobs.values(call.workspace, job))


def _chosen(call: Call, body: dict[str, Json], excluded: set[str]) -> Iterator[str]:
    filtered, search = body.get("filter") or {}, str(body.get("search") or "").lower()
    kind, tag = filtered.get("filter"), call.workspace.tags.get(filtered.get("tag_id") or "")
    if kind is not None and kind not in FILTERS:
        raise bad("body/filter/filter must be equal to one of the allowed values")
    for one in call.workspace.mailboxes.newest_first():
        if (
            one.email not in excluded
            and search in one.email
            and (kind is None or FILTERS[kind](one))
            and (not filtered.get("tag_id") or (tag is not None and tag.number in one.tags))
        ):
            yield one.email
