"""Inbox as the sandbox plays it: who may ask, how lists go on, and that events tell what the lists say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from sandbox.server import Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(today=date(2026, 11, 20)) as box:
        yield box


@pytest.fixture
def box(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def ask(box: Sandbox, path: str, account: str = "northwind", key: str = "", **query: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key or box.key(account, 'inbox')}"}
    return httpx.get(f"{box.url}/api/v1/{path}", params=query, headers=headers, trust_env=False)


def test_a_key_opens_its_team_and_no_other(box: Sandbox) -> None:
    assert ask(box, "team").json()["slug"] == "northwind"
    for key in ("nobodys", box.key("revoked", "inbox")):
        refused = ask(box, "team", key=key)
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "UNAUTHORIZED"
    box.inbox.switches.errors = "flat"
    assert ask(box, "team", key="nobodys").json()["error"] == "UNAUTHORIZED"


def test_pages_bring_each_thread_once_newest_first(box: Sandbox) -> None:
    threads: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(box, "threads", limit=40, **cursor).json()
        threads += page["threads"]
        if not page["nextCursor"]:
            break
        cursor = {"cursorId": page["nextCursor"]["id"], "cursorTimestamp": page["nextCursor"]["timestamp"]}
    assert len({one["id"] for one in threads}) == len(threads) == box.truth("northwind", "inbox")["inboxes"]["default"]
    times = [one["computedSortTimestamp"] for one in threads]
    assert times == sorted(times, reverse=True)
    assert ask(box, "threads", cursorId="x").status_code == 400
    assert ask(box, "threads", limit=101).status_code == 400
    assert ask(box, "threads", inbox="odd").status_code == 400


def test_events_tell_what_the_lists_say_and_are_kept_for_7_days(box: Sandbox) -> None:
    box.change("northwind", "inbox", live=30)
    events: list[dict[str, Any]] = []
    after: dict[str, int] = {}
    while True:
        page = ask(box, "events", limit=50, **after).json()
        events += page["events"]
        if not page["hasMore"]:
            break
        after = {"afterSeq": page["lastSeq"]}
    assert [one["seq"] for one in events] == sorted({one["seq"] for one in events})
    assert min(one["timestamp"] for one in events) >= "2026-11-13T12:00:00"
    newest = {one["data"]["thread"]["id"]: one["data"]["thread"] for one in events if "thread" in one["data"]}
    for name, told in list(newest.items())[:20]:
        found = ask(box, f"threads/{name}").json()
        assert found["lastMessage"] == told["lastMessage"]
    empty = ask(box, "events", afterSeq=events[-1]["seq"]).json()
    assert empty == {"events": [], "hasMore": False, "lastSeq": None}
    assert ask(box, "events", afterSeq="x").status_code == 400


def test_a_conversation_and_what_belongs_to_it(box: Sandbox) -> None:
    thread = ask(box, "threads", limit=1).json()["threads"][0]
    page = ask(box, f"threads/{thread['id']}/messages").json()
    assert page["messages"][0]["id"] == thread["lastMessage"]["id"]
    person = thread["prospect"]["platformId"]
    assert ask(box, f"prospects/{person}").json()["context"]["threads"][0]["id"] == thread["id"]
    assert ask(box, "prospects/lookup", platformId="1").json() is None
    found = ask(box, "threads/lookup", accountLinkId=thread["accountLinkId"], externalPlatformId=person)
    assert found.json()["id"] == thread["id"]
    assert ask(box, "threads/lookup", accountLinkId="x").status_code == 400
    assert ask(box, "threads/lookup-by-username", username=thread["prospect"]["username"]).json()[0]["id"] == thread["id"]
    assert ask(box, "threads/nothing").json()["error"]["code"] == "THREAD_NOT_FOUND"
    assert len(ask(box, "tags").json()) == 4
    assert ask(box, "tags/nothing").status_code == 404


def test_a_team_that_asks_too_often_is_told_to_wait(box: Sandbox) -> None:
    box.inbox.switches.a_minute = 2
    assert ask(box, "team").headers["X-RateLimit-Remaining"] == "1"
    assert ask(box, "team").status_code == 200
    busy = ask(box, "team")
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "60")
    box.clock.forward(60)
    assert ask(box, "team").status_code == 200


def test_its_life_goes_on_with_the_clock(box: Sandbox) -> None:
    before = ask(box, "threads", limit=1).json()["threads"][0]["computedSortTimestamp"]
    box.clock.forward(3600)
    assert ask(box, "threads", limit=1).json()["threads"][0]["computedSortTimestamp"] > before
    assert len(box.inbox.team("northwind").events) > 0


def test_the_same_seed_tells_the_same(box: Sandbox) -> None:
    first = ask(box, "threads").content
    box.reset()
    assert ask(box, "threads").content == first
