"""A vendor that falls silent in the middle of a list: said in words, seen on the pages, and nothing is taken for gone."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from clients import sync
from clients.models import Broadcast, Connection, Feed, RunState, Seed, Sender
from clients.vendors.http import Http
from clients.vendors.retries import Patience
from sandbox.server import Sandbox
from tests.cast import Cast, connect
from tests.clients.doing import signed_in, text_of
from tests.clients.sync.killing import free
from tests.clients.sync.syncing import assert_true, bring, bring_all, feed, lists_asked

MODELS: dict[str, Any] = {"seeds": Seed, "senders": Sender, "broadcasts": Broadcast}


@pytest.fixture
def connection(box: Sandbox, people: Cast) -> Connection:
    box.switches.short_pages = 5
    return connect(people.north, key=box.key("petit"), client=people.acme)


def _gone() -> list[int]:
    return [model.objects.exclude(gone_at=None).count() for model in MODELS.values()]


@pytest.mark.parametrize(("kind", "args"), [("stall", {"seconds": 30}), ("close", {}), ("empty_end", {}), ("empty", {})])
@pytest.mark.parametrize("resource", MODELS)
def test_the_run_says_where_it_stopped_and_the_next_goes_on_from_there(
    box: Sandbox, people: Cast, connection: Connection, monkeypatch: pytest.MonkeyPatch, kind: str, args: Any, resource: str
) -> None:
    box.switches.short_pages = 1 if resource == "senders" else 5
    bring_all(connection)
    # A pass over the whole list, as the first one.
    Feed.objects.update(watermark=None)
    monkeypatch.setattr(Http, "patience", Patience(tries=(0.15,) * 5, whole=60) if args else Http.patience)
    box.faults.add(kind, f"/v3/{resource}", query={"page_token": "*"}, times=None, **args)
    run = bring(connection, resource)
    assert (run.state, run.gone, _gone()) == (RunState.FAILED, 0, [0, 0, 0])
    assert re.match(r"InboxAlly stopped answering after page 1 at .*UTC; the next run goes on from there\.", run.outcome)
    assert "Next try at" in run.outcome
    page = text_of(signed_in(people.ben).get(f"/runs/{run.uuid}/"))
    assert "stopped answering after page 1" in page
    assert "stopped answering after page 1" in text_of(signed_in(people.ben).get(f"/connections/{connection.uuid}/"))

    box.faults.clear()
    box.requests.clear()
    run = bring(connection, resource)
    assert (run.state, run.outcome, run.gone, _gone()) == (RunState.OK, "Complete.", 0, [0, 0, 0])
    assert box.requests[0].query["page_token"]
    assert feed(connection, resource).failures == 0
    assert_true(box, "petit", connection)


def test_an_answer_that_is_not_understood_says_after_which_page_as_well(box: Sandbox, connection: Connection) -> None:
    box.faults.add("missing_key", "/v3/seeds", query={"page_token": "*"}, times=None, field="seeds", where="envelope")
    run = bring(connection, "seeds")
    assert re.match(r"InboxAlly's answer after page 1 was not understood .* The next run goes on from there\.", run.outcome)
    # Nothing new came: where it stopped before is not where it stopped now.
    assert "after page" not in bring(connection, "seeds").outcome


def test_the_overview_and_the_clients_page_show_it_at_once(box: Sandbox, people: Cast, connection: Connection) -> None:
    other = connect(people.north, key=box.key("northwind"), label="Another", client=people.birch)
    bring_all(connection)
    bring_all(other)
    browser = signed_in(people.ben)
    assert "sync failing" not in text_of(browser.get("/?window=30"))
    box.faults.add("empty_end", "/v3/seeds", account="petit", times=None)
    run = bring(connection, "seeds")
    page = text_of(browser.get("/?window=30"))
    assert run.outcome in unescape(page), "the flag says why"
    assert page.count(">sync failing<") == 1
    row = page.partition(">Acme<")[2].partition("</tr>")[0]
    assert '<td class="nowrap is-look"' in row
    said = f": a sync failed, last good answer just now. {run.outcome}"
    assert said in unescape(text_of(browser.get("/clients/acme/")))
    assert ": a sync failed" not in text_of(browser.get("/clients/birch/"))


def test_a_first_list_that_ends_in_a_promise_is_not_called_complete_until_it_was_asked_again(
    box: Sandbox, connection: Connection
) -> None:
    box.faults.add("empty_end", "/v3/seeds", times=None)
    for _ in range(3):
        assert bring(connection, "seeds").state == RunState.FAILED
        assert feed(connection, "seeds").last_ok_at is None
    # Whoever says so four times in a row, minutes apart, means it.
    assert bring(connection, "seeds").state == RunState.OK
    assert Seed.objects.count() == 5


def test_a_worker_that_is_killed_over_a_broken_promise_leaves_it_to_be_asked_for_again(
    box: Sandbox, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.switches.short_pages = 4
    box.faults.add("empty_end", "/v3/seeds", times=None)

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(sync._Run, "_doubt", killed)
        with pytest.raises(SystemExit):
            bring(connection, "seeds")
    free(connection)
    assert feed(connection, "seeds").checkpoint["hollow"]
    box.faults.clear()
    assert bring(connection, "seeds").state == RunState.OK


def test_an_end_after_a_promise_is_the_end_where_no_row_is_missing(box: Sandbox, connection: Connection) -> None:
    bring(connection, "seeds")
    box.change("petit", remove_seeds=list(Seed.objects.order_by("pk").values_list("email", flat=True)[5:]))
    bring(connection, "seeds")
    box.switches.short_pages = 4
    box.faults.add("empty_end", "/v3/seeds", after=1, times=None)
    assert Seed.objects.filter(gone_at=None).count() == 5
    assert bring(connection, "seeds").state == RunState.OK


@pytest.mark.parametrize("resource", MODELS)
def test_an_empty_list_is_not_fresh_until_it_was_empty_for_a_day(box: Sandbox, connection: Connection, resource: str) -> None:
    bring(connection, resource)
    known = feed(connection, resource).last_ok_at
    box.change(
        "petit",
        remove_seeds=list(Seed.objects.values_list("email", flat=True)),
        remove_senders=list(Sender.objects.values_list("external_id", flat=True)),
        remove_newest_broadcasts=1000,
    )
    run = bring(connection, resource)
    assert (run.state, run.gone, feed(connection, resource).last_ok_at) == (RunState.FAILED, 0, known)
    assert "came back empty" in run.outcome
    box.requests.clear()
    assert bring(connection, resource).state == RunState.FAILED
    assert lists_asked(box) or box.requests.to(f"/v3/{resource}"), "it is asked anew, not judged by what it said before"
    Feed.objects.update(last_ok_at=timezone.now() - timedelta(hours=25))
    for _ in range(2):
        run = bring(connection, resource)
        assert (run.state, run.gone) == (RunState.OK, 0)
        assert "came back empty" in run.outcome
