"""Analytics rows: picked by the filters that several routes share, and written out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.answers import Json
from sandbox.instantly import ids
from sandbox.instantly.call import Call, bad, span
from sandbox.instantly.ids import stamp
from sandbox.instantly.placement import UNDECIDED, PlacementTest, Run
from sandbox.instantly.vocabulary import ESPS, GEOS, PERSONAL, PROFESSIONAL, RECEIVED, SENT, Label
from sandbox.instantly.workspace import Workspace

UNKNOWN_ESP = 77


@dataclass(frozen=True, slots=True)
class Filter:
    first: int = 0
    last: int = 1 << 47
    """Unix milliseconds [first, last)."""
    geos: frozenset[int] | None = None
    types: frozenset[int] | None = None
    esps: frozenset[int] | None = None
    sender: str | None = None

    def takes(self, run: Run, place: int, unknown_codes: bool) -> bool:
        if not self.first <= run.created(place) < self.last:
            return False
        pair = run.pair(place)
        label = run.labels[run.seed(pair).label]
        return (
            (self.geos is None or label.geo in self.geos)
            and (self.types is None or label.recipient_type in self.types)
            and (self.esps is None or esp_of(run, label, unknown_codes) in self.esps)
            and (self.sender is None or run.sender(pair).email == self.sender)
        )


def esp_of(run: Run, label: Label, unknown_codes: bool) -> int:
    return UNKNOWN_ESP if unknown_codes and label is run.labels[-1] else label.code


def from_query(call: Call) -> Filter:
    def codes(name: str, allowed: tuple[int, ...]) -> frozenset[int] | None:
        given = call.comma_list(name)
        if given is None:
            return None
        if any(part not in {str(code) for code in allowed} for part in given):
            raise bad(f"querystring/{name} must be equal to one of the allowed values")
        return frozenset(map(int, given))

    first, last = span(dict(call.query), "date_from", "date_to", "querystring")
    return Filter(
        first, last, codes("recipient_geo", GEOS), codes("recipient_type", (PROFESSIONAL, PERSONAL)),
        codes("recipient_esp", ESPS), call.query.get("sender_email"),
    )  # fmt: skip


def from_body(body: dict[str, Json], start: str = "date_from", end: str = "date_to") -> Filter:
    def codes(name: str, allowed: tuple[int, ...]) -> frozenset[int] | None:
        given = body.get(name)
        if given is None:
            return None
        if not isinstance(given, list):
            raise bad(f"body/{name} must be array")
        for place, code in enumerate(given):
            if code not in allowed:
                raise bad(f"body/{name}/{place} must be equal to one of the allowed values")
        return frozenset(given) or None

    sender = body.get("sender_email")
    if sender is not None and not isinstance(sender, str):
        raise bad("body/sender_email must be string")
    first, last = span(body, start, end, "body")
    return Filter(
        first, last, codes("recipient_geo", GEOS), codes("recipient_type", (PROFESSIONAL, PERSONAL)),
        codes("recipient_esp", ESPS), sender,
    )  # fmt: skip


def picked(
    test: PlacementTest, now: int, wanted: Filter, unknown_codes: bool = False, newest_first: bool = False,
    after: tuple[int, int] | None = None,
) -> Iterator[tuple[Run, int]]:  # fmt: skip
    for run, place in test.places(now, newest_first, after):
        if wanted.takes(run, place, unknown_codes):
            yield run, place


def values(workspace: Workspace, test: PlacementTest, run: Run, place: int, now: int, unknown_codes: bool) -> dict[str, Json]:
    """Only received rows have results; a few say nothing yet."""
    created, pair = run.created(place), run.pair(place)
    sender, seed = run.sender(pair), run.seed(pair)
    label = run.labels[seed.label]
    row: dict[str, Json] = {
        "id": workspace.id_of(ids.ROW, created, test.number, run.number, place),
        "timestamp_created": stamp(created),
        "timestamp_created_date": ids.day_of(created),
        "organization_id": workspace.id,
        "test_id": test.id,
        "sender_email": sender.email,
        "sender_esp": sender.esp,
        "recipient_email": seed.email,
        "recipient_esp": esp_of(run, label, unknown_codes),
        "recipient_geo": label.geo,
        "recipient_type": label.recipient_type,
        "record_type": SENT if run.is_sent(place) else RECEIVED,
    }
    spam, category = verdict(run, place, now)
    if not run.is_sent(place):
        auth = run.fate(pair).auth
        dkim = auth and (sender.dkim or place % 3 == 0)
        row |= {
            "is_spam": spam,
            "has_category": category,
            "spf_pass": auth or place % 2 == 0,
            "dkim_pass": dkim,
            "dmarc_pass": dkim,
            "smtp_ip_blacklist_report": _listing(sender.email) if sender.listed else None,
            "authentication_failure_results": None if dkim else _headers(sender.email, seed.email, auth),
        }
    return row


def verdict(run: Run, place: int, now: int) -> tuple[bool | None, bool | None]:
    """(spam, category) of a received row; Nones for a sent row and for one that is not decided yet."""
    if run.is_sent(place):
        return None, None
    fate = run.fate(run.pair(place))
    if fate.slow and now < run.created(place) + UNDECIDED:
        return None, None
    return fate.spam, fate.category


def at(workspace: Workspace, identity: str, now: int) -> tuple[PlacementTest, Run, int] | None:
    """The row of an id, if there is one by now."""
    place = ids.read(identity)
    if place is None or place.kind != ids.ROW or place.space != workspace.number:
        return None
    test = workspace.test_numbered(place.owner)
    if test is None:
        return None
    workspace.work_out(test, now)
    if place.run >= len(test.runs):
        return None
    run = test.runs[place.run]
    there = place.index < run.seen(test.until(now)) and run.created(place.index) == place.ms and run.exists(place.index)
    return (test, run, place.index) if there else None


def ip_of(domain: str) -> str:
    return f"203.0.113.{ids.mixed(sum(domain.encode())) % 250 + 1}"


def _listing(email: str) -> dict[str, Json]:
    domain = email.rpartition("@")[2]
    return {
        "address": domain, "ip": ip_of(domain), "is_domain": False, "is_blacklisted": True, "blacklisted_count": 1,
        "details": [{"blacklist": "dnsbl.example.net", "is_listed": True, "test_type": "ip"}],
    }  # fmt: skip


def _headers(sender: str, seed: str, spf: bool) -> dict[str, str]:
    domain, host = sender.rpartition("@")[2], seed.rpartition("@")[2]
    word = "pass" if spf else "softfail"
    return {
        "authentication_results": f"mx.{host}; dkim=fail (body hash did not verify) header.i=@{domain}; "
        f"spf={word} smtp.mailfrom={sender}; dmarc=fail (p=NONE) header.from={domain}",
        "dkim_signature": f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail; h=from:to; bh=2jUSOH9N=; b=dGVzdA==",
        "received_spf": f"{word} (mx.{host}: domain of {sender} designates {ip_of(domain)} as permitted sender)",
    }
