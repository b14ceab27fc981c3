"""How Instantly's campaigns, tags and daily figures are read: from recordings of their bodies, and from any JSON at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Campaign, CampaignStatus
from clients.vendors.errors import Rejected
from clients.vendors.instantly import Instantly
from clients.vendors.instantly_outreach_wire import STATUSES
from clients.vendors.records import ActivityRecord, TotalsRecord, WarmupRecord
from tests.clients.vendors.recorded import Recorded, as_bytes, reads, recording

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def answering(rest: object = b"[]", **bodies: object) -> Instantly:
    return Instantly(Recorded(as_bytes(rest), **{name: as_bytes(body) for name, body in bodies.items()}))


def recorded(*names: str) -> Instantly:
    paths = {"tags": "custom-tags", "tag_mappings": "custom-tag-mappings", "campaigns": "campaigns"}
    return answering(**{paths[name]: recording("instantly", name) for name in names})


def test_campaigns_carry_the_names_of_their_tags_and_not_the_mails_copy() -> None:
    vendor = recorded("campaigns", "tags", "tag_mappings")
    page = vendor.campaigns(None)
    acme, bare = page.records
    assert (acme.status, acme.not_sending, acme.daily_limit) == ("active", "all its senders are at their limits", 50)
    # An account's mapping is not a campaign's, whatever its type says; a tag that is gone is left out.
    assert (acme.tags, acme.sender_tags, acme.senders) == (("vip",), ("Client B",), ("ann@acme-mail.example",))
    hours = {"weekdays": [1, 7], "name": "Weekdays", "from": "09:00", "to": "17:00", "timezone": "America/Chicago"}
    assert acme.schedule == {"hours": [hours], "first": "2026-10-01"}
    assert (acme.raw["steps"], acme.raw["tracks_opens"], acme.raw["tracks_clicks"]) == (2, True, False)
    assert "secret" not in str(acme)
    assert (bare.status, bare.not_sending, bare.schedule, bare.senders, bare.daily_limit) == ("-7", "12", {}, (), None)
    ids = ",".join(one.external_id for one in page.records)
    asked = [(path.rpartition("/")[2], query) for path, query, _ in vendor.http.asked]
    assert asked[1] == ("custom-tag-mappings", {"resource_ids": ids, "limit": 100})
    assert asked[2][1]["starting_after"] == "2026-06-30T21:22:40.106Z"


def test_every_status_is_one_of_ours() -> None:
    assert set(STATUSES.values()) == set(CampaignStatus.values)


def test_totals_count_each_recipient_once_where_the_vendor_does() -> None:
    page = answering(recording("instantly", "campaign_totals")).campaign_totals()
    counts = {
        "sent": 700, "opened": 9, "clicked": 0, "replied": 11, "replied_auto": 3, "positive": 4, "bounced": 9,
        "unsubscribed": 2, "contacted": 300, "completed": 120,
    }  # fmt: skip
    assert page.records == (TotalsRecord("01a0a1f0-7777-7aaa-8aaa-000000000001", counts),)
    assert len(page.set_aside) == 1


def test_days_of_a_campaign_know_no_bounces() -> None:
    page = answering(recording("instantly", "campaign_days")).campaign_days("c1", FIRST, LAST)
    assert page.records == (
        ActivityRecord("", date(2026, 10, 18), 120, opened=7, clicked=0, replied=4, replied_auto=1, positive=1),
    )
    assert len(page.set_aside) == 2, "a day out of range, and one that does not say what was sent"


def test_days_of_senders_know_no_opens() -> None:
    vendor = answering(recording("instantly", "sender_days"))
    page = vendor.sender_days(["ann@acme-mail.example", "bob@acme-mail.example"], FIRST, LAST)
    assert page.records == (
        ActivityRecord("ann@acme-mail.example", date(2026, 10, 18), 30, replied=2, replied_auto=1, bounced=1),
        ActivityRecord("", date(2026, 10, 18), 2, bounced=0),
    )
    (_, query, _) = vendor.http.asked[0]
    assert query["emails"] == ["ann@acme-mail.example", "bob@acme-mail.example"]
    assert (query["start_date"], query["end_date"]) == ("2026-10-01", "2026-10-31")


def test_one_sender_on_one_day_that_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    spans: list[tuple[int, str, str]] = []

    def too_much(path: str, params: dict[str, Any], **_: Any) -> Any:
        spans.append((len(params["emails"]), params["start_date"], params["end_date"]))
        raise Rejected("too large", 413)

    vendor = answering()
    monkeypatch.setattr(vendor.http, "get", too_much)
    with pytest.raises(Rejected, match="too large"):
        vendor.sender_days(["a@a.example", "b@a.example"], date(2026, 10, 1), date(2026, 10, 2))
    assert spans == [(2, "2026-10-01", "2026-10-02"), (1, "2026-10-01", "2026-10-02"), (1, "2026-10-01", "2026-10-01")]


def test_zero_counters_of_warmup_are_left_out_by_the_vendor() -> None:
    page = answering(recording("instantly", "warmup")).warmup_days(["ann@acme-mail.example"])
    assert page.records == (WarmupRecord("ann@acme-mail.example", date(2026, 10, 18), 10, 10, 10, 0),)
    assert answering({}).warmup_days(["ann@acme-mail.example"]).records == ()


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["id", "campaign_id", "name", "status", "email_list", "email_tag_list", "campaign_schedule", "schedules", "timing", "days",
     "sequences", "steps", "date", "email_account", "sent", "unique_opened", "tag_id", "resource_id", "label", "email_date_data"]
)  # fmt: skip
ROWS = st.lists(st.dictionaries(NAMES, ANY | st.dictionaries(NAMES, ANY, max_size=3), max_size=8), max_size=4) | ANY


@given(ROWS)
def test_any_json_is_read_or_refused_and_breaks_nothing(rows: Any) -> None:
    lists = {"items": rows}
    page = reads(answering(lists, campaigns=lists), lambda vendor: vendor.campaigns(None))
    for record in page.records if page else ():
        for name in ("external_id", "name", "status", "not_sending"):
            assert len(getattr(record, name)) <= getattr(Campaign._meta.get_field(name), "max_length")  # noqa: B009
    for body in (rows, {"email_date_data": rows}):
        reads(answering(body), lambda vendor: vendor.campaign_totals())
        reads(answering(body), lambda vendor: vendor.campaign_days("c1", FIRST, LAST))
        reads(answering(body), lambda vendor: vendor.sender_days(["a@a.example"], FIRST, LAST))
        reads(answering(body), lambda vendor: vendor.warmup_days(["a@a.example"]))
