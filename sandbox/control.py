"""/_sandbox/: looking into the sandbox and steering it over HTTP, without a key.

| request | body or query | answer |
| --- | --- | --- |
| GET /_sandbox/requests | ?account= &path= &since=number | {"requests": [...]}, oldest first |
| DELETE /_sandbox/requests | | |
| GET, POST, DELETE /_sandbox/faults | the fields of `Fault`, the kind's arguments beside them | {"faults": [...]} |
| POST /_sandbox/clock | {"set": iso} or {"forward_seconds": n} or {"run": true} | {"now": iso} |
| POST /_sandbox/reset | | as at the start |
| GET, POST /_sandbox/switches | {switch: value} | all switches |
| GET /_sandbox/accounts | | {"accounts": [{name, key, story, serves}]} |
| POST /_sandbox/accounts | {name, senders=10, broadcasts=1000, seeds=60, warm=["all"]} | 201 {name, key, story} |
| GET /_sandbox/truth | ?account= | counts: in all, and by day × provider × domain |
| POST /_sandbox/change | {account, and any of what `sandbox/inboxally/changing.py` names} | ids by change |

The last four speak of InboxAlly. With ?vendor=instantly they speak of Instantly: its switches (`sandbox/instantly/switches.py`),
its keys, POST accounts with {name, mailboxes=100, tests=26, senders=100}, truth by workspace (?account=northwind, and &test=
for one test alone) as counts by test × run × sender × ESP × recipient type, and `sandbox/instantly/changing.py`.
With ?vendor=imail of imail: POST accounts with {name, campaigns=120, inboxes=130, days=10}, truth by key as counts by day ×
campaign × inbox and leads by campaign × status, and `sandbox/imail/changing.py`; and POST /_sandbox/deliver with what
`sandbox/imail/events.py` takes: events to an address.
With ?vendor=inboxbase of InboxBase: POST accounts with {name, conversations=1000}, truth by org (&identity=, &key= of a mail)
as the mails that really left and counts by identity × day, and `sandbox/inboxbase/changing.py` (account: org or org/handle).
With ?vendor=inbox of Inbox: POST accounts with {name, a_day=10}, truth by team, and `sandbox/inbox/changing.py`, which can also
deliver events to an address.
POST /_sandbox/subscribe has a vendor deliver by itself: `sandbox/subscribing.py`.

A request that makes no sense is answered 422 with {"problem": text}.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.answers import Answer, Json, ok
from sandbox.clock import iso
from sandbox.vendor import Delivers
from sandbox.wire import Request

if TYPE_CHECKING:
    from sandbox.server import Sandbox
    from sandbox.vendor import Vendor

PREFIX = "/_sandbox/"
UNLOCKED = f"{PREFIX}deliver"
"""Carried out while others are answered: whoever receives the events may ask meanwhile."""


def answer(box: Sandbox, request: Request) -> Answer:
    name = request.path.removeprefix(PREFIX)
    if not any(route == name for _, route in _ROUTES):
        return ok({"problem": f"no {request.path}; see sandbox/control.py"}, 404)
    if (request.method, name) not in _ROUTES:
        return ok({"problem": f"{name} knows no {request.method}"}, 405)
    try:
        body = json.loads(request.body or b"{}")
        if not isinstance(body, dict):
            raise TypeError("the body is not an object")
        return _ROUTES[request.method, name](box, request.query, body)
    except KeyError as problem:
        return ok({"problem": f"missing or unknown: {problem}"}, 422)
    except Exception as problem:  # noqa: BLE001  (whatever is wrong with what was asked, the asker must hear of it)
        return ok({"problem": str(problem) or type(problem).__name__}, 422)


def _requests(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    since = int(query.get("since", 0))
    asked = [
        asdict(one)
        for one in box.requests
        if one.number > since
        and ("account" not in query or one.account == query["account"])
        and ("path" not in query or one.path == query["path"])
    ]
    return ok({"requests": asked})


def _forget_requests(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    box.requests.clear()
    return ok({})


def _faults(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    return ok({"faults": [asdict(fault) for fault in box.faults]})


def _add_fault(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    return ok(asdict(box.faults.add(**body)), 201)


def _clear_faults(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    box.faults.clear()
    return ok({"faults": []})


def _clock(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    for name, value in body.items():
        match name:
            case "set":
                box.clock.set(datetime.fromisoformat(value))
            case "forward_seconds":
                box.clock.forward(float(value))
            case "run":
                box.clock.run()
            case _:
                raise ValueError(f"the clock knows set, forward_seconds and run, not {name!r}")
    return ok({"now": iso(box.clock.now())})


def _vendor(box: Sandbox, query: dict[str, str]) -> Vendor:
    return box.vendors[query.pop("vendor", "inboxally")]


def _switches(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    return ok(_vendor(box, query).switches.as_json())


def _turn_switches(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    switches = _vendor(box, query).switches
    switches.turn(body)
    return ok(switches.as_json())


def _reset(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    box.reset()
    return ok({"now": iso(box.clock.now())})


def _accounts(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    vendor = _vendor(box, query)
    accounts = [
        {"name": name, "key": key, "story": story, "serves": vendor.serves(name)} for name, key, story in vendor.accounts()
    ]
    return ok({"accounts": accounts})


def _add_account(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    name, key, story = _vendor(box, query).add_account(**body)
    return ok({"name": name, "key": key, "story": story}, 201)


def _truth(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    vendor = _vendor(box, query)
    return ok(vendor.truth(query.pop("account"), **query))


def _deliver(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    vendor = box.vendors[query.pop("vendor", "imail")]
    if not isinstance(vendor, Delivers):
        raise TypeError("this vendor delivers nothing")
    return ok(vendor.deliver(body.pop("account"), body))


def _subscribe(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    box.subscriptions.add(body["vendor"], body["account"], body["url"], body["secret"], body.get("since", ""))
    box.subscriptions.start()
    return ok({}, 201)


def _change(box: Sandbox, query: dict[str, str], body: dict[str, Json]) -> Answer:
    return ok(_vendor(box, query).change(body.pop("account"), body))


_ROUTES: dict[tuple[str, str], Callable[[Sandbox, dict[str, str], dict[str, Json]], Answer]] = {
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _forget_requests,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("GET", "switches"): _switches,
    ("POST", "switches"): _turn_switches,
    ("POST", "reset"): _reset,
    ("GET", "accounts"): _accounts,
    ("POST", "accounts"): _add_account,
    ("GET", "truth"): _truth,
    ("POST", "change"): _change,
    ("POST", "deliver"): _deliver,
    ("POST", "subscribe"): _subscribe,
}
