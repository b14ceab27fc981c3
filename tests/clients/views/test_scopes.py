"""Which part of a connection is whose, and what nobody claims yet."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients import claiming, scoping
from clients.models import Broadcast, ClientDay, Connection, PlacementDay, Scope, Sender
from tests.cast import Cast, connect
from tests.clients.doing import actions, newest_entry, signed_in, text_of
from tests.factories import SenderFactory, days_ago, mail, roll_up


@pytest.fixture
def shared(cast: Cast) -> Connection:
    """Nobody's yet: two domains, one tag."""
    connection = connect(cast.north, key="a-key-long-enough", label="Shared")
    for email, tags in [("news@lumen.example", []), ("shop@kestrel.example", ["fjord"]), ("ops@mail.kestrel.example", [])]:
        sender = SenderFactory(connection=connection, email=email, tagged=tags)
        for day in range(3):
            landed = {"gmail": (10, 5, 5)}
            mail(connection, None, days_ago(day), landed, domain=sender.domain, from_email=email, sender_ref=sender.external_id)
    roll_up(connection)
    connection.feeds.update(last_ok_at=timezone.now())
    return connection


def give(browser: Any, connection: Connection, client: str, kind: str, values: str) -> Any:
    return browser.post(
        f"/connections/{connection.uuid}/scopes/",
        {"client": client, "kind": kind, "values": values, "anyway": "on"},
        follow=True,
    )


def mails_of(client: Any) -> int:
    return sum(ClientDay.objects.filter(client=client, mailbox_provider="all").values_list("received", flat=True))


def test_a_domain_given_moves_its_history_at_once(cast: Cast, shared: Connection) -> None:
    page = text_of(give(signed_in(cast.mo), shared, "acme", "domain", "Kestrel.example"))
    assert "Domain kestrel.example is Acme&#x27;s now" in page
    assert set(Sender.objects.filter(client=cast.acme).values_list("email", flat=True)) == {
        "shop@kestrel.example",
        "ops@mail.kestrel.example",
    }
    assert Broadcast.objects.filter(client=cast.acme).count() == 6
    assert mails_of(cast.acme) == 120
    assert PlacementDay.objects.filter(client=None, domain="kestrel.example").count() == 0
    entry = newest_entry()
    assert (entry.action, entry.subject, entry.after) == (
        "scope.added",
        cast.acme.uuid,
        {"client": "Acme", "scope": "domain kestrel.example", "page": ["connection", str(shared.uuid)]},
    )


def test_a_claim_taken_back_takes_its_history_along(cast: Cast, shared: Connection) -> None:
    browser = signed_in(cast.mo)
    give(browser, shared, "acme", "domain", "kestrel.example")
    browser.post(f"/scopes/{Scope.objects.get().uuid}/remove/")
    assert not Scope.objects.exists()
    assert not Broadcast.objects.exclude(client=None).exists()
    assert mails_of(cast.acme) == 0
    assert actions() == ["scope.added", "scope.removed"]
    assert newest_entry().before == {"client": "Acme", "scope": "domain kestrel.example"}


def test_a_failure_halfway_moves_nothing(cast: Cast, shared: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    real = scoping.reassign

    def broken(connection: Connection) -> None:
        real(connection)
        raise RuntimeError("broken")

    monkeypatch.setattr(scoping, "reassign", broken)
    with pytest.raises(RuntimeError):
        claiming.claim(shared, cast.acme, "all", "", None)
    assert not Scope.objects.exists()
    assert not Broadcast.objects.exclude(client=None).exists()
    assert actions() == []


def test_a_part_that_has_an_owner_is_not_given_twice(cast: Cast, shared: Connection) -> None:
    browser = signed_in(cast.mo)
    give(browser, shared, "acme", "domain", "lumen.example")
    page = text_of(give(browser, shared, "birch", "domain", "LUMEN.example"))
    assert "Domain lumen.example is Acme&#x27;s already" in page
    assert Scope.objects.get().client == cast.acme


def test_two_claims_that_disagree_are_shown_and_not_guessed(cast: Cast, shared: Connection) -> None:
    browser = signed_in(cast.mo)
    give(browser, shared, "acme", "domain", "kestrel.example")
    said = text_of(give(browser, shared, "birch", "tag", "fjord"))
    assert "1 sender that another claim names as well belongs to nobody now" in said
    page = text_of(browser.get("/unassigned/"))
    assert Sender.objects.get(conflict=True).email == "shop@kestrel.example"
    assert "Claimed twice" in page
    assert "shop@kestrel.example" in page
    assert 'Acme <span class="muted">(domain kestrel.example)</span>, Birch <span class="muted">(tag fjord)</span>' in page


def test_what_is_claimed_twice_leads_to_its_claims_and_is_not_offered_again(cast: Cast, shared: Connection) -> None:
    browser = signed_in(cast.mo)
    give(browser, shared, "acme", "domain", "kestrel.example")
    give(browser, shared, "birch", "tag", "fjord")
    page = text_of(browser.get("/unassigned/"))
    assert f'<a class="button small" href="/connections/{shared.uuid}/scopes/"' in page
    assert [row.value for row in claiming.unclaimed(Connection.objects.of(cast.north))] == ["lumen.example"]
    read = text_of(signed_in(cast.ben).get("/unassigned/"))
    assert "shop@kestrel.example" in read
    assert "/scopes/" not in read, "who may not change it is not led there"


def test_two_tags_that_disagree_are_shown_where_they_can_be_removed(cast: Cast, shared: Connection) -> None:
    SenderFactory(connection=shared, email="both@otter.example", tagged=["red", "blue"])
    browser = signed_in(cast.mo)
    give(browser, shared, "acme", "tag", "red")
    assert "Claimed twice" not in text_of(browser.get(f"/connections/{shared.uuid}/scopes/"))
    give(browser, shared, "birch", "tag", "blue")
    for path in ("/unassigned/", f"/connections/{shared.uuid}/scopes/"):
        page = text_of(browser.get(path))
        assert "two tags, or a tag and a domain" in page, path
        assert 'Acme <span class="muted">(tag red)</span>, Birch <span class="muted">(tag blue)</span>' in page, path
    give(browser, shared, "acme", "domain", "otter.example")
    assert Sender.objects.get(email="both@otter.example").conflict, "as the page says, one more claim settles nothing"
    Scope.objects.get(value="blue").delete()
    scoping.reassign(shared)
    assert "Claimed twice" not in text_of(browser.get(f"/connections/{shared.uuid}/scopes/"))


def test_senders_that_are_not_read_yet_are_not_counted_as_none(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", label="Fresh")
    feeds = connection.feeds.filter(resource="senders")
    browser = signed_in(cast.mo)
    assert feeds.update(last_ok_at=None) == 1
    page = text_of(browser.get("/unassigned/"))
    assert "Nothing unassigned so far" in page
    assert "Being read for the first time: the senders of" in page
    mail(connection, None, days_ago(1), {"gmail": (10, 5, 5)}, domain="lumen.example")
    roll_up(connection)
    assert '<span class="muted">not read yet</span>' in text_of(browser.get("/unassigned/"))
    SenderFactory(connection=connection, email="a@lumen.example")
    assert "1 so far" in text_of(browser.get("/unassigned/"))
    feeds.update(lacks="The plan does not have it.")
    assert "Being read" not in text_of(browser.get("/unassigned/"))
    feeds.update(last_ok_at=timezone.now(), lacks="")
    Sender.objects.all().delete()
    page = text_of(browser.get("/unassigned/"))
    assert 'data-head="Senders">0</td>' in page
    assert "Being read" not in page


def test_everything_else_stands_below_what_others_claim(cast: Cast, shared: Connection) -> None:
    browser = signed_in(cast.mo)
    give(browser, shared, "acme", "all", "")
    give(browser, shared, "birch", "domain", "lumen.example")
    for address in (f"/connections/{shared.uuid}/", f"/connections/{shared.uuid}/scopes/"):
        page = text_of(browser.get(address))
        assert page.index("<strong>lumen.example</strong>") < page.index("Everything that nothing above claims"), address


def test_the_unassigned_are_counted_by_domain_and_tag(cast: Cast, shared: Connection) -> None:
    give(signed_in(cast.mo), shared, "acme", "domain", "mail.kestrel.example")
    rows = claiming.unclaimed(Connection.objects.of(cast.north))
    assert [(row.kind, row.value, row.senders, row.broadcasts, row.mails) for row in rows] == [
        ("domain", "kestrel.example", 1, 3, 60),
        ("domain", "lumen.example", 1, 3, 60),
        ("tag", "fjord", 1, 0, 0),
    ]


def test_one_step_gives_a_domain_or_a_tag_to_a_client(cast: Cast, shared: Connection) -> None:
    browser = signed_in(cast.mo)
    assert "lumen.example" in text_of(browser.get("/unassigned/"))
    for kind, value, client in [
        ("domain", "lumen.example", "acme"),
        ("tag", "fjord", "birch"),
        ("domain", "mail.kestrel.example", "birch"),
    ]:
        browser.post("/unassigned/claim/", {"connection": shared.uuid, "kind": kind, "values": value, "client": client})
    assert (mails_of(cast.acme), mails_of(cast.birch)) == (60, 120)
    assert "Everything has its client" in text_of(browser.get("/unassigned/"))


def test_a_claim_without_a_client_says_so(cast: Cast, shared: Connection) -> None:
    form = {"connection": shared.uuid, "kind": "domain", "values": "lumen.example", "client": ""}
    assert "required" in text_of(signed_in(cast.mo).post("/unassigned/claim/", form, follow=True))
    assert not Scope.objects.exists()


def test_an_active_client_wakes_a_connection_that_slept_with_an_archived_one(cast: Cast) -> None:
    connection = connect(cast.north, key="a-key-long-enough", client=cast.acme)
    browser = signed_in(cast.mo)
    browser.post("/clients/acme/archive/")
    assert Connection.objects.get().health == "paused"
    give(browser, connection, "birch", "domain", "birch.example")
    assert Connection.objects.get().health == "ok"


@pytest.mark.parametrize(("who", "reads", "writes"), [("ann", 200, 302), ("mo", 200, 302), ("ben", 200, 403), ("cleo", 403, 403)])
def test_who_may_claim(cast: Cast, shared: Connection, who: str, reads: int, writes: int) -> None:
    browser = signed_in(getattr(cast, who))
    form = {"connection": shared.uuid, "kind": "domain", "values": "lumen.example", "client": "acme"}
    assert browser.get("/unassigned/").status_code == reads
    assert browser.post("/unassigned/claim/", form).status_code == writes
    assert Scope.objects.exists() == (writes == 302)


def test_another_agency_sees_and_claims_nothing(cast: Cast, shared: Connection) -> None:
    scope = Scope.objects.create(connection=shared, client=cast.acme, kind="tag", value="fjord")
    browser = signed_in(cast.zoe)
    assert "lumen.example" not in text_of(browser.get("/unassigned/"))
    form = {"connection": shared.uuid, "kind": "domain", "values": "lumen.example", "client": "oak"}
    assert browser.post("/unassigned/claim/", form).status_code == 404
    assert browser.post(f"/connections/{shared.uuid}/scopes/", form).status_code == 404
    assert browser.post(f"/scopes/{scope.uuid}/remove/").status_code == 404
    assert list(Scope.objects.all()) == [scope]


@pytest.mark.parametrize("connection", ["", "not-a-uuid", "00000000-0000-4000-8000-000000000000"])
def test_a_claim_on_no_connection_is_not_found(cast: Cast, connection: str) -> None:
    form = {"connection": connection, "kind": "all", "client": "acme"}
    assert signed_in(cast.mo).post("/unassigned/claim/", form).status_code == 404


def test_a_client_of_another_agency_gets_nothing(cast: Cast, shared: Connection) -> None:
    give(signed_in(cast.mo), shared, "oak", "all", "")
    assert not Scope.objects.exists()


def test_a_domain_beside_everything_is_asked_about_and_claims_nothing(cast: Cast, shared: Connection) -> None:
    response = give(signed_in(cast.mo), shared, "acme", "all", "lumen.example")
    assert "Either everything" in text_of(response)
    assert "lumen.example" in text_of(response)
    assert not Scope.objects.exists()


def test_the_page_of_the_unassigned_costs_the_same_for_any_number(
    cast: Cast, shared: Connection, django_assert_num_queries: Any
) -> None:
    browser = signed_in(cast.ben)
    with CaptureQueriesContext(database) as few:
        browser.get("/unassigned/")
    for number in range(20):
        SenderFactory(connection=shared, email=f"a@stray-{number}.example", tagged=[f"tag {number}"])
    with django_assert_num_queries(len(few)):
        browser.get("/unassigned/")
