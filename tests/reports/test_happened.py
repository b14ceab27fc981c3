"""What happened, on the Placement tab: the story of a drop, and the marks on the chart and in its table."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, time
from typing import Any

from clients.models import Connection, Shuffle
from reports.ages import day_span
from tests.cast import Cast
from tests.factories import days_ago, mail, roll_up
from tests.reports.placement_tab import account, charts, fill, placement
from tests.reports.reading import as_user


def test_what_changed_before_the_drop_is_told_with_its_domain(cast: Cast) -> None:
    fill(cast)
    page = placement(cast)
    assert "What changed before the drop" in page
    story = re.search(r'<p class="prose story">(.*?)</p>', page, re.DOTALL)
    assert story
    until = day_span(days_ago(59), days_ago(11))
    assert f"<strong>Outlook</strong> fell from 90 % ({until}) to 50 %" in story[1]
    assert "<strong>mail.acme.example</strong> began to send on" in story[1]
    assert "carries 50 % of Outlook&#x27;s mail since then" in story[1]


def test_the_figure_before_the_drop_is_the_sum_of_the_csv_over_the_days_it_names(cast: Cast) -> None:
    connection = account(cast)
    for ago in range(20):
        mail(connection, cast.acme, days_ago(ago), {"outlook": (18 - ago % 7, 1, 1) if ago > 4 else (6, 0, 14)})
    roll_up(connection)
    page = placement(cast, "?window=7")
    said = re.search(r"</strong> fell from (\d+) % \(([^)]*)\) to", page)
    assert said
    assert said[2] == day_span(days_ago(13), days_ago(5))
    answer: Any = as_user(cast.ben).get("/clients/acme/export/placement.csv?window=14")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    named = [row for row in rows if days_ago(13).isoformat() <= row["day"] <= days_ago(5).isoformat()]
    hits = sum(int(row["primary"]) + int(row["promotions"]) for row in named)
    assert f"{hits / sum(int(row['received']) for row in named) * 100:.0f}" == said[1]


def test_what_happened_on_one_day_is_one_mark_with_all_of_it_in_the_charts_table(cast: Cast) -> None:
    fill(cast)
    connection = Connection.objects.filter(scopes__client=cast.acme)[0]
    (mark,) = charts(placement(cast))["trend"]["data"][-1]["x"]
    then = datetime.combine(date.fromisoformat(mark), time(12), UTC)
    Shuffle.objects.create(connection=connection, state="done", method="in_place", percentage=50, happened_at=then)
    page = placement(cast)
    table = page.partition('aria-label="What happened"')[2].partition("</table>")[0]
    assert [word in table for word in ("began to send", "50 % of all seeds")] == [True, True]
    assert table.count("<td>1</td>") == 2
    numbers, dots = charts(page)["trend"]["data"][-2:]
    assert (numbers["text"], dots["x"]) == (["\u2003×2"], [mark])
    assert dots["customdata"][0].count("<br>") == 1


def test_a_new_domain_is_a_mark_on_the_chart_and_beneath_it(cast: Cast) -> None:
    fill(cast)
    page = placement(cast)
    assert "mail.acme.example began to send, after no mail in" in page
    assert charts(page)["trend"]["data"][-1]["text"] == ["1"]
    assert len(charts(page)["trend"]["layout"]["shapes"]) == 1


def test_without_a_drop_there_is_no_story(cast: Cast) -> None:
    connection = account(cast)
    for ago in range(60):
        mail(connection, cast.acme, days_ago(ago), {"gmail": (15, 3, 2)})
    roll_up(connection)
    assert "What changed before the drop" not in placement(cast)
