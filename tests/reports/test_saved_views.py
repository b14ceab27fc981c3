"""Saved views: kept by a member for themselves, cleaned, opened first, at the cost of one question."""

from __future__ import annotations

from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from agency.models import Membership, Role, User
from clients.models import ClientTag
from reports.models import SavedView
from reports.saved_views import MOST, PAGES, cleaned
from tests.cast import Cast
from tests.reports.reading import as_user, text

MINE = "window=14&tag=vip&sort=change"


def kept(
    user: User, name: str = "Mornings", *, query: str = "tag=vip&window=14", page: str = "overview", first: bool = False
) -> Any:
    member = user.memberships.get()
    return SavedView.objects.create(membership=member, page=page, name=name, query=query, is_default=first)


def save(browser: Any, name: str = "Mornings", query: str = MINE, at: str = "/", **more: str) -> Any:
    return browser.post("/views/", {"name": name, "query": query, "at": at, **more})


def asked(queries: CaptureQueriesContext) -> int:
    return sum("reports_savedview" in query["sql"] for query in queries)


def test_filters_are_saved_under_a_name_and_one_click_away(cast: Cast) -> None:
    ClientTag.objects.create(client=cast.acme, name="vip")
    browser = as_user(cast.ann)
    answer = save(browser, "  Mornings ")
    (view,) = SavedView.objects.all()
    assert (view.name, view.page, view.query) == ("Mornings", "overview", "tag=vip&window=14&sort=change")
    assert answer.url == f"/?{view.query}"
    page = unescape(text(browser.get(answer.url)))
    assert f'href="?{view.query}"' in page
    assert 'aria-current="true"><span class="wrap">Mornings' in page
    assert "Only you see it" in page


def test_a_viewer_saves_views_too(cast: Cast) -> None:
    assert save(as_user(cast.cleo), query="search=a", at="/clients/").url == "/clients/?search=a"
    assert SavedView.objects.get().membership.user == cast.cleo


def test_an_empty_menu_says_what_it_is_for(cast: Cast) -> None:
    assert "one click away. Only you see them." in text(as_user(cast.ann).get("/"))
    assert "No saved view yet" in text(as_user(cast.ann).get("/views/"))


def test_a_name_in_use_replaces_only_after_saying_so(cast: Cast) -> None:
    browser, view = as_user(cast.ann), kept(cast.ann, first=True)
    answer = save(browser)
    assert answer.status_code == 422
    assert "Replace “Mornings”" in answer.content.decode()
    # The button names what it was warned about: no other view goes with it.
    assert save(browser, replace="Evenings").status_code == 422
    view.refresh_from_db()
    assert view.query == "tag=vip&window=14"
    assert save(browser, replace="Mornings").status_code == 302
    view.refresh_from_db()
    assert (view.query, view.is_default) == ("tag=vip&window=14&sort=change", True)


def test_a_view_is_renamed_and_deleted(cast: Cast) -> None:
    browser, view = as_user(cast.ann), kept(cast.ann)
    browser.post(f"/views/{view.uuid}/rename/", {"name": "Evenings"})
    assert "Evenings" in text(browser.get("/views/"))
    kept(cast.ann, "Taken")
    answer = browser.post(f"/views/{view.uuid}/rename/", {"name": "Taken"}, follow=True)
    assert "You have a view “Taken” there already" in text(answer)
    browser.post(f"/views/{view.uuid}/delete/")
    assert [view.name for view in SavedView.objects.all()] == ["Taken"]


@pytest.mark.parametrize("name", ["", "\u200b\u3164", "x" * 61, "\u202eabc", "a\x1bb", "a\nb"])
def test_a_name_that_nobody_could_read_is_refused(cast: Cast, name: str) -> None:
    browser, view = as_user(cast.ann), kept(cast.ann, "As it was")
    assert save(browser, name).status_code == 422
    browser.post(f"/views/{view.uuid}/rename/", {"name": name})
    assert [view.name for view in SavedView.objects.all()] == ["As it was"]


def test_a_name_of_markup_is_only_a_name(cast: Cast) -> None:
    save(as_user(cast.ann), name := '"><script>alert(1)</script>')
    for path in ("/", "/views/"):
        assert "<script>alert(1)" not in (page := text(as_user(cast.ann).get(path)))
        assert name in unescape(page)


@pytest.mark.parametrize(
    ("page", "query", "expected"),
    [
        ("overview", "", "window=7"),
        ("overview", "sort=change&tag=a&window=30&page=4&evil=1&view=all", "tag=a&window=30&sort=change"),
        ("overview", "window=99999&sort='%3B--&tag=%00+b+", "window=7"),
        ("overview", "window=²&search=x&domain=y", "window=7"),
        ("clients", "window=14&status=archived&tag=", "status=archived"),
        ("clients", "search=a%0d%0ab&tag=%1b", ""),
        ("senders", "client=acme&health=nonsense%F0%9F", "client=acme&health=nonsense%EF%BF%BD"),
        ("client-tests", "test=x&kind=automated", "kind=automated&window=30"),
    ],
)
def test_only_the_filters_of_the_page_are_kept(page: str, query: str, expected: str) -> None:
    assert cleaned(page, QueryDict(query)) == expected


@pytest.mark.parametrize("page", PAGES)
def test_what_was_cleaned_stays_as_it_is(page: str) -> None:
    everything = urlencode(dict.fromkeys(PAGES[page].filters, "é&=+ %") | {"window": 14, "sort": "-name"})
    once = cleaned(page, QueryDict(everything))
    assert cleaned(page, QueryDict(once)) == once
    assert once.count("&") == everything.count("&") - (not PAGES[page].window)


def test_without_a_filter_there_is_nothing_to_save(cast: Cast) -> None:
    answer = save(as_user(cast.ann), query="evil=1", at="/clients/")
    assert answer.status_code == 422
    assert "nothing to save" in answer.content.decode()


def test_filters_that_are_too_long_are_refused(cast: Cast) -> None:
    query = urlencode(dict.fromkeys(PAGES["clients"].filters, "é" * 200))
    assert "too long" in save(as_user(cast.ann), query=query, at="/clients/").content.decode()
    assert not SavedView.objects.exists()


def test_there_are_at_most_fifty_on_a_page(cast: Cast) -> None:
    for number in range(MOST):
        kept(cast.ann, f"View {number}")
    browser = as_user(cast.ann)
    assert "50 saved views here" in save(browser, "One more").content.decode()
    assert save(browser, "View 7", replace="View 7").status_code == 302
    assert save(browser, "One more", "tag=a", "/senders/").status_code == 302, "another page"


@pytest.mark.parametrize("at", ["https://evil.example/", "//evil.example", "/settings/team/", "/nowhere/", "", "/\r\nX: y"])
def test_nobody_is_led_elsewhere(cast: Cast, at: str) -> None:
    assert save(as_user(cast.ann), at=at).status_code == 404


@pytest.mark.parametrize("act", ["rename", "default", "delete"])
def test_nobody_touches_the_view_of_another(cast: Cast, act: str) -> None:
    view = kept(cast.mo)
    for user in (cast.ann, cast.zoe, cast.cleo):
        assert as_user(user).post(f"/views/{view.uuid}/{act}/", {"name": "Mine"}).status_code == 404
        assert "Mornings" not in text(as_user(user).get("/views/"))
        assert "Mornings" not in text(as_user(user).get("/"))
    view.refresh_from_db()
    assert (view.name, view.is_default) == ("Mornings", False)


def test_the_same_person_at_another_agency_has_other_views(cast: Cast) -> None:
    view = kept(cast.ann)
    Membership.objects.create(agency=cast.south, user=cast.ann, role=Role.OWNER)
    browser = as_user(cast.ann)
    browser.post("/agency/", {"agency": "south"})
    session = browser.session
    session["agency"] = cast.south.pk
    session.save()
    assert "Mornings" not in text(browser.get("/views/"))
    assert browser.post(f"/views/{view.uuid}/delete/").status_code == 404


def test_whoever_leaves_takes_their_views_along(cast: Cast) -> None:
    kept(cast.mo)
    cast.mo.memberships.get().delete()
    assert not SavedView.objects.exists()


def test_the_database_keeps_names_apart_and_one_default(cast: Cast) -> None:
    kept(cast.ann, first=True)
    for name, first in (("Mornings", False), ("Evenings", True)):
        with pytest.raises(IntegrityError), transaction.atomic():
            kept(cast.ann, name, first=first)
    kept(cast.ann, page="senders", first=True)
    kept(cast.mo, first=True)


def test_a_visit_without_a_query_opens_with_the_default(cast: Cast) -> None:
    browser, view, other = as_user(cast.ann), kept(cast.ann), kept(cast.ann, "Evenings", query="window=30", first=True)
    browser.post(f"/views/{view.uuid}/default/")
    assert list(SavedView.objects.filter(is_default=True)) == [view]
    answer = browser.get("/")
    assert (answer.status_code, answer.url) == (302, f"/?{view.query}")
    assert "no-store" in answer["Cache-Control"]
    # The way to the whole page is in its menu, in its filters and beside its empty state.
    page = text(browser.get(answer.url))
    assert page.count('href="/?view=all"') == 2
    assert 'name="view" value="all" form="page-filters"' in page
    for query in ("view=all", other.query, "tag=", "page=2"):
        assert browser.get(f"/?{query}").status_code == 200
    assert browser.get("/clients/").status_code == 200
    browser.post(f"/views/{view.uuid}/default/", {"wanted": "no"})
    assert browser.get("/").status_code == 200


def test_a_default_of_a_tab_holds_for_each_client(cast: Cast) -> None:
    kept(cast.ann, query="kind=automated&window=30", page="client-tests", first=True)
    for slug in ("acme", "birch"):
        assert as_user(cast.ann).get(f"/clients/{slug}/tests/").url == f"/clients/{slug}/tests/?kind=automated&window=30"


def test_a_view_whose_tag_is_gone_opens_and_says_that_nothing_fits(cast: Cast) -> None:
    kept(cast.ann, first=True)
    assert "No client matches these filters" in text(as_user(cast.ann).get("/", follow=True))


@pytest.mark.parametrize("path", ["/", "/clients/", "/senders/", *(f"/clients/acme/{tab}/" for tab in ("broadcasts", "tests"))])
def test_a_page_asks_once_and_its_parts_never(cast: Cast, path: str) -> None:
    browser = as_user(cast.ann)
    with CaptureQueriesContext(connection) as whole:
        assert "Saved views" in text(browser.get(path))
    assert asked(whole) == 1
    with CaptureQueriesContext(connection) as part:
        # Also without a query: a part is never led to the default.
        assert "Saved views" not in (found := text(browser.get(path, headers={"HX-Request": "true"})))
    assert 'id="saved-views" hx-preserve="true"' in found
    assert asked(part) == 0


def test_the_progress_of_a_sync_never_asks(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as queries:
        as_user(cast.ann).get("/progress/", headers={"HX-Request": "true"})
    assert asked(queries) == 0


def test_views_are_told_in_words(cast: Cast) -> None:
    manager = str(cast.mo.memberships.get().uuid)
    kept(cast.ann, query=f"manager={manager}&window=14&sort=change")
    assert "manager Mo · last 14 days · by change" in text(as_user(cast.ann).get("/views/"))
