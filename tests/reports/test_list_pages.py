"""What all lists have in common as pages."""

from __future__ import annotations

import re

import pytest

from tests.cast import Cast
from tests.reports.reading import as_user, text
from tests.reports.test_list_budgets import make_rows

LONG = (
    *("/", "/clients/", "/senders/", "/seeds/", "/connections/", "/feeds/", "/unassigned/"),
    *(f"/clients/acme/{tab}" for tab in ("", "broadcasts/", "senders/", "seeds/", "tests/", "campaigns/", "activity/")),
)


@pytest.mark.parametrize("path", LONG)
def test_a_long_page_is_packed_for_who_can_unpack_it(cast: Cast, path: str) -> None:
    browser = as_user(cast.ben)
    assert browser.get(path, headers={"Accept-Encoding": "gzip"})["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in browser.get(path)


@pytest.mark.parametrize("path", ["/clients/acme/reports/", "/settings/team/"])
def test_a_page_that_may_show_a_secret_is_not_packed(cast: Cast, path: str) -> None:
    assert "Content-Encoding" not in as_user(cast.ann).get(path, headers={"Accept-Encoding": "gzip"})


@pytest.mark.parametrize("tab", ["broadcasts", "senders", "seeds", "tests", "campaigns", "activity"])
def test_an_unset_filter_holds_no_form_back(cast: Cast, tab: str) -> None:
    """htmx, like a browser, sends no form with an empty required field; and 'all' is empty."""
    make_rows(cast, 1)
    page = text(as_user(cast.ben).get(f"/clients/acme/{tab}/"))
    (form,) = re.findall(r'<form class="filters".*?</form>', page, re.DOTALL)
    assert " required" not in form
    assert "aria-invalid" not in page


@pytest.mark.parametrize("tab", ["senders", "tests", "campaigns"])
def test_one_row_is_one_and_not_several(cast: Cast, tab: str) -> None:
    make_rows(cast, 1)
    assert f"<span>1 {tab.removesuffix('s')}</span>" in text(as_user(cast.ben).get(f"/clients/acme/{tab}/"))
