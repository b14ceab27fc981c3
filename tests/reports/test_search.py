"""The search in the header: what it finds, for whom, of what it makes nothing, and what it costs."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agency.models import Membership, User
from clients.models import Broadcast, Client
from reports import search
from reports.queries.search import newest_of
from tests import placing, reaching
from tests.cast import Cast, connect
from tests.clients.doing import HTMX
from tests.factories import SenderFactory, days_ago, mail
from tests.reports.reading import as_user, text, words

#: Who is asked about, kind by kind: by the label of the group, the titles found.
type Found = dict[str, list[str]]


@pytest.fixture
def filled(cast: Cast) -> Cast:
    """Acme, Birch and South's Oak have one of everything, each named after its client and 'lantern'."""
    for client in (cast.acme, cast.birch, cast.oak):
        name = client.slug
        account = placing.account(client.agency, client, key=f"{name}-key-of-an-account", label=f"Lantern of {name}")
        SenderFactory(connection=account, client=client, email=f"lantern@{name}-lantern.example")
        mail(account, client, days_ago(1), {"gmail": (9, 0, 0)}, subject=f"A lantern for {name}")
        reaching.campaign(account, client=client, name=f"Lantern {name}")
        placing.placement_test(account, {f"ann@{name}.example": {"gmail": "P"}}, name=f"Lantern test of {name}")
        client.tags.create(name=f"{name} lantern")
    return cast


def found(user: User, wanted: str, most: int = 20) -> Found:
    answer = search.answer(Membership.objects.get(user=user), search.read(wanted), most)
    return {group.label: [words(hit.title).replace(" ", "") for hit in group.hits] for group in answer.groups}


def ask(user: User, wanted: str, **headers: str) -> str:
    return text(as_user(user).get("/search/", {"q": wanted}, headers=headers))


def test_everything_that_has_a_name_is_found_by_a_part_of_it(filled: Cast) -> None:
    assert {kind: len(hits) for kind, hits in found(filled.ben, "LANTERN").items()} == {
        "Clients": 2, "Senders": 2, "Domains": 2, "Broadcasts": 2, "Campaigns": 2, "Tests": 2, "Connections": 2,
    }  # fmt: skip


def test_a_viewer_finds_what_is_of_the_clients_assigned_and_no_connection(filled: Cast) -> None:
    assert found(filled.cleo, "lantern") == {
        "Clients": ["Acme"],
        "Senders": ["lantern@acme-lantern.example"],
        "Domains": ["acme-lantern.example"],
        "Broadcasts": ["Alanternforacme"],
        "Campaigns": ["Lanternacme"],
        "Tests": ["Lanterntestofacme"],
    }


def test_what_is_nobodys_is_for_those_who_see_every_client(filled: Cast) -> None:
    SenderFactory(connection=filled.north.connections.all()[0], client=None, email="stray@nowhere.example")
    assert found(filled.ben, "stray") == {"Senders": ["stray@nowhere.example"]}
    assert found(filled.ben, "nowhere")["Domains"] == ["nowhere.example"]
    assert found(filled.cleo, "stray") == {}
    assert found(filled.zoe, "stray") == {}


def test_another_agency_finds_its_own_alone(filled: Cast) -> None:
    assert {hit for hits in found(filled.zoe, "lantern").values() for hit in hits} == {
        "Oak", "lantern@oak-lantern.example", "oak-lantern.example", "Alanternforoak", "Lanternoak", "Lanterntestofoak",
        "Lanternofoak",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "pages"),
    [("ann", ["Team", "Connect an account"]), ("ben", []), ("cleo", [])],
)
def test_a_page_is_found_where_its_door_is_open(cast: Cast, who: str, pages: list[str]) -> None:
    got = [hit for word in ("team", "connect an") for hit in found(getattr(cast, who), word).get("Pages", [])]
    assert got == [page.replace(" ", "") for page in pages]


def test_every_page_that_is_offered_has_a_door_that_lets_the_reader_in(cast: Cast) -> None:
    for user in (cast.ann, cast.ben, cast.cleo):
        member, browser = Membership.objects.get(user=user), as_user(user)
        for name in search.PAGES:
            url = search.reverse(name)
            assert (browser.get(url).status_code == 200) == search.may_open(member, name), (user, name)


def test_archived_clients_and_theirs_come_last_and_say_so(filled: Cast) -> None:
    Client.objects.filter(pk=filled.acme.pk).update(archived_at=timezone.now())
    Broadcast.objects.filter(client=filled.acme).update(day=days_ago(0))
    got = found(filled.ben, "lantern")
    assert got["Clients"] == ["Birch", "Acme"]
    assert got["Senders"] == ["lantern@birch-lantern.example", "lantern@acme-lantern.example"]
    assert got["Broadcasts"] == ["Alanternforbirch", "Alanternforacme"]
    page = ask(filled.ben, "acme-lantern")
    assert page.count('<span class="tag look">archived</span>') == 2
    assert 'href="/clients/?search=lantern&amp;status=all"' in ask(filled.ben, "lantern")


def test_a_name_that_begins_so_stands_first(cast: Cast) -> None:
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    for email in ("ann@acme.example", "zoo@acme.example", "bazoo@acme.example"):
        SenderFactory(connection=account, client=cast.acme, email=email)
    assert found(cast.ben, "zoo")["Senders"] == ["zoo@acme.example", "bazoo@acme.example"]


def test_an_umlaut_is_found_in_either_case(cast: Cast) -> None:
    Client.objects.create(agency=cast.north, name="Ärzte", slug="arzte")
    assert found(cast.ben, "äRZ") == {"Clients": ["Ärzte"]}


def test_subjects_are_looked_for_among_each_clients_newest(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.queries.search.SUBJECTS", 4)  # two clients, two each
    monkeypatch.setattr("reports.queries.search.FEWEST", 1)
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    for client in (cast.acme, cast.birch):
        for ago in (1, 2, 3):
            mail(account, client, days_ago(ago), {"gmail": (9, 0, 0)}, subject=f"{client.slug} {ago} spring")
    mail(account, cast.acme, days_ago(0), {"gmail": (9, 0, 0)}, subject="gone spring", gone_at=timezone.now())
    assert found(cast.ben, "spring") == {"Broadcasts": ["birch1spring", "acme1spring", "birch2spring", "acme2spring"]}
    assert found(cast.ben, "sp") == {}
    assert "Looked for among each client&#x27;s newest 2." in ask(cast.ben, "spring")


@pytest.mark.parametrize(("clients", "newest"), [(0, 1000), (1, 1000), (100, 100), (500, 20), (9000, 5)])
def test_the_more_clients_the_fewer_broadcasts_of_each(clients: int, newest: int) -> None:
    assert newest_of(clients) == newest


@pytest.mark.parametrize("wild", ["50%", "a_b", "back\\slash", 'q"uote', "it's"])
def test_a_sign_that_a_database_reads_otherwise_is_a_letter_like_any(cast: Cast, wild: str) -> None:
    account = reaching.account(cast.north, cast.acme, label=f"Label {wild} here")
    for name in (wild, "50x", "aXb", "backslash", "quote", "its"):
        mail(account, cast.acme, days_ago(1), {"gmail": (9, 0, 0)}, subject=f"Now {name} off")
        reaching.campaign(account, client=cast.acme, name=f"Now {name} off")
    got = found(cast.ben, wild)
    assert {kind: len(hits) for kind, hits in got.items()} == {"Broadcasts": 1, "Campaigns": 1, "Connections": 1}


@pytest.mark.parametrize(
    "rubbish",
    ["x" * 10_000, "%", "%%%", "___", "'; DROP TABLE x; --", "\u202eabc\u2066", "😀😀😀", "\\", " ", ""],
)
def test_rubbish_is_answered_in_words(filled: Cast, rubbish: str) -> None:
    for headers in ({}, HTMX):
        assert len(search.read(rubbish)) <= search.LONGEST
        assert "lantern" not in ask(filled.ben, rubbish, **headers)


def test_marks_that_turn_text_around_are_left_out_of_what_is_looked_for(filled: Cast) -> None:
    assert found(filled.ben, "\u200facm\u202e \x00") == found(filled.ben, "acm") != {}


def test_what_a_vendor_wrote_is_shown_and_runs_nowhere(cast: Cast) -> None:
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    nasty = '<img src=x onerror="ran=1">&amp;'
    mail(account, cast.acme, days_ago(1), {"gmail": (9, 0, 0)}, subject=nasty)
    for wanted in ("img src", "<img", "amp;", '"ran', "rc=x onerr"):
        page = ask(cast.ben, wanted, **HTMX)
        assert "<img" not in page
        (title,) = re.findall(r"<bdi>(.*?)</bdi>", page.split('role="option"')[1])[:1]
        assert unescape(re.sub("</?mark>", "", title)) == nasty
        assert unescape(re.findall(r"<mark>(.*?)</mark>", page)[0]) == wanted


def test_of_a_long_subject_what_stands_around_the_match_is_shown(cast: Cast) -> None:
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    mail(account, cast.acme, days_ago(1), {"gmail": (9, 0, 0)}, subject="x" * 500 + " lantern " + "y" * 400)
    assert re.search(r"<bdi>…x+ <mark>lantern</mark> y+…</bdi>", ask(cast.ben, "lantern"))


def test_as_one_types_a_few_of_each_come_and_the_page_has_more(cast: Cast) -> None:
    account = connect(cast.north, key="a" * 12, client=cast.acme)
    for number in range(30):
        SenderFactory(connection=account, client=cast.acme, email=f"lantern{number}@acme.example")
    few, many = ask(cast.ben, "lantern", **HTMX), ask(cast.ben, "lantern")
    assert (few.count("lantern</mark>"), many.count("lantern</mark>")) == (4, 20)
    assert "<html" not in few
    assert "The first 20." in many
    assert 'href="/senders/?search=lantern"' in many


def test_the_page_leads_into_lists_that_search_on(filled: Cast) -> None:
    page, browser = unescape(ask(filled.ben, "lantern")), as_user(filled.ben)
    lists = re.findall(r'href="(/[^"]*search=lantern[^"]*)"', page)
    assert {url.split("?")[0] for url in lists} == {
        "/clients/", "/senders/", "/connections/", *(f"/clients/{name}/{tab}/" for name in ("acme", "birch")
        for tab in ("broadcasts", "campaigns", "tests")),
    }  # fmt: skip
    for url in lists:
        assert "antern" in text(browser.get(url)).split("<tbody>")[1], url


def test_every_hit_leads_to_its_page(filled: Cast) -> None:
    browser = as_user(filled.ben)
    hits = re.findall(r'role="option"[^>]* href="([^"]*)"', ask(filled.ben, "lantern", **HTMX))
    assert len(hits) == 15  # two of each of seven kinds, and the way to all
    for url in hits:
        assert browser.get(unescape(url)).status_code == 200, url


def test_nothing_found_says_so_with_a_way_out(cast: Cast) -> None:
    assert "Nothing found for" in ask(cast.ben, "zzz", **HTMX)
    assert "Show all clients" in ask(cast.ben, "zzz")


def test_a_search_costs_as_many_queries_for_many_rows_as_for_one(filled: Cast) -> None:
    few = queries(filled.ben)
    for number in range(30):
        client = Client.objects.create(agency=filled.north, name=f"Lantern {number}", slug=f"lantern-{number}")
        account = connect(filled.north, key=f"{number}-lantern-key", label=f"Lantern {number}", client=client)
        SenderFactory(connection=account, client=client, email=f"lantern@{number}.example")
        mail(account, client, days_ago(1), {"gmail": (9, 0, 0)}, subject="lantern")
    assert queries(filled.ben) == few <= 7
    assert queries(filled.cleo) == few - 1


def queries(user: User) -> int:
    member: Any = Membership.objects.select_related("agency").get(user=user)
    with CaptureQueriesContext(database) as asked:
        search.answer(member, "lantern", 4)
    return len(asked)


def test_a_page_is_called_what_stands_above_it(cast: Cast) -> None:
    browser = as_user(cast.ann)
    for name, (label, _) in search.PAGES.items():
        (heading,) = re.findall(r"<h1[^>]*>\s*([^<]*?)\s*<", text(browser.get(reverse(name))))
        # The vendor chosen first stands above that form.
        assert heading == label or (name == "connection-new" and heading.startswith("Connect ")), name
