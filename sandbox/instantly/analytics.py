"""Analytics rows, and the three sums of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from sandbox.answers import Answer, Json, ok
from sandbox.instantly import ids, rows
from sandbox.instantly.call import Call, bad, is_uuid, missing
from sandbox.instantly.ids import day_of
from sandbox.instantly.placement import PlacementTest, Run
from sandbox.instantly.rows import Filter
from sandbox.instantly.tests import the_test


def listed(call: Call) -> Answer:
    identity = call.uuid("test_id", required=True) or ""
    wanted, codes = rows.from_query(call), call.switches.unknown_codes
    after = call.cursor()
    place = ids.read(is_uuid(after, "querystring/starting_after")) if after else None
    if after and (place is None or place.kind != ids.ROW):
        raise bad("querystring/starting_after is not valid")
    test, newest_first = the_test(call, identity), call.switches.analytics_order == "desc"
    if place and place.owner != test.number:
        raise bad("querystring/starting_after is not valid")
    found = rows.picked(test, call.now, wanted, codes, newest_first, (place.run, place.index) if place else None)
    return call.listed(found, lambda one: _values(call, test, *one), lambda one: str(_id(call, test, *one)))


def one(call: Call) -> Answer:
    found = rows.at(call.workspace, is_uuid(call.named[0], "params/id"), call.now)
    if found is None:
        raise missing()
    return call.one(_values(call, *found))


def by_test(call: Call) -> Answer:
    body = call.json()
    given = body.get("test_ids")
    if not isinstance(given, list):
        raise bad("body must have required property 'test_ids'" if given is None else "body/test_ids must be array")
    if not given:
        raise bad("body/test_ids must NOT have fewer than 1 items")
    wanted = rows.from_body(body)
    identities = [is_uuid(identity, f"body/test_ids/{place}") for place, identity in enumerate(given)]
    answer = []
    for identity in dict.fromkeys(identities):
        test = call.workspace.tests.get(identity)
        if test is None or test.created > call.now:
            continue
        call.workspace.work_out(test, call.now)
        counts = _counted(call, rows.picked(test, call.now, wanted, call.switches.unknown_codes))
        whole = counts["spam"] + counts["inbox"] + counts["category"]
        if whole or call.switches.stats_without_rows == "zero":
            answer.append({"test_id": identity, "count": whole, **_shares(counts, "{}_count", "{}_percent")})
    return ok(answer)


def by_date(call: Call) -> Answer:
    body = call.json()
    test, wanted = _asked(call, body), rows.from_body(body)
    days: defaultdict[str, list[tuple[Run, int]]] = defaultdict(list)
    for run, place in rows.picked(test, call.now, wanted, call.switches.unknown_codes):
        days[day_of(run.created(place))].append((run, place))
    answer = []
    for day, found in sorted(days.items()):
        counts = _counted(call, found)
        answer.append(
            {
                "timestamp_created_date": day,
                "sent_count": counts["sent"],
                "received_count": counts["received"],
                "spam_count": counts["spam"],
                "inbox_count": counts["inbox"],
                "category_count": counts["category"],
            }
        )
    return ok(answer)


def insights(call: Call) -> Answer:
    body = call.json()
    test, wanted = _asked(call, body), rows.from_body(body)
    before = rows.from_body(body, "previous_date_from", "previous_date_to") if body.get("show_previous") is True else None
    now, then = _by_esp(call, test, wanted), _by_esp(call, test, before) if before else {}
    answer = []
    for sender_esp, recipient_esp in sorted(now.keys() | then.keys()):
        row: dict[str, Json] = {
            "test_id": test.id,
            "from": body.get("date_from"),
            "to": body.get("date_to"),
            "previous_from": body.get("previous_date_from") if before else None,
            "previous_to": body.get("previous_date_to") if before else None,
            "sender_esp": sender_esp,
            "recipient_esp": recipient_esp,
        }
        for prefix, found in (("", now), ("prev_", then)):
            counts = found.get((sender_esp, recipient_esp))
            if counts:
                row |= _shares(counts, None, prefix + "{}_percentage")
        answer.append(call.shown(row))
    return ok(answer)


def _asked(call: Call, body: dict[str, Json]) -> PlacementTest:
    if "test_id" not in body:
        raise bad("body must have required property 'test_id'")
    return the_test(call, is_uuid(body["test_id"], "body/test_id"))


def _by_esp(call: Call, test: PlacementTest, wanted: Filter) -> dict[tuple[int, int], Counter[str]]:
    cells: defaultdict[tuple[int, int], list[tuple[Run, int]]] = defaultdict(list)
    for run, place in rows.picked(test, call.now, wanted, call.switches.unknown_codes):
        pair = run.pair(place)
        label = run.labels[run.seed(pair).label]
        cells[run.sender(pair).esp, rows.esp_of(run, label, call.switches.unknown_codes)].append((run, place))
    counted = {key: _counted(call, found) for key, found in cells.items()}
    return {key: counts for key, counts in counted.items() if counts["received"]}


def _counted(call: Call, found: Iterable[tuple[Run, int]]) -> Counter[str]:
    """sent, received, and the received by where they landed; foreign senders are in it, as in the vendor's figures."""
    counts: Counter[str] = Counter()
    for run, place in found:
        if run.is_sent(place):
            counts["sent"] += 1
            continue
        counts["received"] += 1
        spam, category = rows.verdict(run, place, call.now)
        if spam is not None:
            counts["spam" if spam else "category" if category else "inbox"] += 1
    return counts


def _shares(counts: Counter[str], number: str | None, percent: str) -> dict[str, Json]:
    whole = counts["spam"] + counts["inbox"] + counts["category"]
    shares: dict[str, Json] = {}
    for name in ("spam", "inbox", "category"):
        if number:
            shares[number.format(name)] = counts[name]
        shares[percent.format(name)] = round(100 * counts[name] / whole, 2) if whole else 0
    return shares


def _id(call: Call, test: PlacementTest, run: Run, place: int) -> str:
    return call.workspace.id_of(ids.ROW, run.created(place), test.number, run.number, place)


def _values(call: Call, test: PlacementTest, run: Run, place: int) -> dict[str, Json]:
    row = rows.values(call.workspace, test, run, place, call.now, call.switches.unknown_codes)
    if call.switches.numbers_for_booleans:
        row = {name: int(value) if isinstance(value, bool) else value for name, value in row.items()}
    return row
