"""What a client reads on its report page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client as Browser

from clients.models import Broadcast, Client, PlacementTest
from reports import sharing
from reports.report import Report, report
from reports.scope import Scope, Window
from tests.cast import Cast, connect
from tests.factories import days_ago, mail, roll_up
from tests.reports.reading import text


def of(cast: Cast, days: int = 30) -> Report:
    return report(replace(Scope.of_client(cast.acme), window=Window.of(days)))


def filled(cast: Cast, now: dict[str, tuple[int, int, int]], before: dict[str, tuple[int, int, int]] | None = None) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    for day in range(30):
        mail(connection, cast.acme, days_ago(day), now)
        if before:
            mail(connection, cast.acme, days_ago(day + 30), before)
    roll_up(connection)


def test_the_headline_sums_counts_and_a_clear_fall_is_said(cast: Cast) -> None:
    filled(cast, {"gmail": (60, 20, 20)}, {"gmail": (70, 20, 10)})
    found = of(cast)
    assert found.headline == "80.0 % of the measured mail reached the inbox."
    assert found.comparison == "That is 10.0 percentage points less than in the 30 days before (90.0 % of 3,000 mails)."
    assert found.tone == "bad"
    assert [fact.value for fact in found.facts] == ["80.0 %", "60.0 %", "20.0 %", "20.0 %", "3,000"]


def test_a_change_within_the_noise_is_no_change(cast: Cast) -> None:
    filled(cast, {"gmail": (8, 0, 2)}, {"gmail": (8, 1, 2)})
    assert of(cast).comparison == "No clear change against the 30 days before (81.8 % of 330 mails)."


def test_few_mails_are_not_judged(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (2, 0, 0)})
    roll_up(connection)
    found = of(cast)
    assert found.headline == "Only 2 mails were measured in these 30 days: too few to judge by."
    assert {fact.band for fact in found.facts[:4]} == {"muted"}
    assert (found.best, found.worst, found.broadcasts) == ([], [], 1)


def test_a_share_of_few_mails_is_marked_grey_and_has_its_interval(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (6, 0, 1)})
    roll_up(connection)
    _, token = sharing.make(cast.acme, "Cleo", None, 30, None)
    page = text(Browser().get(f"/r/{token}/"))
    assert '85.7 %<span class="sub">few mails, 48.7–97.4 %</span>' in page
    assert 'class="number muted" data-head="Spam" title="few mails: 14.3 % of 7 mails' in page


def test_nothing_measured_is_not_nought_percent(cast: Cast) -> None:
    connect(cast.north, key="a-key-long-enough", client=cast.acme)
    found = of(cast)
    assert found.headline == "No mail was measured in these 30 days."
    assert found.facts[0].value == "–"
    assert (found.providers, found.days, found.drawing.bars) == ([], [], [])


def test_a_silence_is_said(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    mail(connection, cast.acme, days_ago(10), {"gmail": (40, 0, 0)})
    roll_up(connection)
    assert of(cast).silence.startswith(f"No mail has been measured since {days_ago(10):%-d %B}")
    mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 0)})
    roll_up(connection)
    assert of(cast).silence == ""


def test_providers_come_from_the_split_with_their_own_change(cast: Cast) -> None:
    filled(cast, {"gmail": (90, 0, 10), "outlook": (50, 0, 50)}, {"gmail": (90, 0, 10), "outlook": (90, 0, 10)})
    gmail, outlook = of(cast).providers
    assert (gmail.name, gmail.n, gmail.inboxing.text, gmail.change.text) == ("Gmail", 3000, "90.0 %", "no clear change")
    assert (outlook.name, outlook.inboxing.text, outlook.change.text) == ("Outlook", "50.0 %", "▼ 40.0 pp")


def test_no_broadcast_is_both_best_and_worst(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    for number in range(7):
        mail(connection, cast.acme, days_ago(number), {"gmail": (20 + number, 0, 10)}, subject=f"letter {number}")
    mail(connection, cast.acme, days_ago(0), {"gmail": (19, 0, 0)}, subject="too few")
    roll_up(connection)
    found = of(cast)
    assert [line.subject for line in found.best] == ["letter 6", "letter 5", "letter 4", "letter 3", "letter 2"]
    assert [line.subject for line in found.worst] == ["letter 0", "letter 1"]


def test_mails_of_placement_tests_do_not_pass_for_mailings(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme, vendor="instantly")
    test = PlacementTest.objects.create(connection=connection, external_id="t1", kind="once", status="active")
    tested = mail(connection, cast.acme, days_ago(1), {"gmail": (40, 0, 0)}, subject="quick question")
    Broadcast.objects.filter(pk=tested.pk).update(test=test)
    roll_up(connection)
    (line,) = of(cast).best
    assert (line.subject, line.of_a_test) == ("quick question", True), "better than nothing, and it says what it is"
    mail(connection, cast.acme, days_ago(2), {"gmail": (30, 0, 10)}, subject="Our spring letter")
    roll_up(connection)
    found = of(cast)
    assert [(line.subject, line.of_a_test) for line in found.best] == [("Our spring letter", False)]
    assert found.worst == []


def test_the_window_is_the_links(cast: Cast) -> None:
    filled(cast, {"gmail": (60, 20, 20)})
    assert of(cast, 7).total.received == 700


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_report_link_counts_the_same_days_as_the_members_page(cast: Cast, zone: str) -> None:
    Client.objects.filter(pk=cast.acme.pk).update(timezone=zone)
    _, token = sharing.make(cast.acme, "Cleo", None, 30, None)
    period = re.search(r'<span class="muted">(\d+ \w+)[^<]* to (\d+ \w+ \d+)</span>', text(Browser().get(f"/r/{token}/")))
    assert period
    assert period.groups() == (f"{days_ago(29):%-d %B}", f"{days_ago(0):%-d %B %Y}")


def test_days_without_mail_are_gaps(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    for day in (20, 19, 5):
        mail(connection, cast.acme, days_ago(day), {"gmail": (10, 0, 0)})
    roll_up(connection)
    inbox = of(cast).drawing.lines[-1]
    assert (inbox.key, inbox.path.count("M"), inbox.path.count("L")) == ("inbox", 2, 1)


def test_who_measured_is_said_and_where_they_do_not_agree(cast: Cast) -> None:
    for vendor, outlook in (("inboxally", (410, 0, 590)), ("instantly", (144, 0, 56))):
        made = connect(cast.north, key=f"a key of {vendor}", client=cast.acme, vendor=vendor)
        mail(made, cast.acme, days_ago(1), {"outlook": outlook, "gmail": (90, 0, 10)})
        roll_up(made)
    found = of(cast)
    assert found.measured_by.startswith("InboxAlly (1,100 mails) and Instantly (300 mails) measured this")
    assert found.disagreements == [
        "At Outlook they do not agree: InboxAlly saw 41 % (38–44) of the mail in the inbox, Instantly 72 % (65–78)."
    ]


def test_of_one_vendor_nobody_asks_who_measured(cast: Cast) -> None:
    filled(cast, {"gmail": (60, 20, 20)})
    found = of(cast)
    assert (found.measured_by, found.disagreements) == ("", [])


def measured_since(cast: Cast, first: int, vendor: str = "inboxally") -> None:
    """Worse by a half in the last ten days."""
    connection = connect(cast.north, key=f"a key of {vendor}", client=cast.acme, vendor=vendor)
    for day in range(first + 1):
        mail(connection, cast.acme, days_ago(day), {"gmail": (40, 0, 60) if day < 10 else (90, 0, 10)})
    roll_up(connection)


def test_days_before_that_are_known_in_part_are_not_compared_with(cast: Cast) -> None:
    measured_since(cast, 15)
    found = of(cast, 10)
    said = f"measuring began on {days_ago(15):%-d %B}, and does not cover the 10 days before."
    assert found.comparison == f"There is nothing to compare it with: {said}"
    assert found.tone == "muted"
    assert [line.change.text for line in found.providers] == ["–"]
    assert "so the window before is not whole" in found.providers[0].change.title


def test_days_before_are_covered_from_their_first_on_or_by_older_mail(cast: Cast) -> None:
    measured_since(cast, 19)
    assert of(cast, 10).comparison.startswith("That is 50.0 percentage points less than in the 10 days before")
    measured_since(cast, 15, "instantly")
    assert of(cast, 10).comparison.startswith("That is 50.0 percentage points less"), "the client's first day counts"


def test_without_mail_on_the_first_day_before_older_mail_tells_that_it_is_covered(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    for day, landed in ((1, (40, 0, 60)), (13, (90, 0, 10)), (40, (1, 0, 0))):
        mail(connection, cast.acme, days_ago(day), {"gmail": landed})
    roll_up(connection)
    assert of(cast, 10).comparison.startswith("That is 50.0 percentage points less")


def test_mail_that_was_never_seen_is_said_with_whose_it_is(cast: Cast) -> None:
    tested = connect(cast.north, key="i" * 20, client=cast.acme, vendor="instantly")
    mail(tested, cast.acme, days_ago(1), {"gmail": (90, 0, 10)}, missing=25)
    roll_up(tested)
    assert (of(cast).facts[-1].value, of(cast).facts[-1].note) == ("25", "of 125 mails sent")
    filled(cast, {"gmail": (60, 20, 20)})
    found = of(cast).facts
    assert found[-2].value == "3,100"
    assert (found[-1].value, found[-1].note) == ("25", "of 125 mails sent for Instantly’s tests")
