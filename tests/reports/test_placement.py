"""A client's Placement tab in each of its states."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from reports.ages import day_span
from tests.cast import Cast
from tests.factories import SenderFactory, days_ago, mail, roll_up
from tests.reports.placement_tab import account, charts, fill, placement
from tests.reports.reading import as_user, text
from tests.reports.table import facts


def test_the_strip_sums_the_window(cast: Cast) -> None:
    fill(cast)
    # In January the years stand there as well.
    span = " ".join(day_span(days_ago(29), days_ago(0)).split())
    assert facts(placement(cast)) == {
        f"inboxing, 30 days, {span} ▼ 12.4 pp": "77.6 %",
        "primary": f"{(30 * 33 + 11 * 2) / 1420:.1%}".replace("%", " %"),
        "promotions": "6.3 %",
        "spam": "22.4 %",
        "mails received": "1,420",
    }


def test_missing_is_shown_where_a_vendor_knows_it_and_nowhere_else(cast: Cast) -> None:
    connection = account(cast)
    mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 0)}, missing=7)
    mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 0)})
    roll_up(connection)
    assert "mails received 7 missing where the vendor knows" in facts(placement(cast))


def test_every_place_for_a_chart_has_its_figure_and_each_figure_a_place(cast: Cast) -> None:
    fill(cast)
    page = placement(cast)
    places = re.findall(r'data-chart="([^"]*)"', page)
    assert sorted(places) == sorted(charts(page)) == ["at-gmail", "at-outlook", "domains", "heat", "trend"]
    assert page.count("<caption") == 5
    assert page.count("<details") - page.count('<details class="menu"') == 3


def test_the_table_behind_the_trend_has_n_and_interval(cast: Cast) -> None:
    fill(cast)
    page = placement(cast)
    today = days_ago(0)
    row = re.search(rf'<tr><th scope="row" class="nowrap">{today:%a} {today.day} {today:%b}</th>(.*?)</tr>', page)
    assert row
    assert re.findall(r">([^<]+)</td>", row[1]) == ["60", "63.3 %", "50.7–74.4", "58.3 %", "5.0 %", "36.7 %", "–"]


def test_the_table_of_weeks_has_n_and_interval_in_its_cells(cast: Cast) -> None:
    fill(cast)
    _, weeks = placement(cast).split('aria-label="Week by week"')
    assert re.search(r'<span class="sub">\d+<br>\d+\.\d–\d+\.\d %</span>', weeks.split("</table>")[0])


def test_a_mailbox_provider_that_fell_says_so_in_words(cast: Cast) -> None:
    fill(cast)
    page = placement(cast)
    assert "820 mails · ▼ 21.5 pp" in page
    assert "600 mails</div>" in page


def test_filters_narrow_the_headline_and_stay_in_the_links(cast: Cast) -> None:
    connection = fill(cast)
    SenderFactory(connection=connection, client=cast.acme, email="news@mail.acme.example", tagged=["bulk"])
    SenderFactory(connection=connection, client=cast.acme, email="news@acme.example", tagged=["news"])
    assert facts(placement(cast, "?mailbox_provider=gmail"))["mails received"] == "600"
    assert facts(placement(cast, "?domain=mail.acme.example"))["mails received"] == "220"
    assert facts(placement(cast, "?tag=bulk"))["mails received"] == "220"
    assert facts(placement(cast, "?tag=news"))["mails received"] == "1,200"
    assert facts(placement(cast, "?vendor=inboxally&window=7"))["mails received"] == "420"
    page = placement(cast, "?domain=acme.example&window=14")
    assert 'export/placement.csv?window=14&amp;domain=acme.example"' in page
    assert 'href="?window=14&amp;domain=acme.example&amp;mailbox_provider=outlook"' in page
    assert ">Clear filters</a>" in page


def test_a_choice_of_one_is_not_offered(cast: Cast) -> None:
    fill(cast)
    page = placement(cast)
    assert 'name="vendor"' not in page
    assert 'name="domain"' in page
    assert 'name="vendor"' in placement(cast, "?vendor=instantly")


def test_few_mails_are_marked(cast: Cast) -> None:
    connection = account(cast)
    mail(connection, cast.acme, days_ago(1), {"gmail": (1, 0, 9)})
    roll_up(connection)
    page = placement(cast)
    assert any(label.endswith("few mails") and value == "10.0 %" for label, value in facts(page).items())
    assert "10 mails · few mails" in page
    assert "band-bad" not in page
    assert charts(page)["heat"]["data"][0]["z"][0][-1] in (3, None)


def test_a_year_is_shown_week_by_week(cast: Cast) -> None:
    fill(cast)
    page = placement(cast, "?window=365")
    assert "week by week" in page
    assert len(charts(page)["trend"]["data"][1]["x"]) == 53


def test_archived_clients_keep_their_page(cast: Cast) -> None:
    fill(cast, days=3)
    Client.objects.filter(pk=cast.acme.pk).update(archived_at=timezone.now())
    assert '<span class="tag look">archived</span>' in placement(cast)


@pytest.mark.parametrize(
    ("who", "slug", "status"), [("cleo", "acme", 200), ("cleo", "birch", 404), ("zoe", "acme", 404), ("ann", "no", 404)]
)
def test_only_those_who_may_see_the_client_get_its_page(cast: Cast, who: str, slug: str, status: int) -> None:
    assert as_user(getattr(cast, who)).get(f"/clients/{slug}/").status_code == status


def test_htmx_gets_the_tab_alone(cast: Cast) -> None:
    fill(cast, days=3)
    part = text(as_user(cast.ben).get("/clients/acme/", headers={"HX-Request": "true"}))
    assert part.strip().startswith('<div id="tab"')
    assert "plotly" not in part
    assert "trend" in charts(part)


def test_the_frame_leads_to_every_tab_with_the_window(cast: Cast) -> None:
    fill(cast, days=3)
    page = placement(cast, "?window=14&domain=acme.example")
    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert tabs
    names = ["", "broadcasts/", "senders/", "seeds/", "activity/", "connections/", "reports/"]
    assert re.findall(r'href="([^"]*)"', tabs[0]) == [f"/clients/acme/{name}?window=14" for name in names]
    assert 'aria-current="page">Placement' in tabs[0]


def test_text_of_vendors_is_text(cast: Cast) -> None:
    nasty = "<script>alert(1)</script></script><!--"
    connection = fill(cast)
    mail(connection, cast.acme, days_ago(0), {"outlook": (0, 0, 900)}, domain=nasty)
    SenderFactory(connection=connection, client=cast.acme, email="x@x.example", tagged=[nasty, "other"])
    Client.objects.filter(pk=cast.acme.pk).update(name=nasty)
    roll_up(connection)
    page = placement(cast)
    assert "<script>alert" not in page
    assert "<!--" not in page
    assert charts(page)["domains"]["data"][0]["y"][1].startswith("&lt;script&gt;alert(1)&lt;/script&gt;")


@pytest.mark.parametrize(
    "query", ["", "?window=120", "?domain=acme.example", "?tag=news", "?vendor=inboxally&mailbox_provider=outlook"]
)
def test_more_mail_costs_no_more_queries(cast: Cast, query: str, django_assert_max_num_queries: Any) -> None:
    connection = account(cast)
    SenderFactory(connection=connection, client=cast.acme, email="news@acme.example", tagged=["news"])
    mail(connection, cast.acme, days_ago(1), {"outlook": (90, 0, 10)})
    roll_up(connection)
    browser = as_user(cast.ben)
    browser.get("/clients/acme/")
    with django_assert_max_num_queries(12) as little:
        text(browser.get(f"/clients/acme/{query}"))
    for ago in range(60):
        mail(
            connection,
            cast.acme,
            days_ago(ago),
            {"gmail": (15, 3, 2), "outlook": (5 if ago < 10 else 18, 0, 2 if ago > 9 else 15)},
        )
        mail(connection, cast.acme, days_ago(ago), {"yahoo": (15, 3, 2)}, domain=f"d{ago}.example")
    SenderFactory.create_batch(30, connection=connection, client=cast.acme, tagged=["news", "more"])
    roll_up(connection)
    with django_assert_max_num_queries(12) as much:
        text(browser.get(f"/clients/acme/{query}"))
    # The little does not cover the days before, which costs a question.
    assert len(much) <= len(little)
