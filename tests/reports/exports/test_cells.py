from __future__ import annotations

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reports.exports.cells import FORMULA_STARTS
from reports.exports.standings import harmless
from tests.cast import Cast, connect
from tests.factories import days_ago, mail
from tests.reports.exports.reading import column, exported, whole

#: Where `;` parts the cells, as it does in a German spreadsheet, a formula would stand behind it.
PARTED = {"a;=1+1;": "a;'=1+1;", ";-1": ";'-1", "a;;@b; =c;\t=d;＝e": "a;;'@b; =c;'\t=d;'＝e", "=1;+2;": "'=1;'+2;"}
#: What a sync can have stored: no NUL, no lone surrogates.
STORED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
NASTY = [
    "=1+1", "+49 30 1234", "-5 % today", "@everyone", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x",
    'He said "no", twice', "a,b;c", "line one\nline two\r\nline three", " ", "", "🦊 naïve Ærø",
    "\\.", "\\N", "NULL", "'=1", "%s %d", "1e5",
]  # fmt: skip


@given(st.lists(STORED, min_size=1, max_size=8))
@example([*NASTY, *PARTED])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_as_it_was_or_made_harmless(cast: Cast, texts: list[str]) -> None:
    with transaction.atomic():
        connection = connect(cast.north, key="a" * 12)
        made = [mail(connection, cast.acme, days_ago(1), {"gmail": (1, 0, 0)}, subject=text) for text in texts]
        rows = exported("placement", whole(cast.north))
        transaction.set_rollback(True)
    assert column(rows, "subject") == [harmless(text) for text in reversed(texts)]
    assert column(rows, "broadcast_id") == [one.external_id for one in reversed(made)]


def test_no_cell_of_words_begins_like_a_formula(cast: Cast) -> None:
    cast.acme.slug = "-acme"
    cast.acme.save()
    connection = connect(cast.north, key="a" * 12, label="=HYPERLINK(1)", client=cast.acme)
    for text in (*NASTY, *PARTED):
        mail(connection, cast.acme, days_ago(1), {}, subject=text, from_email=text, domain=text)
    for row in exported("broadcasts", whole(cast.north)):
        words = [row[name] for name in ("client", "connection", "subject", "from_email", "domain", "broadcast_id")]
        assert [cell for word in words for cell in word.split(";") if cell[:1] and cell[0] in FORMULA_STARTS] == []
        assert row["connection"] == "'=HYPERLINK(1)"


def test_numbers_stay_numbers(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (20, 5, 5)})
    (row,) = exported("placement", whole(cast.north))
    assert [row[name] for name in ("received", "primary", "promotions", "spam", "missing")] == ["30", "20", "5", "5", ""]
    assert [row[name] for name in ("inboxing", "low", "high")] == ["0.8333", "0.6644", "0.9266"]


def test_what_is_made_harmless_and_what_is_left_alone() -> None:
    assert [harmless(text)[:1] == "'" for text in NASTY[:11]] == [True] * 11
    assert [harmless(text) for text in NASTY[11:]] == NASTY[11:]
    assert {text: harmless(text) for text in PARTED} == PARTED
