"""What all lists have in common as pages."""

from __future__ import annotations

import re

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory

from clients.models import Sender
from tests.cast import Cast, connect
from tests.factories import days_ago, mail
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


@pytest.mark.parametrize("number", [1, 3])
def test_large_numbers_of_a_list_are_written_in_thousands(number: int) -> None:
    page = Paginator(range(2500), 1000).page(number)
    request = RequestFactory().get("/events/")
    said = render_to_string("parts/pagination.html", {"page": page, "noun": "events"}, request)
    assert {1: "1–1,000 of 2,500 events", 3: "2,001–2,500 of 2,500 events"}[number] in said


def test_the_page_of_one_thing_is_headed_by_it_and_not_by_its_client(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 20, client=cast.acme)
    sender = Sender.objects.create(connection=connection, client=cast.acme, email="ann@acme.example")
    row = mail(connection, cast.acme, days_ago(1), {"gmail": (60, 6, 34)})
    browser = as_user(cast.ann)
    for path, name in ((f"senders/{sender.uuid}", "ann<wbr>@acme<wbr>.example"), (f"broadcasts/{row.uuid}", str(row))):
        page = text(browser.get(f"/clients/acme/{path}/"))
        assert re.findall(r"<h1>(.*?)</h1>", page) == [name]
        assert '<li><a href="/clients/acme/">Acme</a></li>' in page


@pytest.mark.parametrize("path", ["team/", "events/", "audit/"])
def test_breadcrumbs_end_with_the_page_itself(cast: Cast, path: str) -> None:
    page = text(as_user(cast.ann).get(f"/settings/{path}"))
    (heading,) = re.findall(r"<h1>(.*?)</h1>", page)
    assert f'<li aria-current="page">{heading}</li>' in page
