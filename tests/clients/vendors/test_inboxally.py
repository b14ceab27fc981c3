"""How InboxAlly's answers are read: from recordings of their bodies, and from any JSON at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from clients.models import Broadcast, MailboxProvider, Seed, Sender
from clients.vendors.errors import UnexpectedAnswer, VendorDown
from clients.vendors.inboxally import InboxAlly
from clients.vendors.inboxally_wire import PROVIDERS, mailbox_provider
from clients.vendors.records import BroadcastRecord, PlacementRecord, SeedRecord, SenderRecord

RECORDINGS = Path(__file__).parents[2] / "recordings" / "inboxally"


class Recorded:
    """In place of the door: one body for all that is asked."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked: list[tuple[str, dict[str, Any] | None]] = []

    def get(self, path: str, params: dict[str, Any] | None = None, *, decode: Callable[[bytes], Any]) -> Any:
        self.asked.append((path, params))
        return decode(self.body)


def saying(body: object) -> InboxAlly:
    return InboxAlly(Recorded(body if isinstance(body, bytes) else json.dumps(body).encode()))


def recorded(name: str) -> InboxAlly:
    return saying((RECORDINGS / f"{name}.json").read_bytes())


FIRST = BroadcastRecord(
    "brd_20260913_1a", "The first step to improved email", "support@acme.com", "acme.com", "snd_8f2c",
    date(2026, 9, 13), received=29, primary=24, promotions=2, spam=3,
)  # fmt: skip


def test_broadcasts_as_documented() -> None:
    page = recorded("broadcasts").broadcasts(None)

    empty = BroadcastRecord("brd_20260912_07", "", "News@Mail.Acme.com", "mail.acme.com", "", date(2026, 9, 12), 0, 0, 0, 0)
    assert page.records == (FIRST, empty)
    assert (page.cursor, page.set_aside, page.notes) == ("eyJkIjoiMjAyNi0wOS0xMyJ9", (), ())


def test_broadcasts_by_other_names_are_read_alike() -> None:
    page = recorded("broadcasts_other_names").broadcasts(None)

    assert page.records[0] == FIRST
    assert (page.records[1].external_id, page.records[1].domain) == ("20260912", "mail.acme.com")
    assert page.records[1].day == date(2026, 9, 12)
    assert (page.cursor, page.set_aside) == ("eyJkIjoiMjAyNi0wOS0xMyJ9", ())


def test_a_bare_list_is_one_page() -> None:
    page = recorded("broadcasts_bare").broadcasts(None)

    assert (len(page.records), page.cursor) == (1, None)


def test_of_a_spoilt_page_the_good_rows_arrive_and_each_other_names_its_field() -> None:
    page = recorded("broadcasts_spoilt").broadcasts(None)

    assert [(record.external_id, record.received) for record in page.records] == [("good", 4), ("then", 0)]
    assert page.records[0].subject == "Hello again"
    assert page.notes == ("Broadcasts whose total is not the sum of their parts: 1, good for one.",)
    assert page.set_aside == (
        "broadcast in row 2: 'id' is no text",
        "broadcast in row 3: 'id' is empty",
        "broadcast early: 'date' is a date out of range",
        "broadcast late: 'date' is a date out of range",
        "broadcast never: 'date' is no date",
        "broadcast minus: 'primary_inbox' is no count",
        "broadcast text: 'primary_inbox' is no count",
        "broadcast much: 'primary_inbox' is no count",
        "broadcast in row 11: 'id' holds characters that no database takes",
        "broadcast in row 12: it is no object",
        "broadcast in row 13: it is no object",
        "broadcast in row 14: it is no object",
        "broadcast in row 15: it is no object",
    )


def row(**changed: object) -> dict[str, object]:
    good = {
        "id": "b1", "subject": "Hi", "from_email": "a@b.example", "sender_id": None, "date": "2026-09-13",
        "total_emails": 6, "primary_inbox": 1, "promotions": 2, "spam": 3,
    }  # fmt: skip
    return {**good, **changed}


def test_a_date_out_of_range_is_set_aside_on_the_quick_way_too() -> None:
    page = saying({"broadcasts": [row(), row(id="b2", date="0001-01-01")]}).broadcasts(None)

    assert [record.external_id for record in page.records] == ["b1"]
    assert page.set_aside == ("broadcast b2: 'date' is a date out of range",)


def test_a_total_that_is_not_the_sum_is_noted_and_the_parts_are_kept() -> None:
    page = saying({"broadcasts": [row(total_emails=7)]}).broadcasts(None)

    assert page.records[0].received == 6
    assert "b1" in page.notes[0]


def test_ten_rows_of_which_none_can_be_read_are_our_fault() -> None:
    rows = [row(id=str(number), primary_inbox="many") for number in range(10)]

    with pytest.raises(UnexpectedAnswer) as caught:
        saying({"broadcasts": rows}).broadcasts(None)
    assert caught.value.field == "primary_inbox"
    assert len(saying({"broadcasts": rows[:9]}).broadcasts(None).set_aside) == 9


@pytest.mark.parametrize("token", [None, "", "missing"])
def test_no_token_is_the_last_page(token: str | None) -> None:
    body: dict[str, object] = {"broadcasts": [row()], "next_page_token": token}
    if token == "missing":
        del body["next_page_token"]

    assert saying(body).broadcasts(None).cursor is None
    assert saying({**body, "broadcasts": [row(subject=None)]}).broadcasts(None).cursor is None


@pytest.mark.parametrize("token", [True, 1.5, [], {"a": 1}])
def test_a_token_that_is_no_text_stops_the_pass(token: object) -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        saying({"broadcasts": [], "next_page_token": token}).broadcasts(None)
    assert caught.value.field == "next_page_token"


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"{", b'{"broadcasts": [', b"<!doctype html>", b"\xff\xfe", b"[" * 100_000, b"nope"]
)
def test_what_is_no_json_is_a_fault(body: bytes) -> None:
    with pytest.raises(VendorDown):
        saying(body).broadcasts(None)


@pytest.mark.parametrize("body", [{}, {"broadcasts": None}, {"broadcasts": {"id": 1}}, {"detail": "x"}, 5, "text", None, True])
def test_json_of_another_shape_is_named(body: object) -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        saying(body).broadcasts(None)
    assert caught.value.field == "broadcasts"


def test_a_byte_that_is_no_utf8_costs_no_row() -> None:
    body = json.dumps({"broadcasts": [row(subject="QQ")]}).encode().replace(b"QQ", b"caf\xe9")

    assert saying(body).broadcasts(None).records[0].subject == "caf\ufffd"


def test_a_number_of_a_thousand_digits_costs_one_row() -> None:
    body = json.dumps({"broadcasts": [row(), row(id="b2", spam=77)]}).encode().replace(b"77", b"9" * 9000)

    page = saying(body).broadcasts(None)

    assert (len(page.records), len(page.set_aside)) == (1, 1)


def test_a_detail_gives_the_split_with_the_unknown_folded_into_other() -> None:
    vendor = recorded("broadcast")

    assert vendor.detail("brd/20260913 1a") == (
        PlacementRecord("brd/20260913 1a", "gmail", 20, 16, 2, 2),
        PlacementRecord("brd/20260913 1a", "microsoft_365", 9, 8, 0, 1),
        PlacementRecord("brd/20260913 1a", "other", 7, 6, 0, 1),
    )
    assert vendor.http.asked == [("/v3/broadcasts/brd%2F20260913%201a", None)]


@pytest.mark.parametrize("wrapped", [lambda body: body, lambda body: {"broadcast": body}, lambda body: {"data": body}])
def test_a_detail_without_a_split_is_empty(wrapped: Callable[[object], object]) -> None:
    assert saying(wrapped(row())).detail("b1") == ()


@pytest.mark.parametrize("split", [5, {"gmail": 1}, [{"provider": "gmail"}], [None]])
def test_half_a_split_is_no_split(split: object) -> None:
    with pytest.raises(UnexpectedAnswer):
        saying(row(providers=split)).detail("b1")


def test_seeds() -> None:
    page = recorded("seeds").seeds(None)

    assert [(seed.mailbox_provider, seed.provider_raw, seed.status) for seed in page.records] == [
        ("gmail", "gmail", "active"),
        ("microsoft_365", "Microsoft 365", "inactive"),
        ("google_workspace", "GSuite", "active"),
        ("other", "iCloud", "active"),
    ]
    assert page.records[0].created_at == page.records[1].created_at.replace(minute=15) == datetime(2026, 10, 2, 8, 15, tzinfo=UTC)
    assert [seed.created_at for seed in page.records[2:]] == [None, None]
    assert page.cursor is None


def test_senders() -> None:
    acme, promo, odd = recorded("senders").senders(None, "active").records

    assert (acme.external_id, acme.name, acme.domain, acme.tags) == (
        "snd_8f2c", "Acme newsletter", "mail.acme.com", ("acme", "newsletter", "vip"),
    )  # fmt: skip
    assert (acme.preset, acme.open, acme.scroll_down, acme.spam_to_inbox, acme.promo_to_inbox) == ("default", 60, 30, 80, 80)
    assert (acme.mark_important, acme.reply, acme.click_link, acme.seed_count) == (20, 20, 20, 100)
    assert acme.last_activity_at == datetime(2026, 11, 19, 14, 3, tzinfo=UTC)
    assert acme.raw["updated_at"] == "2026-11-01T12:00:00Z"

    assert (promo.external_id, promo.email, promo.domain, promo.preset, promo.open) == (
        "42", "Promo@Acme.COM", "acme.com", "repair", None,
    )  # fmt: skip

    assert (odd.preset, odd.open, odd.scroll_down, odd.spam_to_inbox, odd.promo_to_inbox) == ("custom", None, 40, 90, None)
    assert (odd.mark_important, odd.reply, odd.click_link, odd.seed_count, odd.tags) == (25, None, 20, None, ())
    assert (odd.raw["note"], odd.raw["huge"]) == ("ab", None)


def test_no_text_is_longer_than_its_column() -> None:
    long = "İ" * 5000
    odd = dict.fromkeys(("email", "domain", "status", "name"), long) | {"tags": [long], "engagement_rules": {"preset": long}}
    [sender] = saying({"senders": [{**odd, "id": "s"}]}).senders(None).records
    [seed] = saying({"seeds": [{**odd, "email": "a@b.example", "provider": long}]}).seeds(None).records
    [broadcast] = saying({"broadcasts": [row(subject=long, from_email="a@" + long, sender_id=long)]}).broadcasts(None).records

    for record in (sender, seed, broadcast):
        model = {SenderRecord: Sender, SeedRecord: Seed, BroadcastRecord: Broadcast}[type(record)]
        for field in model._meta.fields:
            if isinstance(value := getattr(record, field.name, None), str) and field.max_length:
                assert len(value) <= field.max_length, field.name
    assert max(map(len, sender.tags)) <= 120


def test_what_is_asked_for() -> None:
    vendor = saying({"seeds": [], "senders": [], "broadcasts": []})
    vendor.check()
    vendor.seeds(None)
    vendor.senders("c1", "inactive")
    vendor.broadcasts("c2")
    vendor.placements("c3", "google_workspace")

    assert vendor.http.asked == [
        ("/v3/seeds", {"limit": 1}),
        ("/v3/seeds", {"status": "all", "limit": 100}),
        ("/v3/senders", {"status": "inactive", "limit": 100, "page_token": "c1"}),
        ("/v3/broadcasts", {"limit": 100, "page_token": "c2"}),
        ("/v3/broadcasts", {"provider": "gsuite", "limit": 100, "page_token": "c3"}),
    ]


def test_all_mailbox_providers_are_ours() -> None:
    assert {*PROVIDERS.values(), *InboxAlly.split_providers} <= set(MailboxProvider.values)
    assert [mailbox_provider(name) for name in ("G Suite", "MS365", "", "☃")] == [
        "google_workspace",
        "microsoft_365",
        "other",
        "other",
    ]
