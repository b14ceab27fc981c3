from __future__ import annotations

import re

import pytest

from agency.models import Membership
from clients.forms import ClientForm
from clients.models import Client, Connection, Feed, Health, Scope
from reports import sharing
from tests.cast import Cast, connect
from tests.clients.doing import actions, newest_entry, signed_in, text_of

NEW = {"name": "Café Łódź & Co", "slug": "", "tags": "VIP, retail,vip", "timezone": "Europe/Warsaw"}


def test_a_manager_adds_a_client_and_it_is_written_down(cast: Cast) -> None:
    response = signed_in(cast.mo).post("/clients/new/", NEW)
    made = Client.objects.of(cast.north).get(name=NEW["name"])
    assert response["Location"] == f"/clients/{made.slug}/connections/"
    assert (made.slug, made.timezone) == ("cafe-odz-co", "Europe/Warsaw")
    assert [tag.name for tag in made.tags.all()] == ["retail", "vip"]
    entry = newest_entry()
    assert (entry.action, entry.actor, entry.subject, entry.after["tags"]) == (
        "client.created",
        "Mo",
        made.uuid,
        ["retail", "vip"],
    )


def test_a_slug_that_is_taken_says_by_whom_and_what_is_free(cast: Cast) -> None:
    response = signed_in(cast.mo).post("/clients/new/", NEW | {"name": "Acme"})
    assert response.status_code == 422
    assert "is taken by Acme. Free is ‘acme-2’" in text_of(response)
    assert Client.objects.of(cast.north).count() == 2


def test_the_same_slug_is_free_in_another_agency(cast: Cast) -> None:
    assert signed_in(cast.zoe).post("/clients/new/", NEW | {"name": "Acme"}).status_code == 302


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("new", "Inboxdeck needs itself"),
        ("export", "Inboxdeck needs itself"),
        ("a b", "Small letters, digits and hyphens"),
        ("a_b", "Small letters"),
        ("Ab", "Small letters"),
        ("ä", "Small letters"),
    ],
)
def test_addresses_that_pages_need_are_no_slugs(cast: Cast, slug: str, said: str) -> None:
    response = signed_in(cast.mo).post("/clients/new/", NEW | {"slug": slug})
    assert response.status_code == 422
    assert said in text_of(response)


def test_an_address_from_before_this_rule_stays_until_it_is_changed(cast: Cast) -> None:
    Client.objects.filter(pk=cast.acme.pk).update(slug="Old_Acme")
    browser, form = signed_in(cast.mo), {"name": "Acme", "tags": "", "timezone": "UTC"}
    assert browser.post("/clients/Old_Acme/edit/", form | {"slug": "Old_Acme"}).status_code == 302
    assert browser.post("/clients/Old_Acme/edit/", form | {"slug": "Older_Acme"}).status_code == 422


def test_a_name_without_latin_letters_asks_for_a_slug(cast: Cast) -> None:
    assert "no Latin letters" in text_of(signed_in(cast.mo).post("/clients/new/", NEW | {"name": "北京"}))


def test_managers_and_viewers_of_another_agency_can_not_be_chosen(cast: Cast) -> None:
    stranger, cleo = cast.zoe.memberships.get(), cast.cleo.memberships.get()
    assert "manager" in ClientForm(NEW | {"manager": stranger.uuid}, agency=cast.north).errors
    assert "viewers" in ClientForm(NEW | {"viewers": [stranger.uuid]}, agency=cast.north).errors
    assert "manager" in ClientForm(NEW | {"manager": cleo.uuid}, agency=cast.north).errors, "a viewer manages nobody"


@pytest.mark.parametrize("odd", ["9" * 24, "-1", "mo", "😀", "0"])
@pytest.mark.parametrize("field", ["manager", "viewers"])
def test_a_member_that_is_none_is_an_error_of_the_field(cast: Cast, field: str, odd: str) -> None:
    response = signed_in(cast.mo).post("/clients/new/", NEW | {field: odd})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}


def test_an_edit_shows_who_manages_it_and_who_sees_it(cast: Cast) -> None:
    cast.acme.manager = cast.mo.memberships.get()
    cast.acme.save()
    page = text_of(signed_in(cast.mo).get("/clients/acme/edit/"))
    cleo = cast.cleo.memberships.get()
    assert f'<option value="{cast.acme.manager.uuid}" selected>Mo</option>' in page
    assert re.search(rf'value="{cleo.uuid}"[^>]* checked', page)


def test_an_edit_keeps_what_was_before_and_after_and_nothing_else(cast: Cast) -> None:
    mo, cleo = Membership.objects.get(user=cast.mo), Membership.objects.get(user=cast.cleo)
    data = {"name": "Acme", "slug": "acme", "tags": "vip", "timezone": "UTC", "manager": mo.uuid, "viewers": [cleo.uuid]}
    signed_in(cast.ann).post("/clients/acme/edit/", data)
    entry = newest_entry()
    assert entry.action == "client.edited"
    assert entry.before == {"tags": [], "manager": ""}
    assert entry.after == {"tags": ["vip"], "manager": "Mo"}


def test_a_new_slug_moves_the_pages(cast: Cast) -> None:
    data = {"name": "Acme", "slug": "acme-two", "timezone": "UTC"}
    assert signed_in(cast.ann).post("/clients/acme/edit/", data)["Location"] == "/clients/acme-two/edit/"


def test_archiving_stops_syncs_that_serve_nobody_else_and_closes_links(cast: Cast) -> None:
    alone, shared = connect(cast.north, key="key-of-acme-alone", client=cast.acme), connect(cast.north, key="key-of-two-clients")
    Scope.objects.create(connection=shared, client=cast.acme, kind="domain", value="acme.example")
    Scope.objects.create(connection=shared, client=cast.birch, kind="domain", value="birch.example")
    link, token = sharing.make(cast.acme, "Ms Kay", 30, 30, None)
    browser = signed_in(cast.mo)

    browser.post("/clients/acme/archive/")
    assert not Feed.objects.due().filter(connection=alone).exists()
    assert Feed.objects.due().filter(connection=shared).count() == 3
    assert sharing.find(token) is None
    assert "Archived" in text_of(browser.get("/clients/acme/edit/"))

    browser.post("/clients/acme/restore/")
    assert Feed.objects.due().filter(connection=alone).count() == 3
    assert sharing.find(token) == link
    assert actions() == ["report_link.made", "client.archived", "connection.paused", "client.restored", "connection.resumed"]


def test_an_archived_client_is_restored_from_its_own_page_by_those_who_may(cast: Cast) -> None:
    browser, button = signed_in(cast.mo), 'action="/clients/acme/restore/"'
    assert button not in text_of(browser.get("/clients/acme/"))
    browser.post("/clients/acme/archive/")
    assert button in text_of(browser.get("/clients/acme/"))
    assert button not in text_of(signed_in(cast.ben).get("/clients/acme/"))


def test_restoring_leaves_alone_what_a_person_paused(cast: Cast) -> None:
    connection = connect(cast.north, key="key-of-acme-alone", client=cast.acme)
    browser = signed_in(cast.mo)
    for act in (f"/connections/{connection.uuid}/pause/", "/clients/acme/archive/", "/clients/acme/restore/"):
        browser.post(act)
    assert Connection.objects.get().health == Health.PAUSED


def test_restoring_says_which_accounts_sync_again_and_which_do_not(cast: Cast) -> None:
    browser = signed_in(cast.mo)

    def restored() -> str:
        browser.post("/clients/acme/archive/")
        return text_of(browser.post("/clients/acme/restore/", follow=True))

    assert "Acme is back. No account serves it yet." in restored()
    first = connect(cast.north, key="key-of-acme-alone", label="First", client=cast.acme)
    assert "Acme is back. Its accounts sync again." in restored()
    browser.post(f"/connections/{first.uuid}/pause/")
    assert "Acme is back. First is still paused: resume it on its page." in restored()
    second = connect(cast.north, key="another-key-of-acme", label="Second", client=cast.acme)
    Connection.objects.filter(pk=connect(cast.north, key="third-key-of-acme", label="Third", client=cast.acme).pk).update(
        health=Health.REFUSED
    )
    assert "1 account syncs again. First is still paused: resume it on its page. Third waits for a key" in restored()
    assert Connection.objects.get(pk=second.pk).health == Health.OK


@pytest.mark.parametrize(("who", "status"), [("ann", 200), ("mo", 200), ("ben", 403), ("cleo", 403), ("zoe", 404)])
def test_who_may_edit(cast: Cast, who: str, status: int) -> None:
    browser = signed_in(getattr(cast, who))
    assert browser.get("/clients/acme/edit/").status_code == status
    if status != 200:
        for act in ("edit", "archive", "restore"):
            assert (
                browser.post(f"/clients/acme/{act}/", {"name": "Mine", "slug": "acme", "timezone": "UTC"}).status_code == status
            )
        cast.acme.refresh_from_db()
        assert (cast.acme.name, cast.acme.archived_at) == ("Acme", None)


def test_acts_are_posts(cast: Cast) -> None:
    assert signed_in(cast.mo).get("/clients/acme/archive/").status_code == 405
