"""How Instantly's answers are read: from recordings of their bodies, and from any JSON at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.models import MailboxProvider, TestMail, TestRecord
from clients.vendors.errors import AccessDenied, UnexpectedAnswer
from clients.vendors.http import Http
from clients.vendors.instantly import Instantly
from clients.vendors.instantly_tests_wire import PROVIDERS, mailbox_provider
from clients.vendors.records import MailRecord, ReportRecord, Warmup, WorkspaceRecord
from tests.clients.vendors.answering import answering, http
from tests.clients.vendors.recorded import Recorded, as_bytes, reads, recording


def saying(body: object) -> Instantly:
    return Instantly(Recorded(as_bytes(body)))


def recorded(name: str) -> Instantly:
    return saying(recording("instantly", name))


def asked(vendor: Instantly) -> list[tuple[str, dict[str, Any], Mapping[str, str]]]:
    return vendor.http.asked  # type: ignore[no-any-return]


def test_mails_of_a_test() -> None:
    vendor = recorded("mails")
    page = vendor.test_mails("t1", None)
    at = datetime(2026, 10, 19, 6, 31, 10, 4000, tzinfo=UTC)
    assert page.records[0] == MailRecord(
        "01a0a1f0-2222-7aaa-8aaa-000000000001", "received", at, "ann@acme-mail.example", "seed1@seed-google.example",
        "google_workspace", "Google Professional", "United States", False, False, True, True, True, None,
    )  # fmt: skip
    second, third, fourth = page.records[1:]
    assert (second.mailbox_provider, second.region) == ("libero", "Italy")
    assert (second.is_spam, second.has_category, second.spf, second.dkim, second.dmarc) == (True, False, False, False, False)
    assert second.headers == {"authentication_results": "mx.seed-italy.example; dkim=fail", "received_spf": "softfail"}
    assert (third.record, third.mailbox_provider, third.provider_raw) == ("sent", "other", "ESP 77 Personal")
    assert (third.region, third.is_spam) == ("region 9", None)
    assert (fourth.record, fourth.mailbox_provider) == ("received", "outlook"), "a verdict makes it a received one"
    assert (page.cursor, page.set_aside) == (None, ())
    assert asked(vendor) == [("/api/v2/inbox-placement-analytics", {"test_id": "t1", "limit": 100}, {})]


def test_a_page_from_a_place_a_day_and_another_workspace() -> None:
    vendor = recorded("mails")
    vendor.acting_for("w1").test_mails("t1", "c1", date(2026, 10, 19))
    vendor.test_mails("t1", None)
    (_, params, headers), (_, _, own) = asked(vendor)
    assert params == {"test_id": "t1", "limit": 100, "starting_after": "c1", "date_from": "2026-10-19"}
    assert (headers, own) == ({"x-as-workspace": "w1"}, {})


def test_tests_keep_what_is_theirs_and_not_the_mails_text() -> None:
    full, bare = recorded("tests").tests(None).records
    assert (full.kind, full.status, full.seeds, full.not_sending) == ("once", "completed", 2, "")
    assert full.senders == ("ann@acme-mail.example", "bob@acme-mail.example")
    assert full.raw["recipients_labels"][0]["esp"] == "Google"
    assert "hi" not in json.dumps(full.raw)
    assert (bare.kind, bare.status, bare.senders, bare.seeds, bare.next_run_at) == ("once", "7", (), 0, None)


def test_reports_name_lists_and_rules() -> None:
    page = recorded("reports").test_reports("t1", None)
    first, bare = page.records
    assert first == ReportRecord(
        "01a0a1f0-3333-7aaa-8aaa-000000000001",
        datetime(2026, 10, 19, 6, 33, tzinfo=UTC),
        "acme-mail.example",
        "203.0.113.9",
        1,
        0,
        1.2,
        {
            "rules": [
                {"name": "HTML_MESSAGE", "description": "BODY", "score": 0.0},
                {"name": "ODD", "description": "", "score": None},
            ],
            "lists": [{"blacklist": "dnsbl.example.net", "listed": True, "kind": "ip"}],
            "is_spam": False,
        },
    )
    assert (bare.at, bare.domain_blacklists, bare.spam_score) == (None, None, 0.0)
    assert page.cursor is None, "an empty cursor is none"


def test_accounts_are_senders_by_their_address() -> None:
    page = recorded("accounts").senders(None)
    ann, lou, new = page.records
    assert (ann.external_id, ann.name, ann.domain, ann.status) == (
        "ann@acme-mail.example",
        "Ann A",
        "acme-mail.example",
        "active",
    )
    assert ann.tags == ("Client B",)
    assert (ann.raw["daily_limit"], ann.raw["warmup_status"], ann.raw["warmup_score"]) == (30, "active", 98)
    assert "private" not in json.dumps(ann.raw)
    assert (lou.status, lou.raw["warmup_status"], lou.raw["warmup_score"]) == ("sending error", "suspended for good", None)
    assert new.status == "12"
    assert page.cursor == "2026-06-30T21:45:12.714Z&new@acme-mail.example"


def test_workspaces_whose_id_fits_into_a_header_and_who_has_not_joined() -> None:
    page = recorded("members").workspaces(None)
    assert page.records == (
        WorkspaceRecord("01a0a1f0-0000-7aaa-8aaa-0000000000bb", "Client B"),
        WorkspaceRecord("01a0a1f0-0000-7aaa-8aaa-0000000000cc", "Client C", "pending"),
        WorkspaceRecord("01a0a1f0-0000-7aaa-8aaa-0000000000dd", ""),
    )
    assert len(page.set_aside) == 1
    assert "X-Other" not in page.set_aside[0]


def test_an_empty_page_ends_a_list_whatever_its_cursor_says() -> None:
    assert saying({"items": [], "next_starting_after": "more"}).test_mails("t1", None).cursor is None


def test_rows_without_a_time_or_an_id_are_set_aside() -> None:
    good = {"id": "1", "timestamp_created": "2026-10-19T06:31:10.004Z", "is_spam": True}
    rows = [good, {"id": "2"}, {**good, "id": 3.5}, {**good, "id": "4", "timestamp_created": "1700-01-01T00:00:00Z"}]
    page = saying({"items": rows}).test_mails("t1", None)
    assert [record.external_id for record in page.records] == ["1"]
    assert len(page.set_aside) == 3


@pytest.mark.parametrize("unreadable", ["maybe", 7, {}])
def test_a_verdict_that_cannot_be_read_is_none_and_is_named(unreadable: object) -> None:
    good = {"id": "1", "timestamp_created": "2026-10-19T06:31:10.004Z", "record_type": 2, "is_spam": False, "has_category": 1}
    page = saying({"items": [good, {**good, "id": "2", "is_spam": unreadable}]}).test_mails("t1", None)
    assert [(record.record, record.is_spam, record.has_category) for record in page.records] == [
        ("received", False, True),
        ("received", None, True),
    ]
    assert (page.set_aside, page.notes) == ((), ("Row 2: 'is_spam' is neither true nor false: taken as not said.",))


@pytest.mark.parametrize("odd", [{}, {"sender_email": 7}])  # read the quick way, and row by row
def test_times_are_in_utc_whatever_offset_they_came_with(odd: dict[str, object]) -> None:
    row = {"id": "1", "timestamp_created": "2026-11-21T00:30:00+14:00", "is_spam": True, **odd}
    (record,) = saying({"items": [row]}).test_mails("t1", None).records
    assert (record.at.date(), record.at) == (date(2026, 11, 20), datetime(2026, 11, 20, 10, 30, tzinfo=UTC))


def test_a_job_without_an_id_is_not_understood() -> None:
    vendor = Instantly(SimpleNamespace(send=lambda *_, **__: b'{"status": "pending"}'))
    with pytest.raises(UnexpectedAnswer) as caught:
        vendor.edit_several(["ann@acme.example"], Warmup(True))
    assert caught.value.field == "id"


def test_every_provider_is_one_of_ours() -> None:
    assert {mailbox_provider(esp, kind)[0] for esp, kind in PROVIDERS} < set(MailboxProvider.values)
    assert mailbox_provider(None, None) == ("other", "")
    assert mailbox_provider(8, 1) == ("other", "AirMail Professional")


def test_a_key_that_a_refusal_repeats_is_hidden() -> None:
    key = "secret-part-of-a-key-0123456789"
    said = json.dumps({"statusCode": 401, "error": "Unauthorized", "message": f"no such key: {key}"}).encode()
    with answering(http("401 Unauthorized", said, "Content-Type: application/json")) as server:
        door = Http(server.url, Instantly.headers({"api_key": key}), loopback=True, label="Instantly")
        with Instantly(door) as vendor, pytest.raises(AccessDenied, match="refuses the API key") as caught:
            vendor.check()
    assert key not in str(caught.value)
    assert b"User-Agent: Inboxdeck" in server.heads[0]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["id", "timestamp_created", "sender_email", "recipient_esp", "recipient_type", "is_spam", "emails", "recipients", "email",
     "tags", "status", "type", "authentication_failure_results", "spam_assassin_report", "blacklist_report", "sub_workspace_id"]
)  # fmt: skip


@given(st.lists(st.dictionaries(NAMES, ANY, max_size=8), max_size=5) | ANY)
def test_any_json_is_read_or_refused_and_breaks_nothing(rows: Any) -> None:
    body = json.dumps({"items": rows}).encode()
    for read in ("tests", "senders", "workspaces"):
        reads(saying(body), lambda vendor, name=read: getattr(vendor, name)(None))
    for read in ("test_mails", "test_reports"):
        page = reads(saying(body), lambda vendor, name=read: getattr(vendor, name)("t1", None))
        for record in page.records if page and read == "test_mails" else ():
            assert record.record in TestRecord.values
            assert record.mailbox_provider in MailboxProvider.values
            for name in ("sender_email", "recipient_email", "provider_raw", "region", "external_id"):
                assert len(getattr(record, name)) <= getattr(TestMail._meta.get_field(name), "max_length")  # noqa: B009
                assert "\x00" not in getattr(record, name)
