"""A conversation's page: what was said, as the vendor has it at that moment."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Connection, Conversation, Health
from sandbox.server import Sandbox
from tests.cast import Cast
from tests.clients.doing import HTMX, signed_in, text_of
from tests.clients.talking.shown import at
from tests.clients.talking.told import say, thread

pytestmark = pytest.mark.django_db


def address(row: Conversation, query: str = "") -> str:
    return at("conversation", row) + query


def texts(shown: str) -> list[str]:
    return re.findall(r'<div class="said-text">([^<]*)</div>', shown)


def test_each_message_stands_there_with_who_wrote_it(cast: Cast, talk: Conversation, box: Sandbox) -> None:
    say(box, talk, "<b>Tell me more</b>")
    say(box, talk, "Gladly: it is easy.", ours=True)
    shown = text_of(signed_in(cast.cleo).get(address(talk)))

    assert texts(shown)[:2] == ["Gladly: it is easy.", "&lt;b&gt;Tell me more&lt;/b&gt;"]
    sides = re.findall(r'<li class="(\w+)">', shown)
    assert sides[:2] == ["ours", "theirs"]
    assert "<strong>Ada Berg</strong>" in shown
    assert f"<strong>{talk.prospect}</strong>" in shown


def test_where_it_stands_is_what_the_vendor_says_now(cast: Cast, talk: Conversation, box: Sandbox) -> None:
    person = thread(box, talk).prospect
    person.notes, person.valuation, person.assignee = "Likes <tea>", 1250, None
    box.change("talkers", "inbox", tag={"thread": talk.external_id, "tags": ["Partner"]})
    shown = text_of(signed_in(cast.ben).get(address(talk)))

    for words in ("Likes &lt;tea&gt;", "1,250 USD", "Partner", "nobody"):
        assert words in shown
    talk.refresh_from_db()
    assert talk.prospect
    assert talk.prospect.valuation != 1250, "looking changes nothing"


def test_older_messages_come_a_page_at_a_time_and_each_once(cast: Cast, talk: Conversation, box: Sandbox) -> None:
    for number in range(7):
        say(box, talk, f"word {number}")
        box.clock.forward(1)
    box.inbox.switches.short_pages = 3
    browser, seen, next_page = signed_in(cast.ben), [], address(talk)
    headers: dict[str, str] = {}
    while next_page:
        shown = text_of(browser.get(next_page, headers=headers))
        assert ("<html" in shown) is not bool(headers)
        seen += texts(shown)
        link = re.search(r'href="([^"]*\?older=[^"]*)"', shown)
        next_page, headers = link[1].replace("&amp;", "&") if link else "", HTMX

    told = [one.text.replace("'", "&#x27;") for one in thread(box, talk).messages]
    assert sorted(seen) == sorted(told)
    assert seen[:7] == [f"word {number}" for number in reversed(range(7))]


@pytest.mark.parametrize("trouble", ["gone", "down", "refused", "removed"])
def test_where_the_vendor_cannot_be_asked_the_last_message_is_shown_and_why(
    cast: Cast, talk: Conversation, account: Connection, box: Sandbox, trouble: str
) -> None:
    said = {"gone": "has this conversation no more", "down": "answered 500", "refused": "a new one", "removed": "is removed"}
    if trouble == "gone":
        box.change("talkers", "inbox", delete={"thread": talk.external_id})
    elif trouble == "down":
        box.faults.add("error", times=None)
    elif trouble == "refused":
        Connection.objects.update(health=Health.REFUSED, health_reason="Please put in a new one.")
    else:
        Connection.objects.update(removed_at=account.created_at)
    answer = signed_in(cast.ben).get(address(talk))

    assert answer.status_code == 200
    assert said[trouble] in text_of(answer)
    assert texts(text_of(answer)) == [talk.last_text.replace("'", "&#x27;")]


def test_a_place_among_the_messages_that_is_known_no_more_is_said(cast: Cast, talk: Conversation) -> None:
    shown = text_of(signed_in(cast.ben).get(address(talk, "?older=half")))
    assert "go back to the newest" in shown
    assert "Back to the newest" in shown


def test_many_messages_cost_no_more_queries_than_one(cast: Cast, talk: Conversation, box: Sandbox) -> None:
    browser = signed_in(cast.ben)

    def asked() -> int:
        with CaptureQueriesContext(database) as queries:
            browser.get(address(talk))
        return len(queries)

    few = asked()
    for number in range(30):
        say(box, talk, f"word {number}")
    assert asked() == few


def test_another_clients_conversation_is_not_there(cast: Cast, talk: Conversation) -> None:
    assert signed_in(cast.ben).get(reverse("conversation", args=["birch", talk.uuid])).status_code == 404
    assert signed_in(cast.zoe).get(address(talk)).status_code == 404


def test_the_list_leads_to_it(cast: Cast, talk: Conversation) -> None:
    listed: Any = signed_in(cast.ben).get(reverse("client-conversations", args=["acme"]))
    assert address(talk) in text_of(listed)
