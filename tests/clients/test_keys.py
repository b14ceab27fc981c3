from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from clients.keys import LONGEST, clean_key

KEY = "ia_live-4f2a.9b17"


@pytest.mark.parametrize(
    "pasted",
    [
        KEY, f"  {KEY}\n", f'"{KEY}"', f"“{KEY}”", f"'{KEY}',", f"\ufeff{KEY}\u200b", f"{KEY}\u00a0", f"X-API-KEY: {KEY}",
        f"Bearer {KEY}", f"<{KEY}>", f"\tapi key = '{KEY}'\r\n", f"Authorization: Bearer {KEY}",
    ],
)  # fmt: skip
def test_what_was_copied_along_is_taken_off(pasted: str) -> None:
    assert clean_key(pasted) == KEY


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("", "required"),
        (" \n'\" ", "required"),
        ("abc", "short"),
        ("k" * (LONGEST + 1), "long"),
        ("two words-and-more", "letters"),
        ("line-one\nline-two", "letters"),
        ("kéy-with-accents", "letters"),
        ("ключ-доступа-123", "letters"),
        ("key\x07with-a-bell", "letters"),
    ],
)
def test_rubbish_is_refused_in_words_that_do_not_hold_it(pasted: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_key(pasted)
    assert caught.value.code == code
    assert len(pasted.strip()) < 3 or pasted.strip() not in caught.value.message
