from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from clients.changes import selecting
from clients.models import Sender
from tests.cast import Cast, connect
from tests.factories import SenderFactory
from tests.reports.reading import as_user, text


def test_senders_show_whose_they_are_or_why_not(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, label="Main")
    SenderFactory(connection=connection, client=cast.acme, email="acme@x.example", gone_at=timezone.now())
    SenderFactory(connection=connection, email="loose@x.example")
    SenderFactory(connection=connection, email="torn@x.example", conflict=True)
    page = text(as_user(cast.ben).get("/senders/"))
    assert re.search(r'class="gone"><th scope="row" class="address" title="acme@x.example".*?>Acme</a>.*?>gone<', page)
    assert re.search(r"loose@x.example.*?No scope of Main claims it\">unassigned", page)
    assert re.search(r"torn@x.example.*?claim it for two clients\">in conflict", page)
    own = text(as_user(cast.cleo).get("/senders/"))
    assert re.findall(r"(\w+)@x.example", own) == ["acme"]


@pytest.mark.parametrize("path", ["/senders/", "/seeds/", "/senders/?search=x"])
def test_a_viewer_without_clients_is_told_that_nobody_assigned_one(cast: Cast, path: str) -> None:
    connect(cast.north, key="a" * 12, client=cast.acme)
    said = "Nobody has assigned a client to you yet"
    assert said not in text(as_user(cast.cleo).get(path))
    cast.acme.viewers.clear()
    page = text(as_user(cast.cleo).get(path))
    assert said in page
    assert "add one" not in page
    assert "first sync" not in page


@pytest.mark.parametrize("tab", ["senders", "broadcasts"])
def test_a_client_without_an_account_is_led_to_its_connections(cast: Cast, tab: str) -> None:
    said = "No vendor account yet"
    page = text(as_user(cast.mo).get(f"/clients/acme/{tab}/"))
    assert said in page
    assert '<a class="button primary" href="/connections/new/?client=acme">Connect an account</a>' in page
    assert said not in text(as_user(cast.mo).get(f"/clients/acme/{tab}/?search=x")), "the filter comes first"
    connect(cast.north, key="a" * 12, client=cast.acme)
    assert said not in text(as_user(cast.mo).get(f"/clients/acme/{tab}/"))
    assert said not in text(as_user(cast.mo).get("/senders/"))


def test_the_heads_of_the_rules_break_into_two_lines_at_most(cast: Cast) -> None:
    SenderFactory(connection=connect(cast.north, key="a" * 12), client=cast.acme)
    heads = re.findall(
        r'<th scope="col" class="number" title="[^"]+, in percent[^"]*">(.*?)</th>', text(as_user(cast.ben).get("/senders/"))
    )
    assert len(heads) == 7
    assert all(head.count(" ") == 1 for head in heads)


@pytest.mark.parametrize("word", ["idle", "silent"])
def test_who_is_idle_is_found_by_the_former_word_too(cast: Cast, word: str) -> None:
    connection = connect(cast.north, key="a" * 12, client=cast.acme)
    long_ago = timezone.now() - timedelta(days=90)
    one = SenderFactory(connection=connection, client=cast.acme, email="idle@x.example", status="active", first_seen=long_ago)
    SenderFactory(connection=connection, client=cast.acme, email="new@x.example", status="active")
    page = text(as_user(cast.ben).get(f"/senders/?health={word}"))
    assert set(re.findall(r"(\w+)@x.example", page)) == {"idle"}
    assert '<option value="idle" selected>Idle</option>' in page
    assert ">silent<" not in page.lower()
    assert set(selecting.narrowed(Sender.objects.all(), {"health": word})) == {one}, "and of a plan of before"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("client=birch", "b"),
        ("client=(unassigned)", "cd"),
        ("domain=A.example", "a"),
        ("tag=vip", "ac"),
        ("preset=repair", "b"),
        ("status=gone", "d"),
        ("status=inactive", "b"),
        ("status=conflict", "c"),
        ("search=NAMED", "a"),
        ("health=not+known", "abc"),
        ("health=nonsense", ""),
        ("sort=-email", "dcba"),
        ("sort=client", "cdab"),
        ("sort=nonsense", "abcd"),
        ("status=nonsense", ""),
    ],
)
def test_filters_and_sorts_of_senders(cast: Cast, query: str, found: str) -> None:
    connection = connect(cast.north, key="a" * 12)
    SenderFactory(connection=connection, client=cast.acme, email="a@a.example", name="Named", status="active", tagged=["vip"])
    SenderFactory(connection=connection, client=cast.birch, email="b@b.example", status="inactive", preset="repair")
    SenderFactory(connection=connection, email="c@c.example", conflict=True, status="active", tagged=["vip"])
    SenderFactory(connection=connection, email="d@d.example", status="active", gone_at=timezone.now())
    page = text(as_user(cast.ben).get(f"/senders/?{query}"))
    assert "".join(re.findall(r'class="address" title="(\w)@', page)) == found


def test_senders_of_a_removed_account_are_not_listed(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12)
    SenderFactory(connection=connection, client=cast.acme, email="a@a.example")
    connection.removed_at = timezone.now()
    connection.save()
    assert "a@a.example" not in text(as_user(cast.ben).get("/senders/"))


EDIT = re.compile(r'href="/senders/[0-9a-f-]{36}/')


def test_senders_of_two_vendors_are_told_apart_and_only_profiles_that_exist_are_edited(cast: Cast) -> None:
    first = connect(cast.north, key="s" * 20, label="First", client=cast.acme)
    second = connect(cast.north, key="t" * 20, label="Second", client=cast.acme, vendor="instantly")
    for connection, status in ((first, "active"), (second, "soft bounce error")):
        SenderFactory(connection=connection, client=cast.acme, email="news@acme.example", name="News", status=status)
    page = text(as_user(cast.ann).get("/clients/acme/senders/"))
    assert ["News · InboxAlly" in page, "News · Instantly" in page] == [True, True]
    assert (page.count('name="sender"'), len(EDIT.findall(page))) == (2, 1)
    assert '<option value="soft bounce error">Soft bounce error</option>' in page
    one = text(as_user(cast.ann).get("/clients/acme/senders/?vendor=instantly"))
    assert "1 sender" in one
    assert not EDIT.search(one)


def test_senders_are_sorted_by_domain_though_it_has_no_column(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 20, client=cast.acme)
    for name, domain in (("a", "z.example"), ("b", "y.example")):
        Sender.objects.create(connection=connection, client=cast.acme, email=f"{name}@{domain}", domain=domain, external_id=name)
    page = text(as_user(cast.ann).get("/senders/?sort=domain"))
    assert re.findall(r'class="address" title="(\w)@', page) == ["b", "a"]
    assert re.search(r'<th scope="col" aria-sort="ascending"><a class="beside" [^>]*>Sender</a> · <a href="\?sort=-domain"', page)
    assert re.search(r'<option value="domain" selected>Domain, A to Z</option>', page)


def test_an_agency_without_any_account_is_led_to_its_first(cast: Cast) -> None:
    way = '<a class="button primary" href="/connections/new/">Connect an account</a>'
    assert way in text(as_user(cast.ann).get("/senders/"))
    assert "/connections/new/" not in text(as_user(cast.cleo).get("/senders/"))
    connect(cast.north, key="a" * 20)
    assert way not in text(as_user(cast.ann).get("/senders/"))


@pytest.mark.parametrize("tab", ["", "broadcasts/", "senders/", "seeds/"])
def test_a_client_s_tab_without_an_account_leads_straight_to_connecting_one(cast: Cast, tab: str) -> None:
    way = "/connections/new/?client=acme"
    assert way in text(as_user(cast.ann).get(f"/clients/acme/{tab}"))
    assert way not in text(as_user(cast.cleo).get(f"/clients/acme/{tab}"))


def test_a_page_s_number_written_by_hand_is_kept_to_and_one_too_large_gives_the_last(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 20, client=cast.acme)
    for place in range(120):
        SenderFactory(connection=connection, client=cast.acme, email=f"{place:03}@acme.example", external_id=str(place))
    browser = as_user(cast.ann)
    for number, said in (("999", "101–120"), ("2", "51–100"), ("x", "1–50")):
        page = text(browser.get(f"/senders/?page={number}&search=acme"))
        assert f"{said} of 120 senders" in page
        assert ("Previous" in page, "Next" in page) == (number != "x", number != "999")
        assert not re.search(r"\?[^\"]*page=", page)
