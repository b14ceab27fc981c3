"""Blacklist and SpamAssassin reports: one for each sending domain of each run, a minute after its first rows."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.answers import Answer, Json
from sandbox.instantly import ids
from sandbox.instantly.call import Call, bad, is_uuid, missing, span
from sandbox.instantly.ids import stamp
from sandbox.instantly.placement import BURST, MINUTE, PlacementTest, Run
from sandbox.instantly.rows import ip_of
from sandbox.instantly.tests import the_test

RULES = (
    ("HTML_MESSAGE", "BODY: HTML included in message", 0.0),
    ("MIME_HTML_ONLY", "BODY: Message only has text/html MIME parts", 0.7),
    ("DKIM_VALID", "Message has at least one valid DKIM signature", -0.1),
    ("URIBL_BLOCKED", "ADMINISTRATOR NOTICE: The query to URIBL was blocked", 0.001),
    ("RDNS_NONE", "Delivered to internal network by a host with no rDNS", 0.793),
    ("FROM_FMBLA_NEWDOM28", "From domain was registered in last 14-28 days", 0.8),
)
LISTED = ("URIBL_DBL_SPAM", "Contains a spam URL listed in the DBL blocklist", 2.5)
LISTS = ("dnsbl.example.net", "dbl.example.org", "rbl.example.com")


def listed(call: Call) -> Answer:
    identity = call.uuid("test_id", required=True) or ""
    first, last = span(dict(call.query), "date_from", "date_to", "querystring")
    after = call.cursor()
    place = ids.read(is_uuid(after, "querystring/starting_after")) if after else None
    if after and (place is None or place.kind != ids.REPORT):
        raise bad("querystring/starting_after is not valid")
    test = the_test(call, identity)
    found = (
        one
        for one in _reports(call, test)
        if first <= _created(*one[:2]) < last and (place is None or _created(*one[:2]) < place.ms)
    )
    skip_rules, skip_lists = (call.query.get(f"skip_{name}_report") == "true" for name in ("spam_assassin", "blacklist"))

    def values(one: tuple[Run, int, str]) -> dict[str, Json]:
        row = _values(call, test, *one)
        if skip_rules:
            row.pop("spam_assassin_report", None)
        if skip_lists:
            row.pop("blacklist_report", None)
        return row

    return call.listed(found, values, lambda one: str(_values(call, test, *one)["id"]))


def one(call: Call) -> Answer:
    place = ids.read(is_uuid(call.named[0], "params/id"))
    test = call.workspace.test_numbered(place.owner) if place and place.kind == ids.REPORT else None
    if test:
        call.workspace.work_out(test, call.now)
        for found in _reports(call, test):
            row = _values(call, test, *found)
            if row["id"] == call.named[0]:
                return call.one(row)
    raise missing()


def _reports(call: Call, test: PlacementTest) -> Iterator[tuple[Run, int, str]]:
    """Newest first."""
    for run in reversed(test.runs):
        domains = list(dict.fromkeys(sender.email.rpartition("@")[2] for sender in run.senders))
        for index in reversed(range(len(domains))):
            if _created(run, index) <= test.until(call.now):
                yield run, index, domains[index]


def _created(run: Run, index: int) -> int:
    return run.start + BURST + MINUTE + index


def _values(call: Call, test: PlacementTest, run: Run, index: int, domain: str) -> dict[str, Json]:
    created, luck = _created(run, index), ids.mixed(run.luck + 100 + index)
    bad_name = any(sender.listed for sender in run.senders if sender.email.endswith("@" + domain))
    rules = [rule for place, rule in enumerate(RULES) if place < 2 or luck >> place & 1]
    if bad_name:
        rules.append(LISTED)
    score = round(sum(points for _, _, points in rules), 3)
    details = [
        {"blacklist": name, "is_listed": bad_name and place < 2, "test_type": "domain" if place == 1 else "ip"}
        for place, name in enumerate(LISTS)
    ]
    return {
        "id": call.workspace.id_of(ids.REPORT, created, test.number, run.number, index),
        "timestamp_created": stamp(created),
        "timestamp_created_date": ids.day_of(created),
        "organization_id": call.workspace.id,
        "test_id": test.id,
        "domain": domain,
        "domain_ip": ip_of(domain),
        # One in sixteen was not checked.
        "domain_blacklist_count": None if luck >> 20 & 15 == 0 else int(bad_name),
        "domain_ip_blacklist_count": int(bad_name),
        "spam_assassin_score": score,
        "spam_assassin_report": {
            "is_spam": score >= 5,
            "spam_score": round(score),
            "report": [{"name": name, "description": text, "score": f"{points:.1f}"} for name, text, points in rules],
        },
        "blacklist_report": {
            "address": domain,
            "ip": ip_of(domain),
            "is_domain": True,
            "is_blacklisted": bad_name,
            "blacklisted_count": 2 * bad_name,
            "details": details,
        },
    }
