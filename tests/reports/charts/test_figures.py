"""Figures are plain rows → dict functions; plotly itself says whether they are figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.charts import domains as bars
from reports.charts import spark, vendors
from reports.charts.heat import heat
from reports.charts.multiples import by_vendor, multiple
from reports.charts.quiet import Figure, script
from reports.charts.trend import trend
from reports.lines import DAY, Points, points
from reports.queries.marks import Mark
from reports.scope import Window
from reports.stats import Counts, Rate

FIRST = date(2026, 11, 2)
NASTY = "</script><script>alert(1)</script><b>&amp;%{x}"


@st.composite
def days(draw: st.DrawFn) -> dict[date, Counts]:
    some = draw(st.lists(st.integers(0, 29), unique=True, max_size=30))
    counts = st.tuples(*[st.integers(0, 400)] * 3).filter(any)
    return {FIRST + timedelta(days=at): Counts(sum(part), *part) for at in some for part in [draw(counts)]}


def month(counts: dict[date, Counts]) -> Points:
    return points(counts, Window(FIRST, FIRST + timedelta(days=29)))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(item)


def all_figures(counts: dict[date, Counts]) -> list[Figure]:
    marks = [Mark(1, FIRST + DAY, (f"{NASTY} began to send",))]
    rates = {day: of.inboxing for day, of in counts.items()}
    return [
        trend(month(counts)),
        trend(month(counts), marks),
        multiple(month(counts), "spam"),
        by_vendor({"One": month(counts), "Other": month({})}, "spam"),
        vendors.trend({"One": month({}), "Two": month(counts), "Three": month(counts)}),
        heat([FIRST, FIRST + timedelta(days=7)], {"Gmail": rates, "Outlook": {}}),
        heat([FIRST], {}),
        bars.domains([(NASTY, total) for total in counts.values()]),
    ]


@settings(max_examples=60, deadline=None)
@given(days())
def test_plotly_takes_every_figure(counts: dict[date, Counts]) -> None:
    for figure in all_figures(counts):
        go.Figure(data=figure["data"], layout={name: value for name, value in figure["layout"].items() if name != "template"})
        assert figure["layout"]["template"] == "none"


def test_plotly_would_refuse_what_is_no_figure() -> None:
    figure = trend(month({FIRST: Counts(10, 8, 1, 1)}))
    figure["data"][1]["mode"] = "scribbles"
    with pytest.raises(ValueError, match="mode"):
        go.Figure(data=figure["data"])


def test_no_figure_needs_a_policy_with_eval() -> None:
    for figure in all_figures({FIRST: Counts(10, 8, 1, 1)}):
        assert {trace["type"] for trace in figure["data"]} <= {"scatter", "bar", "heatmap"}


def test_text_of_vendors_is_text_in_every_figure() -> None:
    for figure in all_figures({FIRST: Counts(10, 8, 1, 1)}):
        # <br> and <extra> are ours; nothing of theirs may open a tag.
        assert not [text for text in texts(figure["data"]) if "<script" in text or "<b>" in text]


def test_the_page_gets_json_that_cannot_end_its_script() -> None:
    written = script({"a": {"data": [{"x": [NASTY]}], "layout": {}}})
    assert "<" not in written
    assert json.loads(written)["a"]["data"][0]["x"] == [NASTY]


@settings(max_examples=60, deadline=None)
@given(days())
def test_a_day_without_mail_is_a_gap_in_every_line_and_has_no_bar(counts: dict[date, Counts]) -> None:
    figure = trend(month(counts))
    band, *lines, volume = figure["data"]
    for line in lines:
        drawn = {date.fromisoformat(day) for day, value in zip(line["x"], line["y"], strict=True) if value is not None}
        assert drawn == set(counts)
        assert line["connectgaps"] is False
    assert {date.fromisoformat(day) for day in volume["x"]} == set(counts)
    assert volume["y"] == [counts[day].received for day in sorted(counts)]
    assert {day for day in band["x"] if day} <= {day.isoformat() for day in counts}


@settings(max_examples=60, deadline=None)
@given(days())
def test_a_day_alone_gets_a_dot_and_no_other_does(counts: dict[date, Counts]) -> None:
    line = trend(month(counts))["data"][1]
    dotted = {date.fromisoformat(day) for day, size in zip(line["x"], line["marker"]["size"], strict=True) if size}
    assert dotted == {day for day in counts if day - DAY not in counts and day + DAY not in counts}


def test_a_dot_of_few_mails_is_grey_and_whole_and_covers_none_of_its_neighbours() -> None:
    few, enough = FIRST, FIRST + 4 * DAY
    lines = trend(month({few: Counts(2, 2), enough: Counts(40, 40)}))["data"][1:5]
    for line in lines:
        at = {day: line["x"].index(day.isoformat()) for day in (few, enough)}
        assert line["marker"]["color"][at[few]] == "var(--missing)"
        assert line["marker"]["color"][at[enough]] == line["line"]["color"]
        assert line["cliponaxis"] is False
    inboxing, primary = (max(line["marker"]["size"]) for line in lines[:2])
    assert inboxing > primary + 2, "where both are equal, the one beneath shows as a rim"


def test_the_bar_of_a_domain_with_few_mails_is_pale_and_says_so() -> None:
    figure = bars.domains([("big.example", Counts(200, 180, 10, 10)), ("small.example", Counts(16, 16))])
    for bar in figure["data"]:
        assert bar["marker"]["opacity"] == [1, 0.35]
    assert figure["layout"]["yaxis"]["ticktext"] == ["big.example", "small.example<br>few mails"]


def test_the_bars_of_mails_have_a_name_and_two_ticks() -> None:
    layout = trend(month({FIRST: Counts(10, 8, 1, 1), FIRST + DAY: Counts(1200, 1200)}))["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["mails in front of seeds"]
    assert (layout["yaxis2"]["tickvals"], layout["yaxis2"]["ticktext"]) == ([0, 1200], ["0", "1,200"])
    assert trend(month({}))["layout"]["yaxis2"]["tickvals"] == [0]


def test_volume_stands_beneath_on_the_same_days() -> None:
    figure = trend(month({FIRST: Counts(10, 8, 1, 1), FIRST + DAY: Counts(20, 8, 1, 11)}))
    inboxing, volume = figure["data"][1], figure["data"][-1]
    assert (inboxing["x"][:2], inboxing["y"][:3]) == (["2026-11-02", "2026-11-03"], [90.0, 45.0, None])
    assert (volume["x"], volume["y"], volume["yaxis"]) == (["2026-11-02", "2026-11-03"], [10, 20], "y2")
    assert figure["layout"]["yaxis2"]["domain"][1] < figure["layout"]["yaxis"]["domain"][0]


def test_the_band_is_the_interval() -> None:
    counts = {FIRST: Counts(100, 90), FIRST + DAY: Counts(100, 50)}
    band = trend(month(counts))["data"][0]
    (low, high), (low_next, high_next) = (counts[day].inboxing.interval or (0, 0) for day in sorted(counts))
    assert band["y"][:4] == [round(end * 100, 2) for end in (high, high_next, low_next, low)]


def test_heat_has_a_colour_for_each_band_and_none_for_no_mail() -> None:
    weeks = [FIRST + timedelta(days=7 * at) for at in range(5)]
    row = dict(zip(weeks, [Rate(60, 100), Rate(75, 100), Rate(95, 100), Rate(3, 4)], strict=False))
    cells = heat(weeks, {"Gmail": row})["data"][0]
    assert cells["z"] == [[0, 1, 2, 3, None]]
    assert cells["text"] == [["60", "75", "95", "75", ""]]
    steps = [name for _, name in cells["colorscale"]]
    assert steps == [f"var(--{name})" for name in ("bad", "bad", "look", "look", "good", "good", "sunken", "sunken")]


def test_beyond_a_season_a_point_is_a_week_that_ends_with_the_window() -> None:
    window = Window(date(2025, 11, 22), date(2026, 11, 21))
    counts = {window.last - timedelta(days=at): Counts(10, 9, 0, 1) for at in range(730)}
    found = points(counts, window)
    assert found.by_week
    oldest, *others = (found.counts[week] for week in sorted(found.counts))
    assert set(others) == {Counts(70, 63, 0, 7)}
    assert oldest == Counts(10, 9, 0, 1), "the one day of the window that it has; the days before it are not counted"
    assert sum(found.counts.values(), Counts()).received == 3650
    assert max(found.counts) == window.last - timedelta(days=6)
    assert found.lines()[0].name == "15 Nov – 21 Nov"


def test_a_spark_breaks_where_there_is_no_mail() -> None:
    whole, none = Rate(10, 10), Rate(0, 10)
    found = spark.drawn({FIRST: whole, FIRST + DAY: none, FIRST + 3 * DAY: whole}, FIRST, FIRST + 4 * DAY)
    assert found == ("M0.0 1.0h0L21.0 21.0M63.0 1.0h0", "from 0 to 100 % a day")
    assert spark.drawn({}, FIRST, FIRST + 4 * DAY) == spark.NONE
    assert spark.drawn({FIRST - DAY: whole}, FIRST, FIRST) == spark.NONE


def test_a_fall_of_three_points_is_seen_and_a_level_trend_lies_in_the_middle() -> None:
    high, low = Rate(95, 100), Rate(92, 100)
    assert spark.drawn({FIRST: high, FIRST + DAY: low}, FIRST, FIRST + DAY).path == "M0.0 9.0h0L84.0 13.0"
    assert spark.drawn({FIRST: high, FIRST + DAY: high}, FIRST, FIRST + DAY).path == "M0.0 11.0h0L84.0 11.0"


@pytest.mark.parametrize(("first", "year"), [(date(2026, 12, 1), False), (date(2026, 12, 15), True)])
def test_an_axis_over_two_years_says_which(first: date, year: bool) -> None:
    drawn = trend(points({}, Window(first, first + timedelta(days=29))))["layout"]["xaxis"]
    assert [("%Y" in drawn[name]) for name in ("tickformat", "hoverformat")] == [year, year]
