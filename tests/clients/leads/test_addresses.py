"""What is quickly seen to be an address is one that Django's validator takes, and nothing that it refuses."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from clients.leads import reading

SIGNS = "aZ9._-+@'é \n"


@given(st.text(SIGNS, max_size=12), st.text(SIGNS + "b", max_size=20))
@example("a", "b.c")
@example("a", "-b.example")
@example("a", "b-.example")
@example("a", "b.example.")
@example("a.", "b.example")
@example("a..b", "b.example")
@example("a", "b.example\n")
@example("a", "b.e_ample")
@example("a", "1.2.3.4")
@example("a", "x" * 64 + ".example")
def test_the_quick_look_agrees(before: str, after: str) -> None:
    email = f"{before}@{after}"
    assert reading._is_address(email) is _is_valid(email)


def _is_valid(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("email", ["ada@fresh.example", "a.b+c_d-e@sub.domain-1.example"])
def test_usual_ones_need_no_more_than_it(email: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "validate_email", lambda email: pytest.fail("asked"))
    assert reading._is_address(email)
