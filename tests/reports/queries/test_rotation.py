"""What the counts of mail can show of new and old seeds, and what they can't."""

from __future__ import annotations

import pytest

from clients.models import Broadcast, Connection
from reports.queries.rotation import (
    NOT_YET,
    OLD,
    RECEIVE,
    SAME,
    UNSENT,
    UNTOLD,
    Check,
    Seen,
    Stock,
    checks,
    judge,
    stocks,
)
from tests.cast import Cast, connect
from tests.factories import days_ago, mail
from tests.rotating import rotated


@pytest.mark.parametrize(
    ("stock", "seen", "verdict"),
    [
        (Stock(20, 20, 20), Seen(5, 20, 20), SAME),
        (Stock(20, 20, 10), Seen(), UNSENT),
        (Stock(20, 20, 10), Seen(3, 11, 20), RECEIVE),
        (Stock(20, 20, 0), Seen(1, 1, 20), RECEIVE),
        (Stock(0, 20, 0), Seen(1, 4, 0), RECEIVE),
        (Stock(20, 20, 10), Seen(3, 10, 20), NOT_YET),
        (Stock(20, 20, 10), Seen(3, 8, 10), UNTOLD),
        (Stock(20, 20, 10), Seen(3, 21, 20), OLD),
        (Stock(20, 0, 0), Seen(1, 1, 20), OLD),
        (Stock(20, 10, 10), Seen(3, 10, 20), UNTOLD),
        (Stock(20, 0, 0), Seen(0, 0, 20), UNSENT),
    ],
)
def test_more_mails_than_older_seeds_show_new_ones_and_fewer_show_nothing(stock: Stock, seen: Seen, verdict: str) -> None:
    assert judge(stock, seen, bool(seen.broadcasts))[0] == verdict


def test_a_mailbox_provider_that_is_given_up_and_silent_since_is_not_called_clean() -> None:
    verdict, words = judge(Stock(20, 0, 0), Seen(0, 0, 20), True)
    assert (verdict, words) == (UNTOLD, "No seed is new here, and mail to the old ones is no longer counted.")


def checked(connection: Connection, cast: Cast, seeds: dict[str, tuple[int, int, int]]) -> dict[str, Check]:
    shuffle = rotated(connection, seeds)
    found = checks(connection, cast.acme, shuffle, stocks(connection, shuffle))
    return {check.provider: check for check in found}


def test_the_seeds_are_counted_before_now_and_both_times(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    shuffle = rotated(connection, {"gmail": (4, 3, 3), "yahoo": (2, 5, 0), "outlook": (0, 0, 6)})
    assert stocks(connection, shuffle) == {"gmail": Stock(7, 7, 4), "yahoo": Stock(7, 2, 2), "outlook": Stock(0, 6, 0)}


def test_only_this_clients_mail_after_the_day_of_the_shuffle_counts(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    other = connect(cast.north, key="b" * 12, client=cast.acme)
    for day, landed in ((5, (7, 0, 0)), (3, (9, 0, 0)), (2, (2, 1, 1)), (1, (1, 0, 0))):
        mail(connection, cast.acme, days_ago(day), {"gmail": landed}, split_stale=False)
    mail(connection, cast.birch, days_ago(1), {"gmail": (50, 0, 0)}, split_stale=False)
    mail(other, cast.acme, days_ago(1), {"gmail": (60, 0, 0)}, split_stale=False)
    gone = mail(connection, cast.acme, days_ago(1), {"gmail": (70, 0, 0)}, split_stale=False)
    Broadcast.objects.filter(pk=gone.pk).update(gone_at=gone.first_seen)
    check = checked(connection, cast, {"gmail": (4, 3, 3)})["gmail"]
    assert check.seen == Seen(broadcasts=2, most=4, most_before=7)
    assert (check.verdict, check.tone) == (NOT_YET, "look")
    assert check.words == "At most 4 mails of a broadcast, no more than the 4 older seeds can take."


def test_five_mails_to_four_older_seeds_show_a_new_one(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {"gmail": (3, 0, 2), "yahoo": (9, 0, 0)}, split_stale=False)
    found = checked(connection, cast, {"gmail": (4, 3, 3), "yahoo": (4, 3, 3)})
    assert (found["gmail"].verdict, found["gmail"].words) == (
        RECEIVE,
        "One broadcast brought 5 mails, and only 4 of the seeds are older.",
    )
    assert (found["yahoo"].verdict, found["yahoo"].tone) == (OLD, "bad")


def test_mail_whose_split_is_not_read_yet_is_nothing_sent(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(connection, cast.acme, days_ago(1), {}, split_stale=True)
    assert checked(connection, cast, {"gmail": (4, 3, 3)})["gmail"].verdict == UNSENT
