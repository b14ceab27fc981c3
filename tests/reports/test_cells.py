"""Cells that are written in Python, not by a template: what comes from vendors and people is escaped in them all the same."""

from __future__ import annotations

from reports.cells import flag_cell, last_cells
from reports.flags import Flag


def test_what_a_flag_says_is_escaped() -> None:
    cell = flag_cell([Flag("key refused", "bad", 'A"<b>', "/connections/1/?a=1&b=2"), Flag("few mails", title="<i>")])
    assert '<a class="tag bad" href="/connections/1/?a=1&amp;b=2" title="A&quot;&lt;b&gt;">key refused</a>' in cell
    assert '<span class="tag " title="&lt;i&gt;">few mails</span>' in cell


def test_a_row_without_flags_keeps_its_cell() -> None:
    assert flag_cell([]) == "<td></td>"


def test_senders_and_age_stand_last() -> None:
    assert (
        last_cells(1_200, "2 h", is_late=True)
        == '<td class="number" data-head="Senders">1,200</td><td class="nowrap is-look" data-head="Data">2 h</td>'
    )
    assert (
        last_cells(0, "–", is_late=False)
        == '<td class="number" data-head="Senders">–</td><td class="nowrap muted" data-head="Data">–</td>'
    )
