"""Adding a connection, with the vendor answering over HTTP."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection as database
from django.utils.html import strip_tags

from clients import connecting, overlaps, trying
from clients.models import Connection, Feed, Scope
from clients.overlaps import Overlap, ReadTwice
from sandbox.server import Sandbox
from tests.cast import Cast, connect, make_cast
from tests.clients.doing import CANARY, newest_entry, signed_in, text_of

FORM = {"vendor": "inboxally", "label": "Acme main", "client": "acme", "kind": "all", "values": ""}


def label_of_key(response: Any) -> str:
    found = re.search(r'<label for="id_api_key">(.*?)</label>', text_of(response))
    assert found
    return strip_tags(found[1])


def test_a_good_key_is_stored_sealed_and_due_at_once(cast: Cast, vendor: Sandbox) -> None:
    key = vendor.key("northwind")
    response = signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": f' "{key}"\n'})
    made = Connection.objects.get()
    assert response["Location"] == f"/connections/{made.uuid}/"
    assert made.secrets() == {"api_key": key}
    assert key not in made.credentials
    assert made.last4 == key[-4:]
    assert sorted(Feed.objects.due().values_list("resource", flat=True)) == ["broadcasts", "seeds", "senders"]
    assert not Feed.objects.filter(requested_at=None).exists()
    assert [(scope.client, str(scope)) for scope in made.scopes.all()] == [(cast.acme, "everything")]
    assert (newest_entry().action, newest_entry().subject) == ("connection.added", made.uuid)


def test_a_refused_key_is_said_at_its_field_and_nothing_is_stored(cast: Cast, vendor: Sandbox) -> None:
    response = signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": CANARY})
    assert response.status_code == 422
    assert "refuses the API key" in str(response.context["form"].errors["api_key"])
    assert not Connection.objects.exists()
    assert CANARY not in text_of(response)


def test_a_refused_key_is_kept_for_another_try_and_written_over_by_another(cast: Cast, vendor: Sandbox) -> None:
    browser = signed_in(cast.mo)
    kept = {"kept": _kept(refused := browser.post("/connections/new/", FORM | {"api_key": CANARY}))}
    assert label_of_key(refused) == "API key kept from what you sent"
    again = browser.post("/connections/new/", FORM | kept)
    assert "refuses the API key" in str(again.context["form"].errors["api_key"]), "it was asked about again"
    browser.post("/connections/new/", FORM | kept | {"api_key": vendor.key("northwind")})
    assert Connection.objects.get().secrets() == {"api_key": vendor.key("northwind")}


def _kept(response: Any) -> str:
    return str(response.context["form"]["kept"].value())


def test_when_nobody_can_tell_one_may_save_without_a_test(cast: Cast, vendor: Sandbox) -> None:
    vendor.faults.add("error", times=None)
    browser = signed_in(cast.mo)
    asked = browser.post("/connections/new/", FORM | {"api_key": vendor.key("northwind")})
    assert asked.status_code == 422
    assert "could not be tested" in text_of(asked)
    assert not Connection.objects.exists()
    assert vendor.key("northwind") not in text_of(asked)
    assert label_of_key(asked) == "API key kept from what you sent"

    kept = asked.context["form"]["kept"].value()
    requests = len(list(vendor.requests))
    browser.post("/connections/new/", FORM | {"kept": kept, "untested": "1"})
    assert Connection.objects.get().secrets() == {"api_key": vendor.key("northwind")}
    assert len(list(vendor.requests)) == requests, "saved without a test"
    assert newest_entry().after["tested"] is False


def test_a_kept_key_opens_for_the_member_who_sent_it_only(cast: Cast, vendor: Sandbox) -> None:
    vendor.faults.add("error", times=None)
    kept = (
        signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("northwind")}).context["form"]["kept"].value()
    )
    vendor.faults.clear()
    response = signed_in(cast.ann).post("/connections/new/", FORM | {"kept": kept})
    assert "Paste the key" in text_of(response)
    assert label_of_key(response) == "API key"
    assert not Connection.objects.exists()


def test_other_errors_do_not_make_one_paste_the_key_again(cast: Cast, vendor: Sandbox) -> None:
    browser = signed_in(cast.mo)
    wrong = browser.post("/connections/new/", FORM | {"label": "", "api_key": vendor.key("northwind")})
    assert vendor.key("northwind") not in text_of(wrong)
    browser.post("/connections/new/", FORM | {"kept": wrong.context["form"]["kept"].value()})
    assert Connection.objects.get().secrets() == {"api_key": vendor.key("northwind")}


@pytest.mark.parametrize("key", ["kéy-with-accents-1234", "two words in it", "short", "k" * 500])
def test_rubbish_is_an_error_at_the_field_and_asks_no_vendor(cast: Cast, vendor: Sandbox, key: str) -> None:
    response = signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": key})
    assert response.status_code == 422
    assert not list(vendor.requests)
    assert not Connection.objects.exists()


def test_a_key_twice_leads_to_the_connection_that_has_it(cast: Cast, vendor: Sandbox) -> None:
    there = connect(cast.north, key=vendor.key("shared"), label="The shared one", client=cast.birch)
    response = signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("shared")})
    assert f"/connections/{there.uuid}/scopes/?client=acme" in text_of(response)
    assert "The shared one" in text_of(response)
    assert label_of_key(response) == "API key kept from what you sent"
    assert Connection.objects.count() == 1


def test_two_agencies_may_hold_the_same_key(cast: Cast, vendor: Sandbox) -> None:
    connect(cast.south, key=vendor.key("shared"))
    response = signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("shared")})
    assert response.status_code == 302


def test_a_key_connected_by_another_between_look_and_write_is_said_so(cast: Cast) -> None:
    draft = connecting.draft(cast.north, "inboxally", "Mine", {"api_key": "the-very-same-key"})
    connect(cast.north, key="the-very-same-key", label="Faster")
    with pytest.raises(connecting.Duplicate, match="Faster"):
        connecting.add(draft, [], None)
    assert Connection.objects.count() == 1


def test_a_part_of_an_account_is_chosen_on_the_form(cast: Cast, vendor: Sandbox) -> None:
    form = FORM | {"api_key": vendor.key("shared"), "kind": "domain", "values": "@Lumen.example, kestrel.example"}
    signed_in(cast.mo).post("/connections/new/", form)
    assert sorted(map(str, Scope.objects.all())) == ["domain kestrel.example", "domain lumen.example"]


@pytest.mark.parametrize(
    ("kind", "values", "said"), [("domain", "", "at least one domain"), ("domain", "not a domain", "is not a domain")]
)
def test_a_part_that_is_none_is_an_error(cast: Cast, vendor: Sandbox, kind: str, values: str, said: str) -> None:
    form = FORM | {"api_key": vendor.key("shared"), "kind": kind, "values": values}
    assert said in text_of(signed_in(cast.mo).post("/connections/new/", form))


def test_without_a_client_all_of_it_is_unassigned(cast: Cast, vendor: Sandbox) -> None:
    signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("shared"), "client": ""})
    assert not Connection.objects.get().scopes.exists()


def test_another_agencys_client_can_not_be_chosen(cast: Cast, vendor: Sandbox) -> None:
    signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("shared"), "client": "oak"})
    assert not Connection.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_vendor_is_never_asked_inside_a_transaction(vendor: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    cast, inside = make_cast(), []
    ask = trying.open_vendor

    def watched(*args: Any, **kwargs: Any) -> Any:
        inside.append(database.in_atomic_block)
        return ask(*args, **kwargs)

    monkeypatch.setattr(trying, "open_vendor", watched)
    browser = signed_in(cast.mo)
    browser.post("/connections/new/", FORM | {"api_key": vendor.key("northwind")})
    made = Connection.objects.get()
    browser.post(f"/connections/{made.uuid}/test/")
    browser.post(f"/connections/{made.uuid}/key/", {"api_key": vendor.key("brunnen")})
    assert inside == [False, False, False]


def test_another_vendors_tab_keeps_client_and_label(cast: Cast) -> None:
    browser = signed_in(cast.mo)
    kept = "?vendor=imail&amp;client=acme&amp;label="
    assert f'href="{kept}Acme"' in text_of(browser.get("/connections/new/?client=acme"))
    shown = text_of(browser.get("/connections/new/?vendor=imail&client=acme&label=Acme%20%26%20sons"))
    assert 'value="Acme &amp; sons"' in shown
    assert '<option value="acme" selected>' in shown
    assert "?vendor=inboxally&amp;client=acme&amp;label=Acme%20%26%20sons" in shown
    typed = browser.post("/connections/new/?client=acme", {"vendor": "inboxally", "client": "acme", "label": "Ours"})
    assert f'href="{kept}Ours"' in typed.content.decode()
    assert 'href="?vendor=imail"' in text_of(browser.get("/connections/new/"))


def test_two_accounts_of_a_vendor_are_not_called_alike(cast: Cast, vendor: Sandbox) -> None:
    browser, new = signed_in(cast.mo), "/connections/new/"
    browser.post(new, FORM | {"label": "Acme", "api_key": vendor.key("northwind")})
    assert 'value="Acme 2"' in text_of(browser.get(f"{new}?client=acme"))
    again = browser.post(new, FORM | {"label": "acme", "api_key": vendor.key("shared")})
    assert (again.status_code, Connection.objects.count()) == (422, 1)
    assert "acme 2" in str(again.context["form"].errors["label"])
    kept = again.context["form"]["kept"].value()
    assert browser.post(new, FORM | {"label": "Acme 2", "kept": kept}).status_code == 302
    assert Connection.objects.count() == 2


def test_a_second_key_of_a_workspace_is_led_to_where_keys_are_replaced(
    cast: Cast, vendor: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = connect(cast.north, key="k" * 12, client=cast.acme)

    def reads_twice(*_: Any) -> None:
        raise ReadTwice(Overlap(known, "w1", "Northwind"))

    monkeypatch.setattr(overlaps, "refuse_twice", reads_twice)
    page = signed_in(cast.mo).post("/connections/new/", FORM | {"api_key": vendor.key("northwind")})
    assert page.status_code == 422
    assert f"/connections/{known.uuid}/key/" in text_of(page)
