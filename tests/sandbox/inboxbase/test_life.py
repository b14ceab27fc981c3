"""What happens on the clock, how it is read, and how it is delivered."""

from __future__ import annotations

import threading

import httpx

from sandbox.server import Sandbox
from tests.sandbox.inboxbase.asking import JAN, Asking
from tests.waiting import wait_until


def test_two_sandboxes_tell_the_same(ask: Asking) -> None:
    with Sandbox(seed=7, today=ask.box.clock.today()) as other, httpx.Client(base_url=other.url) as client:
        assert Asking(other, client).events(since=300) == ask.events(since=300)


def test_northwinds_mail_bounces_more_and_more(ask: Asking) -> None:
    days = ask.truth()["identities"][ask.handle]["days"]
    hard = [day.get("bounced_hard", 0) for _, day in sorted(days.items())]
    assert sum(hard[-15:]) > 2 * sum(hard[:15])
    assert [event["type"] for event in ask.events(types="mailbox.replaced")] == ["mailbox.replaced"]


def test_the_stream_rises_by_one_and_is_read_to_its_end(ask: Asking) -> None:
    read, since = [], 0
    while True:
        page = ask.get("events", since=since, limit=200)
        read += [event["seq"] for event in page["events"]]
        since = page["cursor"]
        if not page["hasMore"]:
            break
    assert read == list(range(1, ask.news() + 1))
    assert ask.get("events", since=since) == {"events": [], "identity": ask.handle, "cursor": since, "hasMore": False}


def test_conversations_that_share_a_second_get_lost_at_a_pages_edge(ask: Asking) -> None:
    """The vendor's cursor is a bare time; a client that asks one millisecond later finds them."""
    ask.box.vendors["inboxbase"].add_account(name="big", conversations=10)
    big = ask.at("big@inboxbase.ai", "big")

    first = big.get("conversations", limit=3)
    plain = big.get("conversations", limit=3, cursor=first["nextCursor"])
    careful = big.get("conversations", limit=3, cursor=first["nextCursor"] + 1)

    ids = [row["id"] for row in big.get("conversations")["conversations"]]
    assert [row["id"] for row in first["conversations"]] == ids[:3]
    assert plain["conversations"][0]["id"] != ids[3]
    assert ids[3] in [row["id"] for row in careful["conversations"]]


def test_conversations_are_narrowed(ask: Asking) -> None:
    ask.send(to="one@sub.there.example")
    assert [row["with"] for row in ask.get("conversations", withDomain="there.example")["conversations"]] == [
        "one@sub.there.example"
    ]
    row = ask.get("conversations", **{"with": "One@sub.there.example"})["conversations"][0]
    ask.change(archive=[row["id"]])
    assert [one["id"] for one in ask.get("conversations", archived="true")["conversations"]] == [row["id"]]
    assert ask.get("conversations", since=row["lastEventAt"] + 1)["conversations"] == []


def test_nobody_answers_and_the_timer_says_so_once(ask: Asking) -> None:
    ask.at(JAN).send(to="one@there.example", noReplyEventAfter="1.5h")
    ask.box.clock.forward(3 * 86_400)
    jan = ask.at(JAN)
    [expired] = [one for one in jan.events(since=jan.news() - 60, types="email.no_reply") if one["data"]["waitedMs"] == 5_400_000]
    shown = jan.get(f"conversations/{expired['convId']}")["conversation"]
    assert (shown["noReplyAt"], shown["lastNoReplyAt"]) == (None, expired["ts"])


def test_who_bounced_for_good_gets_nothing_more(ask: Asking) -> None:
    ask.send(to=["bounce-1@there.example", "soft-1@there.example"])
    ask.box.clock.forward(61)

    bounced = {one["data"]["recipient"]: one["data"]["bounceType"] for one in ask.events(since=ask.news() - 2)}
    assert bounced == {"bounce-1@there.example": "hard", "soft-1@there.example": "soft"}
    rows = ask.send(to=["bounce-1@there.example", "soft-1@there.example"]).json()["messages"]
    assert [row.get("reason") for row in rows] == ["do_not_contact", None]


def test_bounces_as_mail_of_mailer_daemon(ask: Asking) -> None:
    ask.switch(bounces="mail")
    ask.send(to="bounce-1@there.example")
    ask.box.clock.forward(61)

    [event] = ask.events(since=ask.news() - 1)
    assert (event["type"], event["data"]["message"]["from"].partition("@")[0]) == ("email.replied", "mailer-daemon")


def test_a_long_poll_answers_when_something_happens(ask: Asking) -> None:
    since, found = ask.news(), []
    waiting = threading.Thread(target=lambda: found.append(ask.get("events", since=since, timeoutMs=20_000)))
    waiting.start()
    wait_until(lambda: any(one.path.endswith("/events") for one in ask.box.requests))
    assert not found
    ask.send(to="one@there.example")
    waiting.join(10)
    assert [event["type"] for event in found[0]["events"]] == ["email.sent"]


def test_figures_of_labels(ask: Asking) -> None:
    ask.at(JAN).send(to="one@there.example", labels=["campaign:new"])
    told = {row["label"]: row for row in ask.at(JAN).get("labels/stats")["labels"]}
    assert told["campaign:new"] == {
        "label": "campaign:new",
        "conversations": 1,
        "sent": 1,
        "replied": 0,
        "bounced": 0,
        "noReply": 0,
    }
    ask.switch(label_stats=False)
    assert ask.ask("GET", "labels/stats").status_code == 404
