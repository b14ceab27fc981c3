"""The daily activity as a file: the mails of a day by campaign, and the same by sender."""

from __future__ import annotations

import pytest
from django.utils import timezone

from clients.models import Connection
from tests.cast import Cast
from tests.factories import days_ago
from tests.reaching import account, campaign, sender, sender_day, sent
from tests.reports.exports.reading import column, exported, fetched, whole
from tests.reports.reading import as_user


@pytest.fixture
def connection(cast: Cast) -> Connection:
    return account(cast.north, cast.acme)


def test_each_day_stands_by_campaign_and_by_sender_and_what_is_not_said_is_empty(cast: Cast, connection: Connection) -> None:
    one = campaign(connection, name="=Welcome")
    sent(one, 1, 100, opened=40, clicked=0)
    sent(one, 2, 100, opened=None)
    sender_day(sender(connection), 1, 100, delivered=98, bounced=2, bounced_hard=2, bounced_soft=0, replied=5, positive=1)
    first, second, last = exported("activity", whole(cast.north))
    assert (first["counted_by"], first["campaign_id"], first["campaign"], first["sender"]) == (
        "campaign", one.external_id, "'=Welcome", "",
    )  # fmt: skip
    assert (first["day"], first["opened"], first["clicked"], first["bounced_hard"]) == (days_ago(1).isoformat(), "40", "0", "")
    assert (second["counted_by"], second["campaign"], second["sender"], second["domain"]) == (
        "sender", "", "ann@acme.example", "acme.example",
    )  # fmt: skip
    counts = ("sent", "delivered", "opened", "clicked", "bounced_hard", "bounced_soft", "replied", "positive")
    assert [second[name] for name in counts] == ["100", "98", "", "", "2", "0", "5", "1"]
    assert (last["day"], last["opened"], last["client"], last["vendor"]) == (
        days_ago(2).isoformat(), "", "acme", connection.vendor,
    )  # fmt: skip


def test_what_the_vendor_took_back_is_not_there_and_nobody_s_comes_last(cast: Cast, connection: Connection) -> None:
    ann = sender(connection)
    sender_day(ann, 3, 30)
    sender_day(sender(connection, "left@acme.example"), 1, 9, gone_at=timezone.now())
    sender_day(sender(connection, "who@elsewhere.example", client_id=None), 1, 7)
    sent(campaign(connection, client_id=None), 1, 8)
    assert column(exported("activity", whole(cast.north)), "sent") == ["30", "8", "7"]
    assert column(fetched(as_user(cast.cleo), "/export/activity.csv"), "sent") == ["30"]
    assert column(fetched(as_user(cast.ben), "/clients/acme/campaigns/export/activity.csv"), "sent") == ["30"]


def test_a_filter_leaves_the_days_of_its_campaigns_alone(cast: Cast, connection: Connection) -> None:
    sent(campaign(connection, name="Spring"), 1, 5)
    sent(campaign(connection, name="Summer"), 1, 50)
    sender_day(sender(connection), 1, 55)
    files = "/clients/acme/campaigns/export/activity.csv"
    assert column(fetched(as_user(cast.ben), f"{files}?search=SUM"), "sent") == ["50"]
    assert sorted(column(fetched(as_user(cast.ben), files), "sent")) == ["5", "50", "55"]
