"""How imail's answers are read: from recordings of their bodies, and over HTTP from its sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from clients.vendors.errors import AccessDenied, Busy, PlanLacks, Rejected, UnexpectedAnswer, VendorDown
from clients.vendors.http import Http
from clients.vendors.imail import Imail
from clients.vendors.records import ActivityRecord, BenchmarkRecord, Warmup
from sandbox.server import Sandbox
from tests.clients.vendors.answering import answering, http

RECORDINGS = Path(__file__).parents[2] / "recordings" / "imail"
MAY = date(2026, 5, 1), date(2026, 5, 31)


class Recorded:
    """In place of the door: a body for each path."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self.bodies = bodies
        self.asked: list[tuple[str, dict[str, Any], Mapping[str, str | None]]] = []

    def get(
        self,
        path: str,
        params: dict[str, Any] | None = None,
        *,
        decode: Callable[[bytes], Any],
        headers: Mapping[str, str | None],
    ) -> Any:
        self.asked.append((path, params or {}, headers))
        return decode(self.bodies[path])


def body(name: str) -> bytes:
    return (RECORDINGS / f"{name}.json").read_bytes()


@pytest.fixture
def vendor() -> Imail:
    names = {"/v1/metrics/public": "metrics"} | {f"/v1/{name}": name for name in ("campaigns", "inboxes", "analytics", "leads")}
    return Imail(Recorded({path: body(name) for path, name in names.items()}))


def asked(vendor: Imail) -> list[tuple[str, dict[str, Any], Mapping[str, str | None]]]:
    found: list[tuple[str, dict[str, Any], Mapping[str, str | None]]] = vendor.http.asked
    return found


def saying(path: str, told: object) -> Imail:
    return Imail(Recorded({path: json.dumps(told).encode()}))


def test_campaigns_name_their_inboxes_by_address(vendor: Imail) -> None:
    page = vendor.campaigns(None)
    first, plain, odd = page.records
    assert (first.external_id, first.name, first.status) == ("cmp_01HZ8KABCDEFGHJKMNPQRSTV", "Q2 outbound — SaaS CTOs", "active")
    assert first.senders == ("maya@acme-mail.example", "theo@acme-mail.example"), "one that has gone has no address"
    assert (first.daily_limit, first.created_at) == (500, datetime(2026, 4, 1, 8, tzinfo=UTC))
    hours = {"name": "", "weekdays": [1, 2], "from": "09:00", "to": "17:00", "timezone": "each lead's own time"}
    assert (first.schedule, plain.schedule) == ({"hours": [hours]}, {})
    assert first.raw == {"tracks_opens": True, "tracks_clicks": False, "steps": 3, "leads": 4980}
    assert (plain.senders, plain.daily_limit, plain.raw) == ((), None, {})
    assert odd.status == "warming up", "a status that we don't know stays in its own words"
    assert (page.cursor, page.set_aside) == ("cur_xyz", ())
    assert asked(vendor)[0] == ("/v1/campaigns", {"limit": 100}, {"Imail-Version": "2026-05-10"})


def test_inboxes_are_senders(vendor: Imail) -> None:
    page = vendor.senders(None)
    maya, theo, new, odd = page.records
    assert (maya.external_id, maya.email, maya.name, maya.domain) == (
        "maya@acme-mail.example", "maya@acme-mail.example", "Maya", "acme-mail.example",
    )  # fmt: skip
    assert [one.status for one in page.records] == ["active", "disconnected", "setup pending", "on hold"]
    assert maya.raw == {
        "id": "inb_1", "provider": "google", "daily_limit": 120, "connected_at": "2026-04-01T08:00:00Z",
        "warmup_status": "active", "warmup_state": "ready", "warmup_inbox_rate_7d": 0.95, "warmup_spam_rate_7d": 0.03,
    }  # fmt: skip
    assert (theo.raw["warmup_status"], theo.raw["last_error"]) == ("paused by its threshold", "IMAP: authentication failed")
    assert "warmup_spam_rate_7d" not in theo.raw, "2.5 is no share"
    assert "never" not in str(theo.raw)
    assert (new.raw["warmup_status"], odd.raw) == ("paused", {"id": "inb_4", "daily_limit": None})


def test_days_of_a_campaign_are_raw_counts(vendor: Imail) -> None:
    page = vendor.campaign_days("cmp_1", *MAY)
    assert page.records[0] == ActivityRecord(
        "", date(2026, 5, 12), sent=412, delivered=401, opened=180, clicked=22, replied=20, positive=6, bounced=11,
        bounced_hard=4, bounced_soft=7, unsubscribed=1,
    )  # fmt: skip
    second = page.records[1]
    assert (second.bounced_hard, second.bounced_soft, second.bounced) == (0, None, None), "what is not said is not 0"
    [why] = page.set_aside
    assert "'date' is missing" in why
    told = {"group_by": "day", "campaign_id": "cmp_1", "from": "2026-05-01", "to": "2026-05-31", "limit": 100}
    assert asked(vendor) == [("/v1/analytics", told, {"Imail-Version": "2026-05-10"})]


def test_days_of_senders_go_by_their_addresses(vendor: Imail) -> None:
    page = vendor.sender_days(["Maya@acme-mail.example"], *MAY)
    assert [(one.ref, one.sent) for one in page.records] == [("maya@acme-mail.example", 412)]
    both = vendor.sender_days(["maya@acme-mail.example", "theo@acme-mail.example"], *MAY)
    assert [one.ref for one in both.records] == ["maya@acme-mail.example", "theo@acme-mail.example"]
    assert [path for path, _, _ in asked(vendor)].count("/v1/inboxes") == 1, "their addresses are asked for once"


def test_of_leads_only_their_status_is_read(vendor: Imail) -> None:
    assert vendor.lead_statuses("cmp_1", None) == (["queued", "replied", ""], "cur_2")


def test_public_metrics_are_asked_without_the_key(vendor: Imail) -> None:
    assert vendor.benchmark() == BenchmarkRecord(
        datetime(2026, 5, 12, 9, 30, tzinfo=UTC), {"delivered": 0.981, "replied": 0.041, "inboxing": 0.93}
    )
    assert asked(vendor) == [("/v1/metrics/public", {}, {"Authorization": None})]
    with answering(http("200 OK", body("metrics"))) as server:
        door = Http(server.url, Imail.headers({"api_key": "imk_live_canary0123456789"}), loopback=True)
        with Imail(door) as over_http:
            over_http.benchmark()
    assert b"canary" not in server.heads[0]
    assert b"uthorization" not in server.heads[0]


@pytest.mark.parametrize("share", [1.2, -0.1, "0.9", True, None])
def test_what_is_no_share_is_left_out(share: object) -> None:
    assert saying("/v1/metrics/public", {"delivery_rate_24h": share}).benchmark() == BenchmarkRecord(None, {})


@pytest.mark.parametrize(
    ("pages", "field"),
    [
        (None, "pagination"),
        ({"next_cursor": None, "has_more": True}, "next_cursor"),
        ({"next_cursor": [], "has_more": True}, "next_cursor"),
    ],
)
def test_a_list_that_does_not_say_how_it_goes_on_is_not_believed(pages: object, field: str) -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        saying("/v1/inboxes", {"data": [], "pagination": pages}).senders(None)
    assert caught.value.field == field


def test_a_cursor_beside_no_more_leads_nowhere() -> None:
    assert (
        saying("/v1/inboxes", {"data": [], "pagination": {"next_cursor": "cur_1", "has_more": False}}).senders(None).cursor
        is None
    )


def test_figures_that_go_in_a_circle_are_named() -> None:
    row = {"date": "2026-05-12", "sent": 1}
    told = {"data": [row], "pagination": {"next_cursor": "cur_1", "has_more": True}}
    with pytest.raises(UnexpectedAnswer, match="leads nowhere"):
        saying("/v1/analytics", told).campaign_days("cmp_1", *MAY)


def test_keys_tell_their_ledger() -> None:
    assert [Imail.ledger({"api_key": key}) for key in ("imk_live_0123456789abcdef", "imk_test_0123456789abcdef", "other")] == [
        "live", "test", "live",
    ]  # fmt: skip


@pytest.fixture
def opened(sandbox: Sandbox) -> Iterator[Callable[[str], Imail]]:
    made: list[Imail] = []

    def opening(account: str) -> Imail:
        made.append(
            Imail(Http(sandbox.url, Imail.headers({"api_key": sandbox.key(account, "imail")}), loopback=True, label="imail"))
        )
        return made[-1]

    yield opening
    for vendor in made:
        vendor.close()


def test_a_tier_without_the_api_is_the_plans_fault_not_the_keys(opened: Callable[[str], Imail], pauses: list[float]) -> None:
    with pytest.raises(PlanLacks, match=r"tier does not include this.*Surge.*; request req_\w+\)"):
        opened("starter").check()


def test_a_refused_key_comes_with_the_requests_number(opened: Callable[[str], Imail], pauses: list[float]) -> None:
    with pytest.raises(AccessDenied, match=r"Invalid API key; request req_\w+\)"):
        opened("revoked").check()


def test_a_refused_field_is_named_with_the_requests_number(sandbox: Sandbox, opened: Callable[[str], Imail]) -> None:
    with pytest.raises(Rejected) as caught:
        opened("northwind").http.send("POST", "/v1/campaigns", {"name": "x" * 121, "inbox_ids": [], "steps": []})
    assert caught.value.fields == {"name": "name must be text of 1 to 120 characters"}
    assert "(name must be text of 1 to 120 characters; request req_" in caught.value.text


def test_a_failure_of_theirs_comes_with_the_requests_number(sandbox: Sandbox, opened: Callable[[str], Imail]) -> None:
    sandbox.faults.add("error", times=None)
    with pytest.raises(VendorDown, match=r"500 \(Something went wrong; request req_\w+;"):
        opened("northwind").check()


def test_an_empty_bucket_is_waited_for(sandbox: Sandbox, opened: Callable[[str], Imail], pauses: list[float]) -> None:
    sandbox.change("northwind", "imail", tokens=0)
    with pytest.raises(Busy):
        opened("northwind").check()
    assert pauses == [1, 1, 1]


def test_figures_of_campaigns_and_inboxes_are_the_vendors(sandbox: Sandbox, opened: Callable[[str], Imail]) -> None:
    vendor, truth = opened("northwind"), sandbox.truth("northwind", "imail")
    span = date(2026, 11, 9), date(2026, 11, 20)
    mine = [row for row in truth["rows"] if row["date"] >= "2026-11-09"]
    emails = {row["email"] for row in truth["rows"]}
    of_senders = vendor.sender_days(sorted(emails), *span).records
    of_campaigns = [day for one in vendor.campaigns(None).records for day in vendor.campaign_days(one.external_id, *span).records]
    for days in (of_senders, of_campaigns):
        assert sum(day.sent or 0 for day in days) == sum(row["sent"] for row in mine) > 0
        assert sum(day.bounced_hard or 0 for day in days) == sum(row["bounced_hard"] for row in mine) > 0


def of(vendor: Imail, name: str) -> str:
    return next(one.external_id for one in vendor.campaigns(None).records if one.name == name)


def verbs(sandbox: Sandbox) -> list[str]:
    return [f"{asked.method} {asked.path.rpartition('/')[2][:6]}" for asked in sandbox.requests if asked.method != "GET"]


def test_campaigns_are_paused_and_resumed(sandbox: Sandbox, opened: Callable[[str], Imail]) -> None:
    vendor = opened("northwind")
    one = of(vendor, "Q4 outbound: retail buyers")
    for status in ("paused", "active"):
        vendor.edit_campaign(one, status)
        assert vendor.campaign_status(one) == status
    assert verbs(sandbox) == ["POST pause", "POST resume"]
    with pytest.raises(Rejected) as refused:
        vendor.edit_campaign(of(vendor, "Summer win-back"), "paused")
    assert refused.value.status == 409
    with pytest.raises(Rejected) as gone:
        vendor.campaign_status("cmp_nobody")
    assert gone.value.status == 404


def test_without_such_routes_the_campaign_itself_is_changed(sandbox: Sandbox, opened: Callable[[str], Imail]) -> None:
    sandbox.imail.switches.start_routes, sandbox.imail.switches.one = False, "data"
    vendor = opened("northwind")
    one = of(vendor, "Q4 outbound: retail buyers")
    vendor.edit_campaign(one, "paused")
    assert vendor.campaign_status(one) == "paused"
    assert verbs(sandbox) == ["POST pause", f"PATCH {one[:6]}"]


def test_an_answer_that_was_lost_is_not_asked_for_again(sandbox: Sandbox, opened: Callable[[str], Imail]) -> None:
    vendor = opened("northwind")
    one = of(vendor, "Q4 outbound: retail buyers")
    sandbox.faults.add("lost", method="POST")
    with pytest.raises(VendorDown):
        vendor.edit_campaign(one, "paused")
    assert verbs(sandbox) == ["POST pause"]
    assert vendor.campaign_status(one) == "paused"


def test_warmup_is_switched(opened: Callable[[str], Imail]) -> None:
    vendor, lena = opened("northwind"), "lena@trynorthwind.example"
    assert vendor.sender(lena).raw["warmup_status"] == "active"
    vendor.edit(lena, Warmup(False))
    assert (vendor.sender(lena).raw["warmup_status"], vendor.sender(lena).raw["warmup_state"]) == ("paused", "warming up")


def test_a_tier_without_the_api_may_change_nothing(sandbox: Sandbox, opened: Callable[[str], Imail]) -> None:
    vendor = opened("northwind")
    one = of(vendor, "Q4 outbound: retail buyers")
    sandbox.change("northwind", "imail", tier="Launch")
    for act in (lambda: vendor.edit_campaign(one, "paused"), lambda: vendor.campaign_status(one)):
        with pytest.raises(PlanLacks):
            act()
