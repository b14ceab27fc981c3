"""Whatever JSON stands in a row."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clients.vendors.inboxally import InboxAlly
from tests.clients.vendors.test_inboxally import row, saying

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.text("\x00\ud800é", max_size=3),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=8), each, max_size=4),
    max_leaves=12,
)


NAMES = [
    "id",
    "email",
    "subject",
    "from_email",
    "date",
    "total_emails",
    "primary_inbox",
    "spam",
    "tags",
    "engagement_rules",
    "provider",
]


SPOILT = st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=5).map(
    lambda changed: {**row(email="a@b.example"), **changed}
)


@given(rows=st.lists(SPOILT | ANYTHING, max_size=9))
def test_no_json_in_a_row_breaks_a_page(rows: list[Any]) -> None:
    body = {"broadcasts": rows, "senders": rows, "seeds": rows}
    for page in (saying(body).broadcasts(None), saying(body).senders(None), saying(body).seeds(None)):
        # Rows with one id are folded into one.
        assert len(page.records) + len(page.set_aside) <= len(rows)
        assert bool(page.records) or len(page.set_aside) == len(rows)
        text = repr(page) + json.dumps([getattr(record, "raw", None) for record in page.records], allow_nan=False)
        assert "\\x00" not in text.replace("\\\\x00", "")
        text.encode()


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=60)


COUNT = st.integers(0, 100_000)


GOOD = st.builds(
    row, id=TEXT.filter(bool), subject=TEXT, from_email=TEXT, sender_id=TEXT | st.none(),
    date=st.dates(date(1990, 1, 1), date(2100, 12, 31)).map(str),
    total_emails=COUNT, primary_inbox=COUNT, promotions=COUNT, spam=COUNT,
)  # fmt: skip


@given(rows=st.lists(GOOD, max_size=5), ascii_only=st.booleans())
def test_the_quick_way_and_the_careful_way_read_alike(rows: list[dict[str, Any]], ascii_only: bool) -> None:
    """Else a row would change back and forth with its neighbours."""
    quick = json.dumps({"broadcasts": rows, "next_page_token": "x"}, ensure_ascii=ascii_only).encode()
    careful = json.dumps({"nextPageToken": "x", "items": rows}, ensure_ascii=ascii_only).encode()

    assert InboxAlly._broadcasts(quick).typed is not None
    assert InboxAlly._broadcasts(careful).typed is None
    assert saying(quick).broadcasts(None) == saying(careful).broadcasts(None)
