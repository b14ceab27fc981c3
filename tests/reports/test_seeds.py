from __future__ import annotations

import re

from django.utils import timezone

from clients.models import Seed
from tests.cast import Cast, connect
from tests.reports.exports.reading import fetched
from tests.reports.reading import as_user, text


def test_accounts_show_the_mix_of_their_seeds_and_whom_they_serve(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, label="Main", client=cast.acme)
    connection.scopes.create(client=cast.birch, kind="domain", value="birch.example")
    for number in range(5):
        gone = timezone.now() if number == 4 else None
        status = "inactive" if number == 2 else "active"
        provider = "gmail" if number < 3 else "web_de"
        Seed.objects.create(
            connection=connection, email=f"{number}@seed.example", mailbox_provider=provider, status=status, gone_at=gone
        )
    page = text(as_user(cast.ben).get("/seeds/"))
    assert re.findall(r'<th scope="col" class="number">([^<]*)', page) == ["Seeds", "Gmail", "Web.de"]
    assert re.findall(r'data-head="(Seeds|Gmail|Web.de)">([^<]*)', page) == [("Seeds", "3"), ("Gmail", "2"), ("Web.de", "1")]
    assert "1 gone, 1 inactive" in page
    assert re.search(r">Acme</a>, <a[^>]*>Birch</a>", page)
    shared = text(as_user(cast.ben).get("/clients/acme/seeds/"))
    assert "Main serves Acme and Birch: its seeds receive the mail of all of them." in shared
    own = text(as_user(cast.cleo).get("/clients/acme/seeds/"))
    assert "Main serves Acme and other clients" in own
    assert "Birch" not in own + text(as_user(cast.cleo).get("/seeds/"))


def test_a_clients_seeds_are_those_of_its_accounts_filtered(cast: Cast) -> None:
    mine, other = connect(cast.north, key="a" * 12, client=cast.acme), connect(cast.north, key="b" * 12, client=cast.birch)
    Seed.objects.create(connection=mine, email="a@seed.example", mailbox_provider="gmail", status="active")
    Seed.objects.create(connection=mine, email="b@seed.example", mailbox_provider="other", provider_raw="gmx", status="inactive")
    Seed.objects.create(connection=other, email="c@seed.example", mailbox_provider="gmail", status="active")
    browser = as_user(cast.ben)

    def seen(query: str = "") -> list[str]:
        return re.findall(r'class="address" title="(\w)@', text(browser.get(f"/clients/acme/seeds/?{query}")))

    assert seen() == ["a", "b"]
    assert seen("mailbox_provider=gmail") == ["a"]
    assert seen("status=inactive") == ["b"]
    assert seen("search=B@") == ["b"]
    assert seen("sort=-email") == ["b", "a"]
    assert "Other (gmx)" in text(browser.get("/clients/acme/seeds/"))


def test_an_account_of_a_vendor_without_seeds_of_ones_own_is_not_listed(cast: Cast) -> None:
    connect(cast.north, key="s" * 20, label="With seeds", client=cast.acme)
    connect(cast.north, key="t" * 20, label="Without any", client=cast.birch, vendor="instantly")
    page = text(as_user(cast.ann).get("/seeds/"))
    assert "With seeds" in page
    assert "Without any" not in page
    assert "No vendor account with seeds yet" in text(as_user(cast.ann).get("/clients/birch/seeds/"))


def test_seeds_that_were_never_read_are_not_none(cast: Cast) -> None:
    connection = connect(cast.north, key="a" * 12, label="Refused", client=cast.acme)
    browser = as_user(cast.ann)

    def told() -> tuple[str, str, str, str]:
        page, (row,) = text(browser.get("/seeds/")), fetched(browser, "/seeds/export/seed_accounts.csv")
        return re.findall(r'data-head="Seeds">([^<]*)', page)[0], row["seeds"], row["gmail"], row["no_longer_in_use"]

    assert told() == ("–", "", "", "")
    connection.feeds.filter(resource="seeds").update(last_ok_at=timezone.now())
    assert told() == ("0", "0", "0", "0")
