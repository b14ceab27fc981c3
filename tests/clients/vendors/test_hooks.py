"""How deliveries are signed, by the vectors of the vendors' own pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clients.vendors.hooks import RAW, TIMED, Forged, HookScheme, Malformed

INBOX = (
    b'{"id":"ck9v2m5nj0xp4wq7ybftrae8","seq":42,"teamId":"hzcai5t59nn9vsck3rbuepyg","type":"thread.deleted",'
    b'"timestamp":"2025-01-15T10:30:00.000Z","version":"1.0","data":{"threadId":"l44e15irdq4db30i77cgphhx"}}'
)
INBOXBASE = (
    b'{"id":"evt_01HF6YJZ4N0K3W2X9CPM7B8DG2","seq":43,"type":"email.replied","createdAt":"2026-04-27T08:35:29.000Z",'
    b'"data":{"convId":"conv_dd6e7130674645d3","identity":"alice.acme@inboxbase.ai"}}'
)
IMAIL = (
    b'{"id":"evt_01HZ8KQ0000000000000000001","type":"email.bounced.hard","created_at":"2026-05-12T09:30:00Z",'
    b'"workspace_id":"ws_01HZ8K","data":{"campaign_id":"cmp_01HZ8K","inbox_id":"inb_01HZ8K","lead_id":"led_01HZ8K",'
    b'"email":"a@example.com"}}'
)
VECTORS = {
    "inbox": ("ibt_wh_test", 1736937000, INBOX, "fb923b1b5414782d351eab3d5063d7ba48bbb8abdb4888cfd365a891913650a4"),
    "inboxbase": (
        "whsec_test_inboxbase",
        1777278929,
        INBOXBASE,
        "c8be1357a25dcfa1357103d3105da538b068130558ff5f29004a60fd34835d58",
    ),
    "imail": ("whsec_test_imail", 1778578200, IMAIL, "c69fb689279208ff4440354dedd75f676c2ba0b67b4d8a34058c59ab724fbd85"),
}
RAW_IMAIL = "f55080ef4f36e6738e0588352c174378506cc39c1fd3c1833e9dbf0c7ae9f1e4"
SCHEME = HookScheme(("X-Sig", "Sig"), "whsec_", "", at="created_at", styles=(TIMED, RAW))
NOW = datetime(2026, 5, 12, 9, 31, tzinfo=UTC)


@pytest.mark.parametrize(("secret", "at", "body", "signature"), VECTORS.values(), ids=VECTORS)
def test_a_timed_signature_is_taken_for_300_seconds(secret: str, at: int, body: bytes, signature: str) -> None:
    headers, then = {"Sig": f"t={at},v1={'0' * 64},v1={signature}"}, datetime.fromtimestamp(at, UTC)
    assert SCHEME.verify(headers, body, ["another", secret], "", then + timedelta(seconds=300)) == TIMED
    for late in (301, -301):
        with pytest.raises(Forged):
            SCHEME.verify(headers, body, [secret], "", then + timedelta(seconds=late))
    with pytest.raises(Forged):
        SCHEME.verify(headers, body, [], "", then)


@pytest.mark.parametrize("said", [RAW_IMAIL, f"sha256={RAW_IMAIL}"])
def test_the_body_alone_is_taken_unless_the_other_style_was_decided_on(said: str) -> None:
    secrets = ["whsec_test_imail"]
    assert SCHEME.verify({"X-Sig": said}, IMAIL, secrets, "", NOW) == RAW
    for scheme, style in ((SCHEME, TIMED), (replace(SCHEME, styles=(TIMED,)), "")):
        with pytest.raises(Forged):
            scheme.verify({"X-Sig": said}, IMAIL, secrets, style, NOW)


def test_a_timed_body_posted_as_a_raw_one_is_no_event() -> None:
    body = b"1778578200." + IMAIL
    assert SCHEME.verify({"X-Sig": VECTORS["imail"][3]}, body, ["whsec_test_imail"], "", NOW) == RAW
    with pytest.raises(Malformed):
        SCHEME.read(body, NOW)


def test_without_a_signed_time_an_event_may_be_25_hours_old() -> None:
    event = SCHEME.read(IMAIL, NOW)
    assert event.mark == int(datetime(2026, 5, 12, 9, 30, tzinfo=UTC).timestamp() * 1_000_000)
    for hours, old in ((24, False), (26, True), (-26, True)):
        assert SCHEME.too_old(event, RAW, NOW + timedelta(hours=hours)) == old
    assert not SCHEME.too_old(event, TIMED, NOW + timedelta(days=9))


def test_what_numbers_count_in_is_told_apart() -> None:
    scheme = replace(SCHEME, at="createdAt", seq="seq", stream="data.identity")
    event = scheme.read(INBOXBASE, NOW)
    assert (event.seq, event.mark, event.stream) == (43, 43, "alice.acme@inboxbase.ai")


@pytest.mark.parametrize(
    ("said", "seq"), [(43, 43), (43.0, 43), ("43", 43), ("", None), ("4e3", None), (None, None), (True, None)]
)
def test_a_number_in_quotes_is_one(said: Any, seq: int | None) -> None:
    body = {"id": "evt1", "type": "a", "timestamp": "2026-05-12T09:30:00Z", "seq": said}
    assert replace(SCHEME, id="id", type="type", at="timestamp", seq="seq").of(body, "", NOW).seq == seq
